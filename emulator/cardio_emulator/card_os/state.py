"""What a card remembers: for good (files, counters) and until the next reset (the session)."""

from dataclasses import dataclass, field

from cardio.iso7816.path import ROOT, Path
from cardio.iso7816.status import SECURITY_STATUS_NOT_SATISFIED
from cardio_emulator.card_os.file_system import FileSystem, parent
from cardio_emulator.card_os.pin_state import PinState
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.image import (
    ALWAYS,
    Access,
    AccessRule,
    CardImage,
    Interface,
    KeyImage,
    Mode,
)

_USER_AUTHENTICATION = 0x10


@dataclass(slots=True)
class SecurityEnvironment:
    """What MSE SET chose for one control reference template."""

    algorithm: int | None = None
    key: KeyImage | None = None


@dataclass(slots=True)
class Session:
    """What a reset forgets. `digest`: name of a hash function, and its hash that waits.

    `selected` is for applications that answer on a further channel: nothing works before SELECT.
    """

    df: Path = ROOT
    ef: Path | None = None
    selected: bool = False
    verified: set[int] = field(default_factory=set[int])
    environments: dict[int, SecurityEnvironment] = field(
        default_factory=dict[int, SecurityEnvironment]
    )
    digest: tuple[str, bytes] | None = None

    def make_current(self, path: Path, *, is_df: bool) -> None:
        """What SELECT does: the DF itself, or an EF and the DF above it, become current."""
        if is_df:
            self.enter(path, None)
        else:
            self.enter(parent(path), path)

    def enter(self, df: Path, ef: Path | None) -> None:
        """Make a file current; a change of DF restores the default security environment."""
        if df != self.df:
            self.environments.clear()
            self.digest = None
        self.df, self.ef = df, ef


class CardState:
    """One card in use: the image it plays, its files, its PINs and the session."""

    def __init__(self, image: CardImage) -> None:
        self.image = image
        self.files = FileSystem(image.root)
        self.pins = {pin.reference: PinState(pin) for pin in image.pins}
        self.session = Session()

    def reset(self) -> None:
        self.session = Session()

    def key(self, reference: int) -> KeyImage | None:
        """The private key of the current DF with this reference, 1 to 31."""
        keys = self.image.keys
        return next(
            (key for key in keys if key.df == self.session.df and key.reference == reference), None
        )

    def require(self, access: Access, mode: Mode) -> None:
        """Refuse with 6982 unless the session may do this to a file."""
        contactless = self.image.interface is Interface.CONTACTLESS and access.contactless
        self.require_rule(contactless or access.contact, mode)

    def require_rule(self, rule: AccessRule, mode: Mode) -> None:
        """Refuse with 6982 unless the session satisfies the rule for this mode."""
        if not self.satisfies(rule, mode):
            raise Refusal(SECURITY_STATUS_NOT_SATISFIED)

    def satisfies(self, rule: AccessRule, mode: Mode) -> bool:
        """Whether the session may do what the mode stands for."""
        condition = rule.condition(mode)
        if condition == ALWAYS:
            return True
        if condition & 0xF0 != _USER_AUTHENTICATION:
            return False
        pin = self.image.manners.security_environments.get(condition & 0xF)
        return pin in self.session.verified
