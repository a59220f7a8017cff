"""What all private keys in a CPS have in common, whatever command uses them."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from cardio.cards.cps.contents import Certified
from cardio.cards.cps.key_certificate import CertifiedKey
from cardio.cards.cps.key_layout import KEY_BITS, CardKey
from cardio.cards.cps.key_site import KeySite
from cardio.errors import (
    DecryptionFailed,
    KeyMissing,
    KeyMisuse,
    TruncatedAnswer,
    UnexpectedStatus,
)
from cardio.iasecc.pkcs15 import PrivateKeyEntry
from cardio.iso7816.status import REFERENCE_NOT_FOUND, WRONG_DATA
from cardio.keys.abilities import KeyAbilities
from cardio.keys.operations import DecipheringRequest, SigningRequest

Task = Callable[[], bytes]
Listed = Callable[[], PrivateKeyEntry | None]


class CardKeyOperations(CertifiedKey, ABC):
    """`KeyOperations` of one key; subclasses know the commands.

    The reference that was published is tried first; the card's directory is asked only when the
    card does not know it. `certified` and `listed` read the card.
    """

    modulus_bits = KEY_BITS

    def __init__(self, site: KeySite, key: CardKey, certified: Certified, listed: Listed) -> None:
        super().__init__(certified, key.role, site.channel.reader)
        self._site = site
        self._key = key
        self._listed = listed
        self._reference = key.reference

    @property
    def abilities(self) -> KeyAbilities:
        """See `KeyOperations.abilities`."""
        return self._key.abilities

    def sign(self, request: SigningRequest) -> bytes:
        """See `KeyOperations.sign`. Raises `TruncatedAnswer` for a signature of another length."""
        return self._whole(self._located(self._signing(request)))

    def decipher(self, request: DecipheringRequest) -> bytes:
        """See `KeyOperations.decipher`. 6A80 says that there is no message in it."""
        try:
            return self._located(self._deciphering(request))
        except UnexpectedStatus as error:
            if error.status != int(WRONG_DATA):
                raise
            raise DecryptionFailed("the message cannot be deciphered") from None

    @abstractmethod
    def _signing(self, request: SigningRequest) -> Task:
        """What the host has to work out is; left are the commands: choose the key, sign."""

    def _deciphering(self, request: DecipheringRequest) -> Task:
        """As `_signing`. Never asked of a key without this ability."""
        raise KeyMisuse(f"{request.padding.value} cannot be deciphered with this key")

    def _whole(self, answer: bytes) -> bytes:
        """An answer as long as the modulus. Raises `TruncatedAnswer`."""
        if 8 * len(answer) == self.modulus_bits:
            return answer
        message = f"the card gave {len(answer)} bytes where its key makes {self.modulus_bits // 8}"
        raise TruncatedAnswer(message).at(self.reader, self._site.channel.exchanged - 1)

    def _located(self, task: Task) -> bytes:
        try:
            return self._site.use(task)
        except UnexpectedStatus as error:
            if error.status != int(REFERENCE_NOT_FOUND):
                raise
            self._locate(error)
            return self._site.use(task)

    def _locate(self, error: UnexpectedStatus) -> None:
        """Take the directory's reference. Raises `KeyMissing`, or `error` if it is the same."""
        entry = self._listed()
        if entry is None:
            message = f"the card has no {self._key.role.value} key ({self._key.label})"
            raise KeyMissing(message).at(self.reader) from error
        if entry.reference == self._reference:
            raise error
        self._reference = entry.reference
