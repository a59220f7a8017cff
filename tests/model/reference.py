"""What a card of any generation must do with its PIN, its PUK and its files: nothing but that.

Written from facts: cps.md §3 and vendor_library.md §2, and apart from the emulated cards.
"""

from dataclasses import dataclass, field
from enum import Enum


class Verdict(Enum):
    """What the card says, whatever the words of its generation."""

    DONE = "done"
    WRONG = "wrong"
    BLOCKED = "blocked"
    DENIED = "denied"


@dataclass
class Code:
    """A PIN or PUK: `left` of `most` tries, and, for a PUK that counts them, its `uses`."""

    value: bytes
    most: int
    uses: int | None = None
    is_verified: bool = False
    left: int = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.most

    @property
    def is_blocked(self) -> bool:
        return self.left == 0 or self.uses == 0

    def present(self, value: bytes) -> Verdict:
        """A wrong value costs a try and the state; a right one gives the tries back."""
        if self.is_blocked:
            return Verdict.BLOCKED
        self.is_verified = value == self.value
        if not self.is_verified:
            self.left -= 1
            return Verdict.WRONG
        self.left = self.most
        if self.uses is not None:
            self.uses -= 1
        return Verdict.DONE

    def renew(self, value: bytes) -> None:
        """A new value, with all tries."""
        self.value, self.left = value, self.most


@dataclass
class ReferenceCard:
    """The codes and three files: one free to read, one after the PIN, one written after it."""

    pin: Code
    puk: Code
    free: bytes
    protected: bytes
    writable: bytes

    def power_on(self) -> None:
        """A reset, or a removal: counters and contents stay."""
        self.pin.is_verified = self.puk.is_verified = False

    def change(self, old: bytes, new: bytes) -> Verdict:
        verdict = self.pin.present(old)
        if verdict is Verdict.DONE:
            self.pin.renew(new)
        return verdict

    def unblock(self, new: bytes) -> Verdict:
        """Only once the PUK is verified; the PIN's state is not touched."""
        if not self.puk.is_verified:
            return Verdict.DENIED
        self.pin.renew(new)
        return Verdict.DONE

    def read_protected(self) -> bytes | None:
        """None where the card refuses."""
        return self.protected if self.pin.is_verified else None

    def write(self, offset: int, data: bytes) -> Verdict:
        if not self.pin.is_verified:
            return Verdict.DENIED
        self.writable = self.writable[:offset] + data + self.writable[offset + len(data) :]
        return Verdict.DONE
