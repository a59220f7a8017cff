r"""The card types Windows knows by their ATR: the Calais database.

facts: workstation_systems.md §4.1. Each view is told apart: a 64-bit browser does not see a card
that only the 32-bit registry knows. All matches count, as another maker's entry may come first.
"""

from collections.abc import Iterator

from cardio.probe.system.facts import CardRegistration
from cardio.probe.system.known import Known, NotReadable, is_known, value_or
from cardio.probe.system.sources import Registry, Sources, View
from cardio.probe.system.windows.values import blob, text, views

DATABASE = r"HKLM\SOFTWARE\Microsoft\Cryptography\Calais\SmartCards"


def card_registrations(sources: Sources) -> Known[tuple[CardRegistration, ...]]:
    """All entries of all views. One whose ATR is not readable has none, and matches no card."""
    listed = [(view, sources.registry.keys(DATABASE, view)) for view in views(sources)]
    entries = tuple(entry for view, names in listed for entry in _entries(sources, view, names))
    unread = next((names for _, names in listed if isinstance(names, NotReadable)), ())
    return entries or unread


def _entries(
    sources: Sources, view: View, names: Known[tuple[str, ...]]
) -> Iterator[CardRegistration]:
    for name in names if is_known(names) else ():
        yield _entry(sources.registry, view, name)


def _entry(registry: Registry, view: View, name: str) -> CardRegistration:
    """A mask of another length than the ATR matches nothing: it is no mask of it."""
    key = rf"{DATABASE}\{name}"
    atr = value_or(blob(registry.value(key, "ATR", view)), b"")
    mask = value_or(blob(registry.value(key, "ATRMask", view)), b"")
    return CardRegistration(
        name,
        atr if not mask or len(mask) == len(atr) else b"",
        mask if len(mask) == len(atr) else b"",
        provider=value_or(text(registry.value(key, "Crypto Provider", view)), ""),
        minidriver=value_or(text(registry.value(key, "80000001", view)), ""),
        view=view.value,
    )
