"""The published answers to reset of the Vitale cards (facts: vitale.md §1).

Historical bytes `4x 09 EA` and `2x 09 69` look like mask and version; their sense is not public.
"""

from collections.abc import Iterable

from cardio_emulator.settings import Settings


def _atrs(pattern: str, versions: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(pattern.format(version)) for version in versions)


VITALE2_ATRS = (
    *_atrs("3B7513 0000 {} 09EA 9000", ("44", "43", "45", "46", "47", "48", "49", "4B", "4C")),
    *_atrs("3B7513 0000 {} 9000", ("4509FA",)),
)
"""44 is "with photo" and the default; the one with FA is listed once."""

VITALE1_ATRS = _atrs(
    "3F6525 00 {} 9000", ("220969", "2209F9", "2C0969", "2C09F9", "52096A", "A3096A", "A4096A")
)
"""The first was seen on a real card; the last three may be the "1bis"."""


def chosen_atr(settings: Settings, published: tuple[bytes, ...]) -> bytes:
    """The `atr` of a persona, which must be a published one; the first of them if not given.

    Raises `ConfigurationError`.
    """
    if "atr" not in settings:
        return published[0]
    atr = settings.octets("atr")
    if atr not in published:
        allowed = ", ".join(one.hex().upper() for one in published)
        raise settings.error("atr", f"must be a published one: {allowed}")
    return atr
