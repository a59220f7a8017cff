"""The private keys of a CPS in its PKCS#11 token (facts: cps.md §2.4, vendor_library.md §2)."""

from dataclasses import dataclass, field, replace

from cardio.cards.cps.contents import Certified
from cardio.cards.cps.key_certificate import CertifiedKey
from cardio.cards.cps.key_layout import KEY_BITS, CardKey, KeyMethod
from cardio.cards.cps.key_site import Unlocked
from cardio.cards.cps.pkcs11.cryptoki import Kind, PssSalt, Session, TokenObject
from cardio.cards.cps.pkcs11.link import TokenLink
from cardio.cards.cps.pkcs11.modules import Manner
from cardio.errors import (
    DecryptionFailed,
    KeyMissing,
    KeyMisuse,
    Pkcs11Failure,
    TruncatedAnswer,
)
from cardio.iasecc.read_once import ReadOnce
from cardio.keys.abilities import KeyAbilities, KeyRole, Padding
from cardio.keys.operations import DecipheringRequest, SigningRequest

_PKCS1, _PSS, _BARE = "RSA_PKCS", "RSA_PKCS_PSS", "RSA_X_509"
_HASHES = {"sha1": "SHA_1", "sha256": "SHA256", "sha384": "SHA384", "sha512": "SHA512"}
"""Mechanisms as python-pkcs11 names them (PKCS#11 current mechanisms v2.40 §2.1, §2.14)."""

_NOT_THIS = frozenset(
    {
        "CKR_FUNCTION_NOT_SUPPORTED",
        "CKR_KEY_FUNCTION_NOT_PERMITTED",
        "CKR_KEY_TYPE_INCONSISTENT",
        "CKR_MECHANISM_INVALID",
        "CKR_MECHANISM_PARAM_INVALID",
    }
)
"""What modules answer when a key is not for this (facts: vendor_library.md §2, §3)."""

_UNREADABLE = frozenset(
    {
        "CKR_DATA_INVALID",
        "CKR_ENCRYPTED_DATA_INVALID",
        "CKR_ENCRYPTED_DATA_LEN_RANGE",
        "CKR_GENERAL_ERROR",
    }
)
"""What they answer to a cryptogram that holds no message; the last is SoftHSM 2.6's word."""


class TokenKeys:
    """`KeySource` in a token."""

    def __init__(
        self, link: TokenLink, keys: tuple[CardKey, ...], certified: Certified, unlocked: Unlocked
    ) -> None:
        self.reader = link.reader
        self.keys = keys
        self._link = link
        self._certified = certified
        self._unlocked = unlocked

    def operations(self, key: CardKey) -> "TokenKey":
        """See `KeySource.operations`."""
        return TokenKey(self._link, key, self._certified, self._unlocked)


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to ask for a signature; the best known way comes first."""

    mechanism: str
    data: bytes = field(repr=False)
    salt: PssSalt | None = None


class TokenKey(CertifiedKey):
    """`KeyOperations` of one key, found by its label, else by its certificate's CKA_ID.

    It does what the card can, as far as the module has a mechanism for it.
    """

    modulus_bits = KEY_BITS

    def __init__(
        self, link: TokenLink, key: CardKey, certified: Certified, unlocked: Unlocked
    ) -> None:
        super().__init__(certified, key.role, link.reader)
        self._link = link
        self._key = key
        self._unlocked = unlocked

    @property
    def abilities(self) -> KeyAbilities:
        """See `KeyOperations.abilities`. Without PSS where the module has none."""
        return self._abilities

    def sign(self, request: SigningRequest) -> bytes:
        """See `KeyOperations.sign`. Raises `KeyMisuse` where the module cannot.

        Raises `TruncatedAnswer` for a signature of another length: modules give one with CKR_OK
        where they lose part of the card's answer (facts: vendor_library.md §2).
        """
        ways = self._ways(request)
        signature = self._unlocked(lambda: self._link.run(lambda s: self._sign(s, ways)))
        if 8 * len(signature) != self.modulus_bits:
            message = f"the module gave {len(signature)} bytes for a signature"
            raise TruncatedAnswer(message).at(self._link.reader)
        return signature

    def decipher(self, request: DecipheringRequest) -> bytes:
        """See `KeyOperations.decipher`. OAEP is stripped here, off the bare operation."""
        return self._unlocked(lambda: self._link.run(lambda s: self._decipher(s, request)))

    @ReadOnce
    def _mechanisms(self) -> frozenset[str]:
        """Those listed that do something with this key."""
        listed = self._link.mechanisms()
        if Manner.NO_BARE not in self._link.manner:
            return listed
        is_padded_here = self._key.method is KeyMethod.BARE_OPERATION
        return frozenset(
            name
            for name in listed
            if name != _BARE and not (is_padded_here and name.endswith(_PSS))
        )

    @ReadOnce
    def _abilities(self) -> KeyAbilities:
        able = self._key.abilities
        lacking = set(() if self._has_pss else (Padding.PSS,))
        lacking |= set(() if _BARE in self._mechanisms else (Padding.OAEP,))
        return replace(able, paddings=able.paddings - lacking, deciphers=able.deciphers - lacking)

    @property
    def _has_pss(self) -> bool:
        return self._pads_here or any(name.endswith(_PSS) for name in self._mechanisms)

    @property
    def _pads_here(self) -> bool:
        """Whether the bare operation is offered for this key."""
        return self._key.method is KeyMethod.BARE_OPERATION and _BARE in self._mechanisms

    def _ways(self, request: SigningRequest) -> tuple[_Way, ...]:
        ways = _pss_ways(request) if request.padding is Padding.PSS else self._pkcs1_ways(request)
        if self._pads_here:
            ways = (*ways, _Way(_BARE, request.block(self.modulus_bits)))
        return tuple(way for way in ways if way.mechanism in self._mechanisms)

    def _pkcs1_ways(self, request: SigningRequest) -> tuple[_Way, ...]:
        """The signature key's card finishes the hash; the authentication key's takes none."""
        whole = _Way(_PKCS1, request.digest_info)
        if self._key.role is KeyRole.SIGNATURE and request.hash_name and not request.is_hashed:
            return _Way(_hashing(request.hash_name, _PKCS1), request.data), whole
        return (whole,)

    def _sign(self, session: Session, ways: tuple[_Way, ...]) -> bytes:
        key = self._found(session)
        refused: Pkcs11Failure | None = None
        for way in ways:
            try:
                return key.sign(way.mechanism, way.data, salt=way.salt)
            except Pkcs11Failure as failure:
                refused = _require_refusal(failure)
        raise self._misuse("does not sign this") from refused

    def _decipher(self, session: Session, request: DecipheringRequest) -> bytes:
        key = self._found(session)
        try:
            if request.padding is Padding.PKCS1:
                return key.decrypt(_PKCS1, request.cryptogram)
            block = key.decrypt(_BARE, request.cryptogram)
        except Pkcs11Failure as failure:
            if failure.reason in _UNREADABLE:
                self._link.require_card_after(failure)
                raise DecryptionFailed("the message cannot be deciphered") from None
            raise self._misuse("does not decipher this") from _require_refusal(failure)
        return request.message(block.rjust(self.modulus_bits // 8, b"\x00"))

    def _found(self, session: Session) -> TokenObject:
        """Unseen before the PIN is given. Raises `SecurityStatusNotSatisfied`, `KeyMissing`."""
        found = session.objects(Kind.PRIVATE_KEY, label=self._key.label)
        if not found and self._key.role is not KeyRole.TECHNICAL and not self._link.is_logged_in:
            raise self._link.closed()
        found = found or self._beside_certificate(session)
        if not found:
            message = f"the token has no {self._key.role.value} key ({self._key.label})"
            raise KeyMissing(message).at(self._link.reader)
        return found[0]

    def _beside_certificate(self, session: Session) -> tuple[TokenObject, ...]:
        certificate = self._certified(self._role)
        if certificate is None:
            return ()
        listed = session.objects(Kind.CERTIFICATE, label=certificate.label)
        return session.objects(Kind.PRIVATE_KEY, key_id=listed[0].id) if listed else ()

    def _misuse(self, what: str) -> KeyMisuse:
        message = f"this PKCS#11 module {what} with the {self._key.role.value} key"
        return KeyMisuse(f"{message}: open the card directly").at(self._link.reader)


def _pss_ways(request: SigningRequest) -> tuple[_Way, ...]:
    """Only called for a hash: there is no PSS without."""
    name = request.hash_name or ""
    salt = PssSalt(_HASHES[name], name.upper(), request.salt_size)
    of_hash = _Way(_PSS, request.digest, salt)
    if request.is_hashed:
        return (of_hash,)
    return _Way(_hashing(name, _PSS), request.data, salt), of_hash


def _hashing(hash_name: str, mechanism: str) -> str:
    """The mechanism that takes the message itself."""
    return f"{hash_name.upper()}_{mechanism}"


def _require_refusal(failure: Pkcs11Failure) -> Pkcs11Failure:
    """Raise what is no word on whether the key is for this."""
    if failure.reason not in _NOT_THIS:
        raise failure
    return failure
