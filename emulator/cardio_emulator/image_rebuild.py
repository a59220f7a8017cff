"""From the files that a real card lets anybody read to an image that an emulated card can play.

What no reader can see is that of our own card of the kind: which PINs there are and their rules,
the rules of the keys, how answers are delivered. PINs have the test values of the personas.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cardio.errors import ConfigurationError
from cardio_emulator.cards.cps_files import PRIVATE_FILE, WRITABLE_FILE
from cardio_emulator.image import (
    FREE_FILE,
    NO_ACCESS,
    Access,
    AccessRule,
    CardImage,
    Interface,
    KeyImage,
)
from cardio_emulator.image_tree import CPS2TER, MAIN, Entry, TreeError, build
from cardio_emulator.kinds import make

_WRITABLE = "CPS_DATA"
"""The one file that a client may write (facts: cps.md §2.4)."""
_VITALE = "vitale2"


def model(kind: str) -> CardImage:
    """Our own card of this kind. Raises `ConfigurationError` for a kind there is none of."""
    image = getattr(make(kind), "image", None)
    if not isinstance(image, CardImage):
        raise ConfigurationError(f"a card of kind {kind!r} has no image")
    return image


def rebuild(
    like: CardImage,
    *,
    atr: bytes,
    serial: str,
    entries: Iterable[Entry],
    keys: Mapping[str, RSAPrivateKey],
    certificates: Mapping[str, bytes],
) -> CardImage:
    """An image of these files; `keys` are by the role of their certificate.

    Raises `ConfigurationError` where the files make no tree.
    """
    try:
        roots = build(entries)
    except TreeError as error:
        raise ConfigurationError(f"the card's files make no tree: {error}") from error
    return replace(
        like,
        atr=atr,
        serial=serial,
        root=roots[MAIN],
        cps2ter=roots.get(CPS2TER),
        keys=tuple(
            replace(key, key=keys[role]) for key in like.keys if (role := _role(like, key)) in keys
        ),
        certificates=dict(certificates),
    )


def file_access(
    kind: str, label: str, rules: tuple[bytes, bytes | None] | None, *, was_read: bool
) -> Access:
    """The rules the card told where an emulated card can keep them; else what reading showed."""
    told = _told(rules)
    if told is not None:
        return told
    if not was_read:
        return Access(NO_ACCESS) if kind == _VITALE else PRIVATE_FILE
    return WRITABLE_FILE if label == _WRITABLE else FREE_FILE


def _told(rules: tuple[bytes, bytes | None] | None) -> Access | None:
    if rules is None:
        return None
    contact, contactless = rules
    try:
        return Access(
            AccessRule(contact[0], contact[1:]),
            AccessRule(contactless[0], contactless[1:]) if contactless else None,
        )
    except (ValueError, IndexError):
        return None


def _role(like: CardImage, key: KeyImage) -> str:
    if like.interface is Interface.CONTACTLESS:
        return "technical"
    return "signature" if key.non_repudiation else "authentication"
