"""A PIN's counters. They outlive a reset."""

from cardio_emulator.image import PinImage


class PinState:
    """`tries_left` and `usage_left` as the card's data object shows them (tags 9B and 9D)."""

    def __init__(self, image: PinImage) -> None:
        self.image = image
        self.value = image.value
        self.tries_left = image.tries
        self.usage_left = image.usage

    def __repr__(self) -> str:
        return f"PinState(reference={self.image.reference}, tries_left={self.tries_left})"

    @property
    def is_blocked(self) -> bool:
        return self.tries_left == 0 or self.usage_left == 0

    def present(self, value: bytes) -> bool:
        """Compare, and count: a wrong value costs a try, a right one gives all tries back."""
        if value != self.value:
            self.tries_left -= 1
            return False
        self.tries_left = self.image.tries
        if self.usage_left is not None:
            self.usage_left -= 1
        return True

    def restore(self, value: bytes) -> None:
        """Give a value and all tries back, as after an unblock."""
        self.value = value
        self.tries_left = self.image.tries
