"""A report of a real system beside emulated cards says nobody's name, not even the user's."""

import io
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from cardio.cli.render_probe import render
from cardio.locale import LANGUAGES, translator
from cardio.probe import Report, probe, to_html, to_json
from cardio.probe.system.live import LiveSources
from cardio.probe.system.platform import platform_of

SHOWN = ("anatole.essai", "zephyrine", "s3cr3t-proxy", "192.0.2.77", "poste-de-zephyrine")


def views(report: Report) -> str:
    out = io.StringIO()
    parts: list[str] = [repr(report)]
    for text in map(translator, LANGUAGES):
        parts += [json.dumps(to_json(report, text), ensure_ascii=False), to_html(report, text)]
        Console(file=out, width=200).print(render(report, text))
    return "".join((*parts, out.getvalue())).casefold()


def settle_in(home: Path) -> None:
    """A home with what the probe looks into: Firefox and Chromium profiles, NSS, galss.ini."""
    profile = home / ".mozilla/firefox/abc.zephyrine"
    profile.mkdir(parents=True)
    (home / ".mozilla/firefox/profiles.ini").write_text(
        "[Profile0]\nName=zephyrine\nIsRelative=1\nPath=abc.zephyrine\nDefault=1\n"
    )
    module = home / "modules/module.so"
    (profile / "pkcs11.txt").write_text(f"library={module}\nname=zephyrine\n")
    (profile / "extensions.json").write_text('{"addons": [{"id": "anatole.essai@x"}]}')
    chromium = home / ".config/chromium"
    hosts = chromium / "NativeMessagingHosts"
    hosts.mkdir(parents=True)
    host = {"name": "fr.sesamvitale.srvsvcnam_native_messaging_host", "path": str(module)}
    (hosts / f"{host['name']}.json").write_text(json.dumps(host))
    (
        chromium / "NativeMessagingHosts/fr.sesamvitale.srvsvcnam_native_messaging_host.json"
    ).write_text(json.dumps(host))
    (chromium / "Local State").write_text('{"profile": {"info_cache": {"zephyrine": {}}}}')


def test_neither_user_nor_host_nor_home_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home/anatole.essai"
    settle_in(home)
    for name, value in {
        "HOME": str(home),
        "USER": "zephyrine",
        "LOGNAME": "zephyrine",
        "HOSTNAME": "poste-de-zephyrine",
        "https_proxy": "http://zephyrine:s3cr3t-proxy@proxy.test:3128",
        "SSH_CONNECTION": "192.0.2.77 50000 192.0.2.77 22",
        "PCSCLITE_CSOCK_NAME": str(home / "zephyrine.comm"),
    }.items():
        monkeypatch.setenv(name, value)
    report = probe("demo", platform=platform_of("linux", LiveSources()))
    assert report.system is not None
    assert report.software is not None
    assert {one.cause for one in report.checks if one.check == "session.place"} == {"away"}
    shown = views(report)
    assert [one for one in SHOWN if one in shown] == []
    assert str(home).casefold() not in shown
    assert not re.search(rf"\b{re.escape(os.uname().nodename.casefold())}\b", shown)


names = st.text(st.characters(codec="ascii", categories=("Ll",)), min_size=9, max_size=16)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(names)
def test_no_name_of_a_user_comes_through(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    home = tmp_path_factory.mktemp("h") / name
    settle_in(home)
    with monkeypatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("USER", name)
        patch.setenv("PCSCLITE_CSOCK_NAME", str(home / "x.comm"))
        shown = views(probe("demo", platform=platform_of("linux", LiveSources())))
    assert name not in shown
