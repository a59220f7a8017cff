"""pcscd: is it there, how does it start, does its socket answer, who is let in.

facts: workstation_systems.md §1.3.
"""

import re
from dataclasses import dataclass

from cardio.probe.system.facts import PcscService, Service, StartMode
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known, is_yes
from cardio.probe.system.linux.libraries import copies
from cardio.probe.system.linux.shown import Block, blocks, text
from cardio.probe.system.sources import CommandResult, Sources

SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"
SOCKET = "/run/pcscd/pcscd.comm"
PROGRAMS = ("/usr/sbin/pcscd", "/usr/bin/pcscd", "/usr/local/sbin/pcscd")
POLICY = "/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy"
ACTIONS = ("access_pcsc", "access_card")

_UNITS = ("pcscd.socket", "pcscd.service")
_PROPERTIES = "Id,LoadState,ActiveState,SubState,UnitFileState,Result"
_VERSION = re.compile(r"^pcsc-lite version ([\w.+~-]*?)\.?$", re.MULTILINE)
_FEATURES = re.compile(r"^Enabled features:(.*)$", re.MULTILINE)
_HIDEPID = re.compile(r"^\S+ /proc proc (?:\S*,)?hidepid=(\w+)", re.MULTILINE)
_HIDING = frozenset({"2", "4", "invisible", "ptraceable"})
"""Values of hidepid that hide other people's processes (proc(5))."""

_STARTS = {
    "enabled": StartMode.AUTOMATIC,
    "indirect": StartMode.ON_DEMAND,
    "static": StartMode.ON_DEMAND,
    "disabled": StartMode.MANUAL,
    "masked": StartMode.DISABLED,
}
_PKCHECK = {0: True, 1: False, 2: False, 3: False}
"""Exit codes of pkcheck(1): 2 and 3 would ask for a password first; others mean it broke."""


@dataclass(frozen=True, slots=True)
class Build:
    """What `pcscd --version` says; features are words, some of them `name=value`."""

    version: str
    features: tuple[str, ...]

    def named(self, name: str) -> str | None:
        """The value of a feature such as `usbdropdir`."""
        pairs = (feature.partition("=") for feature in self.features)
        return next((value for key, _, value in pairs if key == name and value), None)


def pcscd(sources: Sources) -> PcscService:
    """All about pcscd."""
    built = build(sources)
    units = _units(sources.run("systemctl", "show", *_UNITS, "-p", _PROPERTIES))
    polkit = _asks_polkit(sources, built)
    checks = {action: _pkcheck(sources, action) for action in ACTIONS} if is_yes(polkit) else {}
    return PcscService(
        kind="pcscd",
        service=_service("pcscd.service", units, _is_there(built)),
        socket=_service("pcscd.socket", units),
        version=built.version if is_known(built) else built,
        features=built.features if is_known(built) else (),
        knock=sources.knock(sources.environment.get(SOCKET_VARIABLE) or SOCKET),
        redirected=SOCKET_VARIABLE in sources.environment,
        asks_polkit=polkit,
        allowed=_all(tuple(checks.values())),
        hides_processes=_hides(sources.read_file("/proc/mounts")),
        libraries=copies(sources),
        settings=checks,
    )


def build(sources: Sources) -> Known[Build]:
    """The installed pcscd; most users do not have /usr/sbin in their PATH."""
    for program in PROGRAMS:
        if (found := parse_version(sources.run(program, "--version"))) is not ABSENT:
            return found
    return ABSENT


def parse_version(result: Known[CommandResult]) -> Known[Build]:
    """The answer of `pcscd --version`."""
    if not is_known(result):
        return result
    found = _VERSION.search(result.text)
    if not found:
        return NotReadable(Why.MALFORMED, "pcscd --version")
    features = _FEATURES.search(result.text)
    return Build(found[1], tuple(features[1].split()) if features else ())


def _is_there(fact: Known[object]) -> Known[bool]:
    return True if is_known(fact) else False if fact is ABSENT else fact


def _units(shown: Known[CommandResult]) -> Known[dict[str, Block]]:
    found = blocks(shown)
    return {block.get("Id", ""): block for block in found} if is_known(found) else found


def _service(
    name: str, units: Known[dict[str, Block]], installed: Known[bool] | None = None
) -> Service:
    """A unit. `installed` is what is known of it where systemd tells nothing."""
    unit = units.get(name, NotReadable(Why.MALFORMED)) if is_known(units) else units
    loaded, result = text(unit, "LoadState"), text(unit, "Result")
    if not is_known(loaded):
        there = loaded if installed is None else installed
        return Service(name, there, start=loaded, running=loaded, failure=loaded)
    active = text(unit, "ActiveState")
    start = "masked" if loaded == "masked" else text(unit, "UnitFileState")
    return Service(
        name,
        installed=loaded != "not-found",
        start=_STARTS.get(start, NotReadable(Why.MALFORMED, start)) if is_known(start) else start,
        running=active == "active" if is_known(active) else active,
        failure=result if active == "failed" else ABSENT,
    )


def _asks_polkit(sources: Sources, built: Known[Build]) -> Known[bool]:
    """Features name it in the builds that have it; else its policy file tells."""
    if is_known(built):
        return "polkit" in built.features
    policy = _is_there(sources.read_file(POLICY))
    return policy if policy is True or built is ABSENT else built


def _pkcheck(sources: Sources, action: str) -> Known[bool]:
    """Whether polkit lets this very process do it; never asks anybody."""
    me = sources.read_link("/proc/self")
    if not is_known(me):
        return me
    action_id = f"org.debian.pcsc-lite.{action}"
    result = sources.run("pkcheck", "--action-id", action_id, "--process", me)
    if not is_known(result):
        return result
    return _PKCHECK.get(result.exit_code, NotReadable(Why.FAILED, f"exit {result.exit_code}"))


def _all(answers: tuple[Known[bool], ...]) -> Known[bool]:
    """No if one says no, yes if all say yes; `ABSENT` where nobody was asked."""
    unknown = next((answer for answer in answers if not is_known(answer)), None)
    if not answers or False in answers or unknown is None:
        return False not in answers if answers else ABSENT
    return unknown


def _hides(mounts: Known[bytes]) -> Known[bool]:
    if not is_known(mounts):
        return mounts
    found = _HIDEPID.search(mounts.decode("utf-8", "replace"))
    return found is not None and found[1] in _HIDING
