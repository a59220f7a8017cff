"""What a card takes as a PIN or PUK, as its own AODF says."""

from dataclasses import dataclass

_DIGITS = frozenset(b"0123456789")


@dataclass(frozen=True, slots=True)
class PinPolicy:
    """Length in bytes, and whether only ASCII digits are allowed.

    The defaults are those of the ANS library for a card that tells nothing (facts: cps.md §3).
    """

    min_length: int = 4
    max_length: int = 8
    digits_only: bool = True

    def allows(self, value: bytes) -> bool:
        """Whether a value of this shape may be sent: any other can only cost a try."""
        fits = self.min_length <= len(value) <= self.max_length
        return fits and (not self.digits_only or _DIGITS.issuperset(value))


PUK_POLICY = PinPolicy(min_length=8, max_length=8)
"""The unblocking code printed on the PIN letter: 8 digits (facts: cps.md §3)."""
