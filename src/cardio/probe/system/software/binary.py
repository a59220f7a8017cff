"""What a program or library file is made for, read from its head; nothing is ever loaded.

Formats: ELF (System V gABI, "ELF header"), PE/COFF (Microsoft PE format, "COFF file header"),
Mach-O (Apple, mach-o/loader.h and fat.h).
"""

import struct

from cardio.probe.system.known import ABSENT, Known, NotReadable, Why

_ELF_MACHINES = {3: "x86", 40: "arm", 62: "x86_64", 183: "arm64"}
_PE_MACHINES = {0x014C: "x86", 0x01C4: "arm", 0x8664: "x86_64", 0xAA64: "arm64"}
_MACH_MACHINES = {7: "x86", 12: "arm", 0x01000007: "x86_64", 0x0100000C: "arm64"}
_OTHER = "other"

_MACH_THIN = {b"\xce\xfa\xed\xfe": "<", b"\xcf\xfa\xed\xfe": "<"}
_MACH_FAT = {b"\xca\xfe\xba\xbe": 20, b"\xca\xfe\xba\xbf": 32}
"""Magic numbers of files for several processors, and the size of one of their entries."""
_MOST_SLICES = 16
"""A Java class has the same magic number; what it has next is more than any real file's count."""

_PE_OFFSET = 0x3C
_VERSION_MARK = struct.pack("<LL", 0xFEEF04BD, 0x00010000)
"""Begin of VS_FIXEDFILEINFO: its signature and structure version (verrsrc.h)."""


def architectures(data: bytes) -> Known[tuple[str, ...]]:
    """The processors a file is for: "x86", "x86_64", "arm", "arm64", "other"."""
    try:
        found = _elf(data) or _pe(data) or _mach(data)
    except struct.error:
        found = ()
    return found or NotReadable(Why.MALFORMED, "no program")


def file_version(data: bytes) -> Known[str]:
    """The version in a Windows file's resources, as "5.2.6.0"; `ABSENT` in other files."""
    start = data.find(_VERSION_MARK)
    if data[:2] != b"MZ" or start < 0 or len(data) < start + 16:
        return ABSENT
    high, low = struct.unpack_from("<LL", data, start + 8)
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"


def _elf(data: bytes) -> tuple[str, ...]:
    if data[:4] != b"\x7fELF":
        return ()
    order = ">" if data[5:6] == b"\x02" else "<"
    (machine,) = struct.unpack_from(f"{order}H", data, 18)
    return (_ELF_MACHINES.get(machine, _OTHER),)


def _pe(data: bytes) -> tuple[str, ...]:
    if data[:2] != b"MZ":
        return ()
    (start,) = struct.unpack_from("<L", data, _PE_OFFSET)
    if data[start : start + 4] != b"PE\0\0":
        return ()
    (machine,) = struct.unpack_from("<H", data, start + 4)
    return (_PE_MACHINES.get(machine, _OTHER),)


def _mach(data: bytes) -> tuple[str, ...]:
    if order := _MACH_THIN.get(data[:4]):
        (machine,) = struct.unpack_from(f"{order}L", data, 4)
        return (_MACH_MACHINES.get(machine, _OTHER),)
    if not (size := _MACH_FAT.get(data[:4])):
        return ()
    (count,) = struct.unpack_from(">L", data, 4)
    if count > _MOST_SLICES:
        return ()
    machines = (struct.unpack_from(">L", data, 8 + size * n)[0] for n in range(count))
    return tuple(dict.fromkeys(_MACH_MACHINES.get(one, _OTHER) for one in machines))
