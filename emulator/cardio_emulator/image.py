"""Card image: the whole description of one emulated card, as data.

`cardio_emulator.card_os.Card` plays an image. An image never changes: what a client writes,
counters and the session belong to the card that plays it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cardio.iso7816.path import MASTER_FILE, ROOT, Path

ALWAYS = 0x00
NEVER = 0xFF


class Confidence(Enum):
    """How sure a fact is. A stand-in is our invention where nothing is public."""

    PUBLISHED = "published"
    OBSERVED = "observed"
    INFERRED = "inferred"
    STAND_IN = "stand-in"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a part of the card comes from, for the documentation to print."""

    confidence: Confidence
    source: str


OUR_OWN = Origin(Confidence.STAND_IN, "ours")


class Mode(IntEnum):
    """Access mode bits (facts: iasecc_opensc.md §1.5, §1.7). One bit has one sense per object."""

    READ = 0x01
    UPDATE = 0x02
    DECIPHER = 0x10
    RESET_PIN = 0x10
    INTERNAL_AUTHENTICATE = 0x20
    VERIFY_PIN = 0x20
    SIGN = 0x40
    CHANGE_PIN = 0x40


_MODES = 0x7F
"""The bits of an access-mode byte that have a security byte."""


@dataclass(frozen=True, slots=True)
class AccessRule:
    """An access-mode byte and one security byte per bit set in it, from bit 40 down to 01.

    Security bytes: 00 always, FF never, 1n user authentication of security environment n
    (facts: iasecc_opensc.md §1.5). What an emulated card can't do (2n external authentication,
    4n secure messaging) is refused. Bit 80 of the mode byte counts for nothing.
    """

    modes: int
    conditions: bytes

    def __post_init__(self) -> None:
        if (self.modes & _MODES).bit_count() != len(self.conditions):
            raise ValueError("an access rule has one security byte per mode bit")

    def condition(self, mode: Mode) -> int:
        """The security byte for one mode; never where the rule does not name it."""
        if not self.modes & mode:
            return NEVER
        higher = (self.modes & _MODES) >> mode.bit_length()
        return self.conditions[higher.bit_count()]

    def encode(self) -> bytes:
        return bytes((self.modes,)) + self.conditions


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of a file or object: for contact, and for contactless where it is told apart."""

    contact: AccessRule
    contactless: AccessRule | None = None


EF_MODES = 0x7B
"""Delete, terminate, activate, deactivate, update, read (facts: iasecc_opensc.md §1.5)."""
FREE_READING = AccessRule(EF_MODES, bytes((NEVER, NEVER, NEVER, NEVER, NEVER, ALWAYS)))
NO_ACCESS = AccessRule(EF_MODES, bytes((NEVER,) * 6))
FREE_FILE = Access(FREE_READING, FREE_READING)
FIXED_DF = Access(AccessRule(0x02, bytes((NEVER,))))
"""No file can be created in it."""


@dataclass(frozen=True, slots=True)
class ElementaryFile:
    """A transparent EF. `sfi` is its short identifier, 1 to 30."""

    fid: int
    content: bytes = field(repr=False)
    access: Access = FREE_FILE
    sfi: int | None = None
    label: str = ""
    origin: Origin = OUR_OWN


@dataclass(frozen=True, slots=True)
class DedicatedFile:
    """A DF; `name` is its AID. The root has the identifier 3F00."""

    fid: int
    name: bytes | None = None
    children: "tuple[DedicatedFile | ElementaryFile, ...]" = ()
    access: Access = FIXED_DF
    label: str = ""
    origin: Origin = OUR_OWN


File = DedicatedFile | ElementaryFile


@dataclass(frozen=True, slots=True)
class PinImage:
    """A PIN or PUK. `tries` and `usage` are the maxima; a value has exactly `length` bytes."""

    reference: int
    value: bytes = field(repr=False)
    tries: int
    access: AccessRule
    usage: int | None = None
    df: Path = ROOT

    @property
    def length(self) -> int:
        return len(self.value)


@dataclass(frozen=True, slots=True)
class KeyImage:
    """An RSA private key of `df`; how MSE SET names it is up to the card's instructions."""

    reference: int
    key: RSAPrivateKey = field(repr=False)
    access: AccessRule
    non_repudiation: bool
    df: Path


class Interface(Enum):
    CONTACT = "contact"
    CONTACTLESS = "contactless"


class Delivery(Enum):
    """How answers travel: T=0 steps (61xx and GET RESPONSE, 6Cxx), or at once as over T=1."""

    STEPWISE = "stepwise"
    AT_ONCE = "at once"


class PlainSelect(Enum):
    """What SELECT answers with P2=00 (FCI asked)."""

    NAME = "FCI of the DF name alone; FCP for an EF"
    ROOT_ONLY = "nothing, and only for the name of the root; 6A86 for all else"


@dataclass(frozen=True, slots=True)
class Manners:
    """What differs in the answers of cards that hold the same kind of files.

    `security_environments` gives the PIN reference that user authentication of SE n wants.
    With `silent_root_path`, SELECT by path of 3F00 alone gives no FCP though asked for it.
    `channel` is the logical channel all interindustry commands go to; None: the card has none.
    """

    plain_select: PlainSelect
    delivery: Delivery = Delivery.STEPWISE
    silent_root_path: bool = False
    channel: int | None = 0
    security_environments: Mapping[int, int] = field(default_factory=dict[int, int])


@dataclass(frozen=True, slots=True)
class CardImage:
    """One card. `root` and `cps2ter` must have the identifier 3F00.

    `cps2ter` is the root of the files that are reached in class A0, where a card has such a part.
    `certificates` are the DER certificates of the card and of its issuers, by role.
    """

    kind: str
    atr: bytes
    serial: str
    root: DedicatedFile
    manners: Manners
    interface: Interface = Interface.CONTACT
    pins: tuple[PinImage, ...] = ()
    keys: tuple[KeyImage, ...] = ()
    cps2ter: DedicatedFile | None = None
    certificates: Mapping[str, bytes] = field(default_factory=dict[str, bytes], repr=False)

    def __post_init__(self) -> None:
        if {self.root.fid, (self.cps2ter or self.root).fid} != {MASTER_FILE}:
            raise ValueError("the root of a card image is 3F00")
