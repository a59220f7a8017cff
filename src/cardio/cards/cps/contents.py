"""What one CPS card holds, wherever it is read from: the seam below `CpsCard`."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from cardio.cards.cps.certificate import CpsCertificate
from cardio.cards.cps.pin_pad import CpsPinPad
from cardio.cards.cps.pin_session import SettablePinCommands
from cardio.errors import CardError, CardioError, MalformedData, RecordError
from cardio.iasecc.application import Application
from cardio.iasecc.pkcs15 import PinEntry, TokenInfo
from cardio.keys.abilities import KeyRole
from cardio.transport.pinpad import PadLanguage

if TYPE_CHECKING:
    from cardio.cards.cps.key_ring import KeySource
    from cardio.cards.cps.key_site import Unlocked

ValueT = TypeVar("ValueT")


class Certified(Protocol):
    """The certificate of a key; with `read` false, only where it was read before."""

    def __call__(self, role: KeyRole, /, *, read: bool = True) -> CpsCertificate | None: ...


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read: the part of the card, and why. No data of the card is in it."""

    part: str
    error: CardioError


@dataclass(frozen=True, slots=True, eq=False)
class StoredCertificate:
    """A certificate by its label; `read()` gives its DER. Raises as `Contents.data_object`."""

    label: str
    read: Callable[[], bytes]


class Contents(ABC):
    """Contents, PIN and keys of one card; notes in `problems` what could not be read.

    Subclasses read the card's own files, or the objects of its PKCS#11 token.
    """

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read so far."""
        return tuple(self._problems)

    @property
    @abstractmethod
    def reader(self) -> str:
        """Name of the reader."""

    @property
    @abstractmethod
    def atr(self) -> bytes:
        """Empty where it is not told."""

    @property
    @abstractmethod
    def application(self) -> Application:
        """The card's directories. Raises `UnsupportedCard` where they cannot be had."""

    @property
    @abstractmethod
    def certificates(self) -> Sequence[StoredCertificate]:
        """What is listed, in the card's order; not read yet."""

    @property
    @abstractmethod
    def tells_all(self) -> bool:
        """Whether a data object that is not listed does not exist."""

    @abstractmethod
    def present(self, labels: Sequence[str]) -> Sequence[str]:
        """Those of these data objects that may be there. Raises as `data_object`."""

    @abstractmethod
    def data_object(self, label: str) -> bytes | None:
        """Its content; None when the card has none of this label.

        Raises `CardError`s, `SecurityStatusNotSatisfied` among them, and `MalformedData`.
        """

    @abstractmethod
    def write(self, label: str, content: bytes) -> None:
        """Replace its content. Raises `UnsupportedCard` when the card has none of this label."""

    @abstractmethod
    def token_info(self) -> TokenInfo | None:
        """What the card calls itself; None where it does not."""

    @abstractmethod
    def update(self) -> bytes | None:
        """EF_ACTUA; None where there is none, or it is not told. Raises as `data_object`."""

    @abstractmethod
    def serial(self) -> bytes:
        """EF.SN.ICC. Raises as `data_object`."""

    @abstractmethod
    def serial_anew(self) -> bytes:
        """As `Match.serial`, but always asked of the card that is there now."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """See `CpsCard.transaction`."""

    @property
    @abstractmethod
    def pin(self) -> SettablePinCommands | None:
        """The PIN commands; None where there is no PIN."""

    @abstractmethod
    def pin_entries(self) -> Sequence[PinEntry]:
        """What the card tells of its PINs; empty where it tells nothing."""

    @abstractmethod
    def pin_pad(self, language: PadLanguage) -> CpsPinPad | None:
        """The reader's; None where there is none, or no PIN."""

    @abstractmethod
    def keys(self, certified: Certified, unlocked: "Unlocked") -> "KeySource":
        """What the keys of `card.keys` are made by."""

    def expected(self, label: str) -> bytes | None:
        """As `data_object`; that the label is missing is an error where that is known."""
        content = self.data_object(label)
        if content is None and self.tells_all:
            raise RecordError(f"the card has no {label}")
        return content

    def attempt(self, part: str, read: Callable[[], ValueT]) -> ValueT | None:
        """What `read()` gives; None, with a note, when that part of the card is damaged."""
        try:
            return read()
        except (CardError, MalformedData) as error:
            self.note(part, (error,))
            return None

    def note(self, part: str, errors: Iterable[CardioError]) -> None:
        """Add to `problems`, each once."""
        self._problems.update((Problem(part, error), None) for error in errors)
