"""Of what the checks of software are asked: the software, beside the readers it is for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from cardio.probe.check import Value
from cardio.probe.facts import WorkstationFacts
from cardio.probe.subjects import CPS_KINDS, VITALE_KINDS
from cardio.probe.system.known import is_known, is_yes, value_or
from cardio.probe.system.software.facts import (
    Browser,
    GalssFile,
    Module,
    ModuleKind,
    Product,
    Profile,
    SoftwareFacts,
)
from cardio.probe.system.software.galss import GalssConfig, Role
from cardio.probe.system.software.versions import Reference, parts

Subjects = Iterable[tuple[None, "Installed"]]

_MACHINES = {
    "amd64": "x86_64",
    "x86_64": "x86_64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "i386": "x86",
    "i686": "x86",
    "x86": "x86",
}
"""What systems call a processor, and our word (binary.py)."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What is installed, and the workstation it is for."""

    software: SoftwareFacts
    workstation: WorkstationFacts

    @property
    def today(self) -> date:
        return self.workstation.now.date()

    @property
    def architecture(self) -> str | None:
        """The machine's processor; None for one that vendors of this software do not serve."""
        return _MACHINES.get(self.workstation.machine.architecture.lower())

    @property
    def readers(self) -> tuple[str, ...] | None:
        """Names of the readers that PC/SC shows; None where they could not be listed."""
        if self.workstation.failure or self.workstation.source != "pcsc":
            return None
        return tuple(reader.name for reader in self.workstation.readers)

    @property
    def cards(self) -> dict[str, Role]:
        """Which of the two cards is in which reader, as far as they were recognised."""
        kinds = {one.name: one.match.kind for one in self.workstation.readers if one.match}
        cps = {name: Role.CPS for name, kind in kinds.items() if kind in CPS_KINDS}
        return cps | {name: Role.VITALE for name, kind in kinds.items() if kind in VITALE_KINDS}

    @property
    def galss(self) -> GalssFile | None:
        return self.software.galss if is_known(self.software.galss) else None

    @property
    def galss_config(self) -> GalssConfig | None:
        """What galss.ini says; None where there is none, or nobody may read it."""
        config = self.galss.config if self.galss else None
        return config if config is not None and is_known(config) else None

    @property
    def browsers(self) -> tuple[Browser, ...]:
        """Those known to be installed."""
        found = value_or(self.software.browsers, ())
        return tuple(browser for browser in found if is_yes(browser.installed))

    def product(self, product_id: str) -> Product:
        """One product; where the list could not be made, one that may or may not be there."""
        found = self.software.product(product_id)
        return found if is_known(found) else Product(product_id, found)

    def has(self, product_id: str) -> bool:
        """Whether a product is known to be installed."""
        return is_yes(self.product(product_id).installed)


def installed(facts: WorkstationFacts) -> Subjects:
    """The software, where it was looked at."""
    return [(None, Installed(facts.software, facts))] if facts.software else []


def where(condition: Callable[[Installed], object]) -> Callable[[WorkstationFacts], Subjects]:
    """The software of workstations for which the question makes sense."""
    return lambda facts: [(None, one) for _, one in installed(facts) if condition(one)]


def each_profile(browsers: Iterable[Browser]) -> Iterator[tuple[str, Browser, Profile]]:
    """Every profile under a name that is nobody's: "Firefox #2"."""
    for browser in browsers:
        for profile in value_or(browser.profiles, ()):
            yield f"{browser_name(browser)} #{profile.number}", browser, profile


def browser_name(browser: Browser) -> str:
    """What people call it."""
    name = browser.id.capitalize()
    return name if browser.packaging == "native" else f"{name} ({browser.packaging})"


def modules_of(browser: Browser, profile: Profile) -> tuple[Module, ...]:
    """What a profile loads: its own, then those of the administrator's policy."""
    policy = browser.module_policy
    added = policy.added if is_known(policy) else ()
    return (*value_or(profile.modules, ()), *added)


def vendor_modules(modules: Iterable[Module]) -> tuple[Module, ...]:
    """Those of Cryptolib CPS."""
    return tuple(one for one in modules if one.kind is ModuleKind.VENDOR)


def table(row: Reference) -> dict[str, Value]:
    """Where a reference version comes from, as evidence."""
    return {
        "at_least": row.at_least,
        "table_date": row.dated,
        "table_source": row.source,
        "table_confidence": row.confidence,
    }


def lowest(versions: Iterable[str]) -> str | None:
    """Of several versions side by side, any may be the one that is used: the oldest."""
    return min(versions, key=parts, default=None)
