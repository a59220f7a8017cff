"""The private keys of each kind of CPS, as data (facts: cps.md §2.4, §7).

References and labels were seen on one card of each kind; should a card not know a reference,
its own directory is asked. That all keys have 2048 bits is published for the CPS3 and INFERRED
for the CPS4.
"""

from dataclasses import dataclass
from enum import Enum

from cardio.iasecc.pkcs15 import KeyUsage
from cardio.keys.abilities import KeyAbilities, KeyRole, Padding

KEY_BITS = 2048
_INPUT_SHARE = 40
"""Percent of the modulus that INTERNAL AUTHENTICATE takes (facts: iasecc_opensc.md §1.9)."""

_PKCS1 = frozenset({Padding.PKCS1})
_PKCS1_AND_PSS = frozenset({Padding.PKCS1, Padding.PSS})
_PKCS1_AND_OAEP = frozenset({Padding.PKCS1, Padding.OAEP})
_SHA256 = frozenset({"sha256"})


class KeyMethod(Enum):
    """The command that uses a key."""

    INTERNAL_AUTHENTICATE = "INTERNAL AUTHENTICATE"
    """The card pads a DigestInfo."""
    HASH_ON_CARD = "PSO HASH, PSO CDS"
    """The card finishes the hash, or takes one, and pads it."""
    GIVEN_HASH = "PSO CDS"
    """The card pads a hash, in one of two ways."""
    BARE_OPERATION = "PSO DECIPHER"
    """The host pads and strips."""


@dataclass(frozen=True, slots=True)
class CardKey:
    """`reference` is what MSE SET takes; `usage` tells the key in a directory."""

    label: str
    reference: int
    usage: KeyUsage
    method: KeyMethod
    abilities: KeyAbilities

    @property
    def role(self) -> KeyRole:
        """What the key is for."""
        return self.abilities.role


CPS3_KEYS = (
    CardKey(
        "CPS_PRIV_SIG",
        0x81,
        KeyUsage.NON_REPUDIATION,
        KeyMethod.HASH_ON_CARD,
        KeyAbilities(KeyRole.SIGNATURE, hashes=_SHA256),
    ),
    CardKey(
        "CPS_PRIV_AUT",
        0x82,
        KeyUsage.SIGN,
        KeyMethod.INTERNAL_AUTHENTICATE,
        KeyAbilities(
            KeyRole.AUTHENTICATION, signs_bare=True, input_share=_INPUT_SHARE, deciphers=_PKCS1
        ),
    ),
)
"""facts: cps.md §2.4, iasecc_opensc.md §2.1."""

CPS3_CONTACTLESS_KEYS = (
    CardKey(
        "CPS_PRIV_TECH_AUT",
        0x83,
        KeyUsage.SIGN,
        KeyMethod.INTERNAL_AUTHENTICATE,
        KeyAbilities(KeyRole.TECHNICAL, signs_bare=True, input_share=_INPUT_SHARE),
    ),
)
"""No PIN. The reference is a STAND_IN: no contactless directory is public."""

CPS4_KEYS = (
    CardKey(
        "CPS_PRIV_SIG",
        0x10,
        KeyUsage.NON_REPUDIATION,
        KeyMethod.GIVEN_HASH,
        KeyAbilities(KeyRole.SIGNATURE, _PKCS1_AND_PSS, _SHA256),
    ),
    CardKey(
        "CPS_PRIV_AUT",
        0x20,
        KeyUsage.SIGN,
        KeyMethod.BARE_OPERATION,
        KeyAbilities(
            KeyRole.AUTHENTICATION,
            _PKCS1_AND_PSS,
            any_salt=True,
            signs_bare=True,
            deciphers=_PKCS1_AND_OAEP,
        ),
    ),
)
"""That the card's own PSS has a salt as long as the hash is a STAND_IN: it is not public."""
