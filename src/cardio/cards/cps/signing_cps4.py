"""How the keys of a CPS4 sign and decipher, on logical channel 1 (facts: cps.md §7)."""

from cardio.cards.cps.key_operations import CardKeyOperations, Task
from cardio.iasecc import security
from cardio.iasecc.chipdoc import CLA
from cardio.keys.abilities import Padding
from cardio.keys.operations import DecipheringRequest, SigningRequest

_ALGORITHMS = {
    (Padding.PKCS1, "sha1"): security.CHIPDOC_SHA1,
    (Padding.PKCS1, "sha256"): security.CHIPDOC_SHA256,
    (Padding.PSS, "sha1"): security.CHIPDOC_SHA1_PSS,
    (Padding.PSS, "sha256"): security.CHIPDOC_SHA256_PSS,
}


class GivenHash(CardKeyOperations):
    """The signature key: the card pads the hash, with PKCS#1 v1.5 or PSS.

    It is chosen each time: with the other padding, chosen by another program, the card would
    sign as well.
    """

    def _signing(self, request: SigningRequest) -> Task:
        algorithm = _ALGORITHMS[request.padding, request.hash_name or ""]
        command = security.sign(request.digest, cla=CLA)

        def sign() -> bytes:
            key = security.choose_chipdoc_signature_key(self._reference, algorithm, cla=CLA)
            self._site.choose(key, always=True)
            return self._site.channel.run(command)

        return sign


class BareOperation(CardKeyOperations):
    """The authentication key: the host pads and strips."""

    def _signing(self, request: SigningRequest) -> Task:
        return self._operation(request.block(self.modulus_bits))

    def _deciphering(self, request: DecipheringRequest) -> Task:
        return self._operation(request.cryptogram)

    def decipher(self, request: DecipheringRequest) -> bytes:
        """See `KeyOperations.decipher`."""
        return request.message(self._whole(super().decipher(request)))

    def _operation(self, block: bytes) -> Task:
        command = security.private_operation(block, cla=CLA)

        def operate() -> bytes:
            key = security.choose_chipdoc_private_operation(self._reference, cla=CLA)
            self._site.choose(key)
            return self._site.channel.run(command)

        return operate
