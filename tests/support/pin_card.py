"""A card with a PIN and a PUK as `PinCommands`, small enough to be right at sight."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from cardio.errors import CardRemoved
from cardio.iso7816.status import AUTHENTICATION_BLOCKED, SUCCESS, StatusWord
from cardio.pin.commands import PinCounters, ReplacementStatus
from cardio.pin.policy import PUK_POLICY, PinPolicy

_numbers = count()


def new_card_key() -> bytes:
    """A serial no other test uses: wrong codes are remembered for the life of the process."""
    return b"test card %d" % next(_numbers)


@dataclass
class Code:
    value: bytes
    tries_max: int
    uses_left: int | None = None
    tries_left: int = field(init=False)

    def __post_init__(self) -> None:
        self.tries_left = self.tries_max

    def present(self, value: bytes) -> StatusWord:
        if self.tries_left == 0 or self.uses_left == 0:
            return AUTHENTICATION_BLOCKED
        if self.uses_left is not None:
            self.uses_left -= 1
        self.tries_left = self.tries_max if value == self.value else self.tries_left - 1
        return SUCCESS if value == self.value else StatusWord(0x63C0 | self.tries_left)


@dataclass
class PinCard:
    """Tests turn its manners: `tells` the counters or not, counts wrong codes or not, …

    `sent` holds each code the card was given, with the name of its command. `tears` is called
    with the name of a command before and after it: what it raises is a torn exchange.
    """

    pin: Code = field(default_factory=lambda: Code(b"1234", 3))
    puk: Code = field(default_factory=lambda: Code(b"12345678", 10, 100))
    policy: PinPolicy = field(default_factory=PinPolicy)
    puk_policy: PinPolicy = PUK_POLICY
    tells: bool = True
    counts: bool = True
    is_open: bool = False
    new_pin_status: StatusWord = SUCCESS
    counter_error: Exception | None = None
    tears: Callable[[str], None] = lambda _: None
    sent: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    locked: int = 0
    reads: int = 0

    @contextmanager
    def transaction(self) -> Generator[None]:
        self.locked += 1
        try:
            yield
        finally:
            self.locked -= 1

    def counters(self) -> PinCounters:
        return self._told(self.pin, self.is_open)

    def puk_counters(self) -> PinCounters:
        return self._told(self.puk, None)

    def verify(self, pin: bytes) -> StatusWord:
        return self._present("verify", self.pin, pin)

    def change(self, old: bytes, new: bytes) -> ReplacementStatus:
        return self._replace("change", self.pin, old, new)

    def unblock(self, puk: bytes, new: bytes) -> ReplacementStatus:
        return self._replace("unblock", self.puk, puk, new)

    def log_out(self) -> None:
        self.is_open = False

    def _told(self, code: Code, is_verified: bool | None) -> PinCounters:
        assert self.locked, "the counter is read in the transaction that spends a try"
        self.reads += 1
        if self.counter_error:
            raise self.counter_error
        if not self.tells:
            return PinCounters(is_verified=is_verified)
        return PinCounters(code.tries_left, code.tries_max, code.uses_left, is_verified)

    def _present(self, command: str, code: Code, value: bytes) -> StatusWord:
        assert self.locked, "a code goes out in a transaction only"
        self.tears(f"before {command}")
        self.sent.append((command, value))
        status = code.present(value)
        if code is self.pin:
            self.is_open = status.is_success
        self.tears(f"after {command}")
        hides = not self.counts and status.tries_left is not None
        return StatusWord(0x6300) if hides else status

    def _replace(self, command: str, code: Code, value: bytes, new: bytes) -> ReplacementStatus:
        proof = self._present(command, code, value)
        if not proof.is_success:
            return ReplacementStatus(proof)
        if self.new_pin_status.is_success:
            self.pin.value, self.pin.tries_left = new, self.pin.tries_max
        self.tears(f"replaced by {command}")
        return ReplacementStatus(proof, self.new_pin_status)


def torn(moment: str) -> Callable[[str], None]:
    """The card is pulled at this moment, as `PinCard.tears` names it."""

    def tear(now: str) -> None:
        if now == moment:
            raise CardRemoved("pulled")

    return tear
