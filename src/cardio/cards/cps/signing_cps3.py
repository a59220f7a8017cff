"""How the keys of a CPS3 sign and decipher (facts: cps.md §7, vendor_library.md §2 and §4)."""

from cardio.cards.cps.key_operations import CardKeyOperations, Task
from cardio.iasecc import security
from cardio.iso7816.apdu import CommandApdu
from cardio.keys.operations import DecipheringRequest, SigningRequest
from cardio.keys.sha256 import BLOCK, intermediate_state

_ALGORITHMS = {"sha1": security.SIGN_SHA1, "sha256": security.SIGN_SHA256}
_LONGEST_HASHED_ON_CARD = 1 << 16
"""Bytes. Beyond, `hashlib` is 3000 times faster than our intermediate state, and the card's part
of the hash would be 64 bytes all the same."""


class InternalAuthentication(CardKeyOperations):
    """Authentication and technical keys: the card pads the DigestInfo of the host."""

    def _signing(self, request: SigningRequest) -> Task:
        command = security.internal_authenticate(request.digest_info)

        def sign() -> bytes:
            self._site.choose(security.choose_authentication_key(self._reference))
            return self._site.channel.run(command)

        return sign

    def _deciphering(self, request: DecipheringRequest) -> Task:
        command = security.decipher_padded(request.cryptogram)

        def decipher() -> bytes:
            self._site.choose(security.choose_deciphering_key(self._reference))
            return self._site.channel.run(command)

        return decipher


class HashOnCard(CardKeyOperations):
    """The signature key: a message is hashed to its end on the card, a hash is taken as it is."""

    def _signing(self, request: SigningRequest) -> Task:
        algorithm = _ALGORITHMS[request.hash_name or ""]
        is_message = _is_hashed_on_card(request)
        last_block = _last_block(request.data) if is_message else None
        command = security.sign(b"" if is_message else request.digest)

        def sign() -> bytes:
            if last_block:
                self._site.choose(security.choose_sha256())
                self._site.channel.run(last_block)
            self._site.choose(security.choose_signature_key(self._reference, algorithm))
            return self._site.channel.run(command)

        return sign


def _is_hashed_on_card(request: SigningRequest) -> bool:
    """Not an empty message: the last block is never empty (facts: vendor_library.md §2)."""
    is_message = request.hash_name == "sha256" and not request.is_hashed
    return is_message and 1 <= len(request.data) <= _LONGEST_HASHED_ON_CARD


def _last_block(message: bytes) -> CommandApdu:
    start = (len(message) - 1) // BLOCK * BLOCK
    return security.finish_hash(intermediate_state(message[:start]), start, message[start:])
