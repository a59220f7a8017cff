"""Can a browser use the professional's card and read a Vitale card?

facts: workstation_systems.md §4.2 to §4.4.
"""

from collections.abc import Iterator
from itertools import takewhile

from cardio.probe.check import Finding, Value, passed, unknown, warned
from cardio.probe.checks.installed import (
    Installed,
    browser_name,
    each_profile,
    modules_of,
    table,
    vendor_modules,
)
from cardio.probe.system.known import ABSENT, Known, NotReadable, is_known, is_no, value_or
from cardio.probe.system.software.facts import Browser, Module, ModuleKind, NativeHost
from cardio.probe.system.software.places import LINUX
from cardio.probe.system.software.versions import Reference, reference

_VITALE_HOST = "srvsvcnam"
_PORTAL = "/run/user/"


def has_browser(one: Installed) -> bool:
    """Whether a browser is installed."""
    return bool(one.browsers)


def wants_firefox_module(one: Installed) -> bool:
    """Whether there are a Firefox with a profile, and a Cryptolib for it to load."""
    return bool(list(each_profile(_firefoxes(one)))) and _knows_vendor(one)


def wants_chromium_module(one: Installed) -> bool:
    """Whether a browser here loads modules from the user's NSS database."""
    is_linux = one.software.platform == LINUX
    return is_linux and _knows_vendor(one) and len(one.browsers) > len(_firefoxes(one))


def has_module_database(one: Installed) -> bool:
    """Whether some browser loads modules that a file names."""
    return bool(_databases(one))


def wants_vitale(one: Installed) -> bool:
    """Whether somebody set a browser here up to read Vitale cards."""
    return has_browser(one) and (
        one.has("srvsvcnam") or any(_vitale_hosts(browser) for browser in one.browsers)
    )


def present(one: Installed) -> Finding:
    """Is there a browser that services support?"""
    browsers = one.software.browsers
    if not is_known(browsers):
        return unknown("unread", why=browsers.why.value if browsers is not ABSENT else None)
    names = tuple(dict.fromkeys(browser_name(browser) for browser in one.browsers))
    if names:
        return passed(browsers=names)
    unsure = any(isinstance(browser.installed, NotReadable) for browser in browsers)
    return unknown("unsure") if unsure else warned("none")


def version(one: Installed) -> Finding:
    """Is every browser recent, as far as a dated table tells?"""
    judged = list(_judged(one))
    outdated = [(browser, row) for browser, row in judged if not row.accepts(_version(browser))]
    if outdated:
        said = tuple(f"{_named(browser)} < {row.at_least}" for browser, row in outdated)
        return warned("outdated", browsers=said, **_dated(outdated[0][1]))
    if not judged:
        return passed("no-table", browsers=tuple(_named(browser) for browser in one.browsers))
    said, row = tuple(_named(browser) for browser, _ in judged), judged[0][1]
    if row.is_old(one.today):
        return passed("old-table", browsers=said, **_dated(row))
    return passed(browsers=said, **_dated(row))


def firefox_module(one: Installed) -> Finding:
    """Does every Firefox profile load the module of Cryptolib CPS, and can it?"""
    profiles = list(each_profile(_firefoxes(one)))
    loads = {name: vendor_modules(modules_of(b, profile)) for name, b, profile in profiles}
    without = tuple(name for name, modules in loads.items() if not modules)
    if any(isinstance(profile.modules, NotReadable) for _, _, profile in profiles):
        return unknown("unreadable", profiles=without)
    if len(without) == len(profiles):
        return warned("unregistered", profiles=without)
    for name, browser, _ in profiles:
        for module in loads[name]:
            if cause := _unusable(module, browser):
                return warned(cause, profile=name, library=module.library)
    if without:
        return warned("not-everywhere", profiles=without)
    return passed(profiles=tuple(loads))


def chromium_module(one: Installed) -> Finding:
    """Does the user's NSS database, which Chrome and Chromium read, have the module?"""
    modules = one.software.shared_modules
    if isinstance(modules, NotReadable):
        return unknown("unreadable", why=modules.why.value)
    vendor = vendor_modules(value_or(modules, ()))
    if not vendor:
        return warned("unregistered")
    gone = [module.library for module in vendor if module.architectures is ABSENT]
    return warned("gone", library=gone[0]) if gone else passed()


def rival_module(one: Installed) -> Finding:
    """Does another module take the card before that of Cryptolib CPS?"""
    beside: list[str] = []
    for name, modules in _databases(one).items():
        rivals = [module for module in modules if _is_rival(module, one)]
        first = list(takewhile(lambda module: module.kind is not ModuleKind.VENDOR, modules))
        if vendor_modules(modules) and any(rival in first for rival in rivals):
            return warned("before", where=name, library=rivals[0].library)
        if rivals:
            beside.append(name)
    if not beside:
        return passed()
    has_vendor = any(vendor_modules(_databases(one)[name]) for name in beside)
    return warned("beside", where=tuple(beside)) if has_vendor else passed("alone", where=beside[0])


def vitale_host(one: Installed) -> Finding:
    """Can each browser start the program that reads Vitale cards (else error FF00)?"""
    hosts = {browser_name(browser): _vitale_hosts(browser) for browser in one.browsers}
    blocked = tuple(browser_name(browser) for browser in one.browsers if _is_blocked(browser))
    if blocked:
        return warned("blocked", browsers=blocked)
    broken = {name: found for name, found in hosts.items() if found and found[0].flaws}
    if broken:
        flaws = dict.fromkeys(flaw for found in broken.values() for flaw in found[0].flaws)
        return warned("flaws", browsers=tuple(broken), host_flaws=tuple(flaws))
    without = tuple(name for name, found in hosts.items() if not found)
    if without:
        return warned("missing", browsers=without)
    return passed(browsers=tuple(hosts))


def vitale_extension(one: Installed) -> Finding:
    """Is the extension that reads Vitale cards in every profile, and switched on?"""
    profiles = list(each_profile(one.browsers))
    if any(isinstance(profile.extensions, NotReadable) for _, _, profile in profiles):
        return unknown("unreadable")
    states: dict[str, Known[bool]] = {}
    for name, _, profile in profiles:
        found = [e for e in value_or(profile.extensions, ()) if e.id == "vitale"]
        states[name] = found[0].active if found else ABSENT
    without = tuple(name for name, active in states.items() if active is ABSENT)
    if len(without) == len(states):
        return warned("missing")
    if off := tuple(name for name, active in states.items() if is_no(active)):
        return warned("off", profiles=off)
    if without:
        return warned("not-everywhere", profiles=without)
    if any(isinstance(active, NotReadable) for active in states.values()):
        return unknown("unreadable")
    return passed(profiles=tuple(states))


def _firefoxes(one: Installed) -> list[Browser]:
    return [browser for browser in one.browsers if browser.id == "firefox"]


def _knows_vendor(one: Installed) -> bool:
    """Whether Cryptolib is installed, or some file still names it."""
    return one.has("cryptolib") or any(vendor_modules(m) for m in _databases(one).values())


def _databases(one: Installed) -> dict[str, tuple[Module, ...]]:
    """The modules that each Firefox profile and the NSS database name, in their order."""
    profiles = each_profile(_firefoxes(one))
    found = {name: modules_of(browser, profile) for name, browser, profile in profiles}
    shared = value_or(one.software.shared_modules, ())
    return {name: modules for name, modules in (*found.items(), ("NSS", shared)) if modules}


def _unusable(module: Module, browser: Browser) -> str | None:
    """Why a browser cannot load a module that it should."""
    if module.library.startswith(_PORTAL):
        return "portal"
    if module.architectures is ABSENT:
        return "gone"
    if browser.packaging != "native":
        return "sandbox"
    built = value_or(module.architectures, ())
    own = value_or(browser.architectures, ())
    return "architecture" if built and own and not set(built) & set(own) else None


def _is_rival(module: Module, one: Installed) -> bool:
    """Whether it speaks to CPS cards in place of the vendor's; p11-kit if it offers OpenSC."""
    if module.kind is ModuleKind.P11_KIT:
        offered = value_or(one.software.p11_kit, ())
        return any(other.kind is ModuleKind.OPENSC for other in offered)
    return module.kind in (ModuleKind.OPENSC, ModuleKind.VENDOR_OLD)


def _vitale_hosts(browser: Browser) -> tuple[NativeHost, ...]:
    return tuple(host for host in value_or(browser.hosts, ()) if _VITALE_HOST in host.name)


def _is_blocked(browser: Browser) -> bool:
    """Whether an administrator's policy keeps the host from starting."""
    policy, hosts = browser.host_policy, _vitale_hosts(browser)
    if not is_known(policy):
        return False
    if any(_VITALE_HOST in name for name in policy.blocked):
        return True
    return not policy.user_hosts and bool(hosts) and all(host.scope == "user" for host in hosts)


def _judged(one: Installed) -> Iterator[tuple[Browser, Reference]]:
    """Browsers of known version for which there is a row; ESR has its own numbers and none."""
    for browser in one.browsers:
        row = reference(browser.id, one.software.platform)
        if row and _version(browser) and browser.is_esr is not True:
            yield browser, row


def _version(browser: Browser) -> str:
    return value_or(browser.version, "")


def _named(browser: Browser) -> str:
    return " ".join(filter(None, (browser_name(browser), _version(browser))))


def _dated(row: Reference) -> dict[str, Value]:
    """The table's own evidence; what it asks for is told with each browser."""
    return {name: value for name, value in table(row).items() if name != "at_least"}
