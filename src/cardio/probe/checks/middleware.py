"""Is the vendors' software there, new enough, and in one piece?"""

from functools import partial

from cardio.cards.identify import CardKind
from cardio.probe.check import Finding, failed, passed, unknown, warned
from cardio.probe.checks.installed import Installed, lowest, table
from cardio.probe.system.known import ABSENT, NotReadable, Why, is_known, is_yes
from cardio.probe.system.software.places import WINDOWS
from cardio.probe.system.software.versions import Reference, parts, reference


def has(product_id: str, one: Installed) -> bool:
    """Whether a product is installed."""
    return one.has(product_id)


def can_have_srvsvcnam(one: Installed) -> bool:
    """Whether it is published how this system shows SrvSvCnam."""
    installed = one.product("srvsvcnam").installed
    return not isinstance(installed, NotReadable) or installed.why is not Why.NO_WAY


has_cryptolib = partial(has, "cryptolib")
has_galss = partial(has, "galss")
has_srvsvcnam = partial(has, "srvsvcnam")


def cryptolib_present(one: Installed) -> Finding:
    """Is Cryptolib CPS there?"""
    if not one.has("cryptolib") and one.has("cps_old"):
        return warned("only-old", files=tuple(file.place for file in one.product("cps_old").files))
    return _present("cryptolib", one)


def srvsvcnam_present(one: Installed) -> Finding:
    """Is the component there that lets a browser read a Vitale card?"""
    return _present("srvsvcnam", one)


def cryptolib_version(one: Installed) -> Finding:
    """Is Cryptolib CPS new enough, above all for a CPS4 that is in a reader?"""
    version = lowest(one.product("cryptolib").versions)
    needed = reference("cryptolib", one.software.platform, "cps4")
    if version and needed and _holds_cps4(one) and not needed.accepts(version):
        return failed("cps4", version=version, **table(needed))
    return _version("cryptolib", one)


def galss_version(one: Installed) -> Finding:
    """Is GALSS the version the CPS library was tested with?"""
    return _version("galss", one)


def srvsvcnam_version(one: Installed) -> Finding:
    """Is SrvSvCnam new enough?"""
    return _version("srvsvcnam", one)


def cryptolib_architecture(one: Installed) -> Finding:
    """Is there one Cryptolib, of this machine's architecture, and nothing left of another?"""
    product = one.product("cryptolib")
    views = {entry.view for entry in product.registrations if entry.view}
    if len({parts(version) for version in product.versions}) > 1 or len(views) > 1:
        return warned("two", versions=product.versions)
    if not product.files:
        return unknown("no-file")
    places = tuple(file.place for file in product.files)
    if one.software.platform == WINDOWS and not product.registrations:
        return warned("leftover", files=places)
    built = [file.architectures for file in product.files if is_known(file.architectures)]
    if not built or one.architecture is None:
        return unknown("unreadable", files=places)
    made_for = tuple(sorted({architecture for file in built for architecture in file}))
    if one.architecture not in made_for:
        return warned("foreign", architectures=made_for, machine=one.architecture)
    return passed(architectures=made_for)


def cryptolib_cache(one: Installed) -> Finding:
    """Are Cryptolib's copies of card files whole? A damaged one makes the card unusable."""
    settings = one.software.cryptolib
    cache = settings.cache if is_known(settings) else settings
    if cache is ABSENT:
        return passed("none")
    if isinstance(cache, NotReadable):
        return unknown("unreadable", why=cache.why.value)
    damaged = cache.empty + cache.torn
    if damaged:
        return warned("damaged", damaged=damaged, count=cache.files)
    return passed(count=cache.files)


def cryptolib_traces(one: Installed) -> Finding:
    """Does Cryptolib write no traces?"""
    settings = one.software.cryptolib
    traces = settings.traces if is_known(settings) else settings
    if isinstance(traces, NotReadable):
        return unknown("unreadable", why=traces.why.value)
    return warned("on") if traces is not ABSENT and is_yes(traces) else passed("off")


def _present(product_id: str, one: Installed) -> Finding:
    product = one.product(product_id)
    if not is_known(product.installed):
        why = product.installed.why.value if isinstance(product.installed, NotReadable) else None
        return unknown("unread", why=why)
    if not product.installed:
        return warned("missing")
    return passed("version", versions=product.versions) if product.versions else passed()


def _version(product_id: str, one: Installed) -> Finding:
    version = lowest(one.product(product_id).versions)
    if version is None:
        return unknown("unread")
    row = reference(product_id, one.software.platform)
    if row is None:
        return passed("no-table", version=version)
    return _compared(version, row, one)


def _compared(version: str, row: Reference, one: Installed) -> Finding:
    """Below an old table is still too old; above it says little, and the table's age is told."""
    if not row.accepts(version):
        return warned("outdated", version=version, **table(row))
    if row.is_old(one.today):
        return passed("old-table", version=version, **table(row))
    return passed(version=version, **table(row))


def _holds_cps4(one: Installed) -> bool:
    kinds = (reader.match.kind for reader in one.workstation.readers if reader.match)
    return CardKind.CPS4 in kinds
