"""The doors of this machine, opened for real."""

import os
import socket
import sys
from pathlib import Path

import pytest

from cardio.probe.system.facts import Knock
from cardio.probe.system.known import ABSENT, NotReadable, Why, is_known
from cardio.probe.system.live import LiveSources
from cardio.probe.system.sources import FILE_LIMIT, CommandResult

SOURCES = LiveSources()


def test_files_folders_and_links(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("socket:[1]")
    assert SOURCES.read_file(str(tmp_path / "file")) == b"x"
    assert SOURCES.list_dir(str(tmp_path)) == ("file", "link")
    assert SOURCES.read_link(str(tmp_path / "link")) == "socket:[1]"
    for door in (SOURCES.read_file, SOURCES.list_dir, SOURCES.read_link):
        assert door(str(tmp_path / "none")) is ABSENT
        assert door(str(tmp_path / "file" / "below")) is ABSENT


def test_what_fails_is_not_told_as_absent(tmp_path: Path) -> None:
    too_long = str(tmp_path / ("x" * 300))
    assert SOURCES.list_dir(too_long) == NotReadable(Why.FAILED, "ENAMETOOLONG")
    assert SOURCES.read_file(str(tmp_path)) == NotReadable(Why.FAILED, "not a file")
    os.mkfifo(tmp_path / "pipe")
    assert SOURCES.read_file(str(tmp_path / "pipe")) == NotReadable(Why.FAILED, "not a file")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_what_is_refused_is_denied(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "file").touch()
    os.seteuid(65534)
    try:
        answers = (
            SOURCES.read_file(str(closed / "file")),
            SOURCES.read_link(str(closed / "file")),
            SOURCES.list_dir(str(closed)),
        )
    finally:
        os.seteuid(0)
    assert answers == (NotReadable(Why.DENIED),) * 3


def test_a_huge_file_is_read_in_part(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(FILE_LIMIT + 1)
    found = SOURCES.read_file(str(tmp_path / "huge"))
    assert is_known(found)
    assert len(found) == FILE_LIMIT


def test_commands_answer_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    result = SOURCES.run("sh", "-c", "echo $LC_ALL; echo non >&2; exit 3")
    assert result == CommandResult(3, b"C\n", b"non\n")


def test_a_command_that_is_missing_forbidden_or_hangs(tmp_path: Path) -> None:
    forbidden = tmp_path / "forbidden"
    forbidden.write_text("#!/bin/sh\n")
    assert SOURCES.run("no-such-command-of-cardio") is ABSENT
    assert SOURCES.run(str(forbidden)) == NotReadable(Why.DENIED)
    hung = SOURCES.run("sleep", "20", limit=0.1)
    assert hung == NotReadable(Why.TIMEOUT, "sleep: 0.1 s")


def test_knocking_at_a_socket(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    assert SOURCES.knock(path) is Knock.NO_SOCKET
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(path)
        server.listen()
        assert SOURCES.knock(path) is Knock.ANSWERED
    assert SOURCES.knock(path) is Knock.REFUSED
    (tmp_path / "file").touch()
    assert SOURCES.knock(str(tmp_path / "file")) is Knock.REFUSED


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has a registry")
def test_other_systems_have_no_registry() -> None:
    assert SOURCES.registry.value(r"HKLM\SOFTWARE", "x") is ABSENT
    assert SOURCES.ask("anything") is ABSENT
