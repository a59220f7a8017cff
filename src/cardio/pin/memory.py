"""Codes a card refused, remembered for the life of this process and nowhere else."""

import hmac
from secrets import token_bytes

from cardio.pin.outcomes import Secret
from cardio.pin.pin import Pin


class WrongCodes:
    """Which code was wrong for which card, as digests under a key that never leaves this object.

    A digest does not hide a 4-digit code from somebody who reads this memory, key included; it
    keeps the code itself out of every repr, log and dump of objects.
    """

    def __init__(self) -> None:
        self._key = token_bytes(32)
        self._wrong: dict[tuple[bytes, Secret], set[bytes]] = {}

    def remember(self, card_key: bytes, secret: Secret, code: Pin) -> None:
        """The card said that this code is wrong."""
        self._wrong.setdefault((card_key, secret), set()).add(self._digest(code))

    def knows(self, card_key: bytes, secret: Secret, code: Pin) -> bool:
        return self._digest(code) in self._wrong.get((card_key, secret), ())

    def forget(self, card_key: bytes, secret: Secret, code: Pin | None = None) -> None:
        """The card has, or may have, taken this new code; without `code`: one not known here."""
        if code is None:
            self._wrong.pop((card_key, secret), None)
        else:
            self._wrong.get((card_key, secret), set()).discard(self._digest(code))

    def forget_all(self) -> None:
        """As in a new process: between tests, whose emulated cards have the same numbers."""
        self._wrong.clear()

    def _digest(self, code: Pin) -> bytes:
        return hmac.digest(self._key, code.reveal(), "sha256")


WRONG_CODES = WrongCodes()
"""Shared by all guards of this process."""
