"""Reader drivers: bundles with their lists of USB ids, and readers named in files.

facts: workstation_systems.md §2.3.
"""

import plistlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast
from xml.parsers.expat import ExpatError

from cardio.probe.system.facts import ConfiguredReader, Driver, Drivers, usb_id
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.linux.pcscd import Build, build
from cardio.probe.system.sources import Sources

CCID = "ifd-ccid.bundle"
_BUNDLE_ROOTS = ("/usr/lib/pcsc/drivers", "/usr/lib64/pcsc/drivers", "/usr/local/lib/pcsc/drivers")
_CONFIG = "/etc/reader.conf.d"
_LINE = re.compile(r'^\s*(FRIENDLYNAME|DEVICENAME|LIBPATH|CHANNELID)\s+(?:"([^"]*)"|(\S+))')


@dataclass(frozen=True, slots=True)
class DriverList:
    """A driver's own description: its version and the readers it names."""

    version: str
    readers: frozenset[str]


def parse_plist(data: Known[bytes]) -> Known[DriverList]:
    """An Info.plist: parallel arrays of vendor and product ids, as hexadecimal of either case."""
    if not is_known(data):
        return data
    try:
        plist = cast(dict[str, Any], plistlib.loads(data))
        vendors, products = plist.get("ifdVendorID", []), plist.get("ifdProductID", [])
        pairs = zip(vendors, products, strict=True)
        readers = frozenset(usb_id(int(vendor, 16), int(product, 16)) for vendor, product in pairs)
        return DriverList(str(plist.get("CFBundleShortVersionString", "?")), readers)
    except (plistlib.InvalidFileException, ExpatError, ValueError, TypeError, AttributeError):
        return NotReadable(Why.MALFORMED, "Info.plist")


def ccid_list(sources: Sources, built: Known[Build]) -> Known[DriverList]:
    """The list of the CCID driver, wherever it is installed."""
    answers = [
        parse_plist(sources.read_file(f"{root}/{CCID}/Contents/Info.plist"))
        for root in _roots(built)
    ]
    return next((found for found in answers if found is not ABSENT), ABSENT)


def drivers(sources: Sources) -> Drivers:
    """All drivers and configured readers."""
    built = build(sources)
    folders = [(root, sources.list_dir(root)) for root in _roots(built)]
    bundles = tuple(_bundles(sources, folders))
    unread = next((names for _, names in folders if isinstance(names, NotReadable)), ABSENT)
    return Drivers(bundles or unread, configured(sources, _config(built)))


def configured(sources: Sources, folder: str) -> Known[tuple[ConfiguredReader, ...]]:
    """The readers announced in the files of a folder, serial ones above all."""
    names = sources.list_dir(folder)
    if not is_known(names):
        return names
    return tuple(reader for name in names for reader in _read(sources, f"{folder}/{name}"))


def _read(sources: Sources, path: str) -> Iterator[ConfiguredReader]:
    """The readers of one file; one that is not readable may announce any."""
    data = sources.read_file(path)
    if is_known(data):
        for entry in parse_reader_conf(data.decode("utf-8", "replace")):
            yield _reader(sources, entry)
    elif data is not ABSENT:
        yield ConfiguredReader("?", data, data)


def parse_reader_conf(text: str) -> tuple[dict[str, str], ...]:
    """The entries of a reader.conf(5) file, keys in any order: one that comes again begins the
    next entry.
    """
    entries: list[dict[str, str]] = []
    for line in text.splitlines():
        if found := _LINE.match(line):
            if not entries or found[1] in entries[-1]:
                entries.append({})
            entries[-1][found[1]] = found[2] if found[2] is not None else found[3]
    return tuple(entries)


def _reader(sources: Sources, entry: dict[str, str]) -> ConfiguredReader:
    folder, _, file = entry.get("LIBPATH", "").rpartition("/")
    names = sources.list_dir(folder)
    exists = file in names if is_known(names) else False if names is ABSENT else names
    return ConfiguredReader(entry.get("FRIENDLYNAME", ""), entry.get("DEVICENAME", ""), exists)


def _bundles(
    sources: Sources, folders: Iterable[tuple[str, Known[tuple[str, ...]]]]
) -> Iterator[Driver]:
    for root, names in folders:
        for name in (one for one in names if one.endswith(".bundle")) if is_known(names) else ():
            found = parse_plist(sources.read_file(f"{root}/{name}/Contents/Info.plist"))
            if is_known(found):
                yield Driver(name.removesuffix(".bundle"), found.version, len(found.readers))
            else:
                yield Driver(name.removesuffix(".bundle"), found, found)


def _config(built: Known[Build]) -> str:
    """The folder this pcscd reads; the feature had another name before 2.x."""
    told = (built.named(name) for name in ("serialconfdir", "configdir")) if is_known(built) else ()
    return next((folder for folder in told if folder), _CONFIG)


def _roots(built: Known[Build]) -> tuple[str, ...]:
    """Where this pcscd looks; the usual places if it did not say."""
    told = built.named("usbdropdir") if is_known(built) else None
    return (told,) if told else _BUNDLE_ROOTS
