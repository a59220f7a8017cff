"""Heads of real and hand-made programs."""

import platform
import struct
import sys
from pathlib import Path

import pytest

from cardio.probe.system.known import ABSENT, NotReadable, is_known
from cardio.probe.system.software.binary import architectures, file_version

OPENSC = Path("/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so")


def elf(machine: int, order: str = "<") -> bytes:
    return (
        b"\x7fELF\x02"
        + (b"\x01" if order == "<" else b"\x02")
        + bytes(10)
        + struct.pack(f"{order}HH", 3, machine)
    )


def pe(machine: int, version: tuple[int, int, int, int] | None = None) -> bytes:
    head = b"MZ" + bytes(0x3A) + struct.pack("<L", 0x40) + b"PE\0\0" + struct.pack("<H", machine)
    if version is None:
        return head
    high, low = version[0] << 16 | version[1], version[2] << 16 | version[3]
    return head + bytes(50) + struct.pack("<LLLL", 0xFEEF04BD, 0x00010000, high, low)


def fat(*machines: int) -> bytes:
    entries = b"".join(struct.pack(">LLLLL", machine, 0, 0, 0, 0) for machine in machines)
    return b"\xca\xfe\xba\xbe" + struct.pack(">L", len(machines)) + entries


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (elf(62), ("x86_64",)),
        (elf(3), ("x86",)),
        (elf(183), ("arm64",)),
        (elf(21, ">"), ("other",)),
        (pe(0x014C), ("x86",)),
        (pe(0x8664), ("x86_64",)),
        (pe(0xAA64), ("arm64",)),
        (b"\xcf\xfa\xed\xfe" + struct.pack("<L", 0x0100000C), ("arm64",)),
        (fat(0x01000007, 0x0100000C), ("x86_64", "arm64")),
    ],
)
def test_what_a_program_is_for(data: bytes, expected: tuple[str, ...]) -> None:
    assert architectures(data) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"#!/bin/sh\n",
        b"MZ",
        elf(62)[:18],
        pe(0x8664)[:-1],
        fat(7)[:-17],
        b"\xca\xfe\xba\xbe\0\0\0\x34\0\x1d",
    ],
    ids=["empty", "script", "DOS", "short ELF", "short PE", "short Mach-O", "Java class"],
)
def test_no_program_or_half_of_one_is_not_readable(data: bytes) -> None:
    assert isinstance(architectures(data), NotReadable)


def test_version_in_a_windows_file() -> None:
    assert file_version(pe(0x8664, (5, 2, 6, 0))) == "5.2.6.0"
    assert file_version(pe(0x8664)) is ABSENT
    assert file_version(elf(62)) is ABSENT


@pytest.mark.skipif(sys.platform != "linux", reason="reads this machine's own programs")
def test_the_python_that_runs_this_is_for_this_machine() -> None:
    found = architectures(Path(sys.executable).read_bytes())
    expected = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine())
    assert is_known(found)
    assert expected is None or found == (expected,)


@pytest.mark.skipif(not OPENSC.exists(), reason="OpenSC is not installed")
def test_a_real_module() -> None:
    assert architectures(OPENSC.read_bytes()) == ("x86_64",)
