"""Endless bytes that only who knows the secret can make again: what every invention is made of."""

import hmac
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Stream:
    """HMAC-SHA256 of a counter, under a key made of the secret and of what is to be replaced."""

    def __init__(self, secret: bytes, *about: str | bytes | int) -> None:
        parts = (one if isinstance(one, bytes) else str(one).encode() for one in about)
        message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        self._key = hmac.digest(secret, message, "sha256")
        self._count = 0
        self._left = b""

    def octets(self, size: int) -> bytes:
        while len(self._left) < size:
            self._left += hmac.digest(self._key, self._count.to_bytes(8, "big"), "sha256")
            self._count += 1
        taken, self._left = self._left[:size], self._left[size:]
        return taken

    def below(self, limit: int) -> int:
        """A number from 0 on; `limit` is far below 2^64, so that all are equally likely."""
        return int.from_bytes(self.octets(8), "big") % limit

    def choice(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def digits(self, size: int) -> str:
        return "".join(str(self.below(10)) for _ in range(size))
