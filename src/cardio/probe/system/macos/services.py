"""CryptoTokenKit, which stands behind PC/SC on macOS, and what is set for it.

facts: workstation_systems.md §1.2. Its daemons start on demand: one that does not run while no
reader is there is normal; one that somebody disabled is not.
"""

import re
from collections.abc import Mapping

from cardio.probe.system.facts import PcscService, Scalar, Service, Settings, StartMode
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.macos.processes import process_names
from cardio.probe.system.macos.property_lists import printed, properties, scalar
from cardio.probe.system.sources import CommandResult, Sources

READER_DAEMON = "com.apple.usbsmartcardreaderd"
RELATED = ("com.apple.ifdreader", "com.apple.ctkpcscd")
_APPLES = "com.apple."
PREFERENCES = "/Library/Preferences/com.apple.security.smartcard.plist"
PREFERENCE_NAMES = ("useIFDCCID", "Logging", "UserPairing", "DisabledTokens")
TOKENS = "tokens"

_DISABLED = ("/bin/launchctl", "print-disabled", "system")
_TOKENS = ("/usr/bin/security", "list-smartcards")
_SYSTEM = "/System/Library/CoreServices/SystemVersion.plist"
_LINE = re.compile(r'^\s*"([^"]+)" => (disabled|enabled|true|false)\s*$', re.MULTILINE)
_WORDS = {"disabled": True, "true": True, "enabled": False, "false": False}
"""Older systems say "true" for disabled (facts: §1.2, A5)."""
_TOKEN = re.compile(r"^([\w.-]+):\S*$", re.MULTILINE)


def cryptotokenkit(sources: Sources) -> PcscService:
    """Apple's own driver, its helpers, the preferences, and the tokens that are there."""
    disabled = parse_disabled(sources.run(*_DISABLED))
    names = process_names(sources)
    version = scalar(properties(sources.read_file(_SYSTEM)), "ProductVersion")
    return PcscService(
        kind="cryptotokenkit",
        service=_service(READER_DAEMON, disabled, names),
        version=version if isinstance(version, str) or not is_known(version) else ABSENT,
        related=tuple(_service(name, disabled, names) for name in RELATED),
        settings=_settings(sources),
    )


def parse_disabled(result: Known[CommandResult]) -> Known[Mapping[str, bool]]:
    """The services somebody disabled or enabled by hand; the others are as Apple made them."""
    data = printed(result)
    if not is_known(data):
        return data
    shown = data.decode("utf-8", "replace")
    if "{" not in shown:
        return NotReadable(Why.MALFORMED, "launchctl")
    return {name: _WORDS[word] for name, word in _LINE.findall(shown)}


def parse_tokens(result: Known[CommandResult]) -> Known[tuple[str, ...]]:
    """The kinds of the tokens there, such as "fr.asip.esante.CPSToken": what stands after the
    colon may be a card's number, and is not kept.
    """
    data = printed(result)
    if not is_known(data):
        return data
    return tuple(dict.fromkeys(_TOKEN.findall(data.decode("utf-8", "replace"))))


def _service(
    name: str, disabled: Known[Mapping[str, bool]], names: Known[tuple[str, ...]]
) -> Service:
    """A part of macOS, so it is there."""
    return Service(name, installed=True, start=_start(name, disabled), running=_runs(name, names))


def _start(name: str, disabled: Known[Mapping[str, bool]]) -> Known[StartMode]:
    if not is_known(disabled):
        return disabled
    return StartMode.DISABLED if disabled.get(name) else StartMode.ON_DEMAND


def _runs(name: str, names: Known[tuple[str, ...]]) -> Known[bool]:
    """Some processes bear the whole name of their service, others its last part."""
    if not is_known(names):
        return names
    return name in names or name.removeprefix(_APPLES) in names


def _settings(sources: Sources) -> Settings:
    preferences = properties(sources.read_file(PREFERENCES))
    found: dict[str, Known[Scalar]] = {name: scalar(preferences, name) for name in PREFERENCE_NAMES}
    return found | {TOKENS: parse_tokens(sources.run(*_TOKENS))}
