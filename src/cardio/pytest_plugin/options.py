"""The plugin's options: where the cards of the tests are, and what may be done to real ones."""

import os
import string
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import pytest

IN_PROCESS, PCSCD = "in-process", "pcscd"
ROBOTS = ("none", "manual", "removinator")

PIN_VARIABLE = "CARDIO_PIN"
"""Environment variable with the PIN of the real card, for tests that are marked `needs_pin`."""

_OWNER_ONLY = 0o700
_SLOTS = range(1, 9)
"""Of a Removinator, as `cardio.rig.robots.removinator` has them; loading that takes a while."""


@dataclass(frozen=True, slots=True)
class RealCard:
    """A card the user asked for twice: a part of its reader's name, and its serial number."""

    reader: str
    serial: str


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for; without `cards` nothing physical is touched."""

    bench: str
    cards: tuple[RealCard, ...]
    record: Path | None
    pin_tests: bool
    robot: str
    robot_port: str | None
    robot_slot: int

    @classmethod
    def of(cls, config: pytest.Config) -> Self:
        """Read and check them. Raises `pytest.UsageError`."""
        given = config.option
        options = cls(
            bench=given.cardio_bench or IN_PROCESS,
            cards=_cards(given.cardio_reader, given.cardio_card_serial),
            record=_folder(given.cardio_record) if given.cardio_record else None,
            pin_tests=given.cardio_pin_tests,
            robot=given.cardio_robot,
            robot_port=given.cardio_robot_port,
            robot_slot=given.cardio_robot_slot,
        )
        _check_robot(options)
        if options.cards:
            _check_real(config)
        elif options.bench == PCSCD:
            _check_pcscd()
        return options

    @property
    def header(self) -> str | None:
        """A line for the head of pytest's report; None when no flag was given."""
        if self.cards:
            return "cardio: real cards in " + ", ".join(repr(card.reader) for card in self.cards)
        return "cardio: a private pcscd for each test" if self.bench == PCSCD else None


def add_options(parser: pytest.Parser) -> None:
    """Declare them; each is off by default."""
    group = parser.getgroup("cardio", "cards and readers (cardio)")
    group.addoption(
        "--cardio-bench",
        choices=(IN_PROCESS, PCSCD),
        help="where emulated readers are: in this process (default), or in a private pcscd",
    )
    group.addoption(
        "--cardio-reader",
        action="append",
        default=[],
        metavar="NAME",
        help="use the real reader with this in its name; may be given again for another one",
    )
    group.addoption(
        "--cardio-card-serial",
        action="append",
        default=[],
        metavar="HEX",
        help="serial number of the card in that reader, as --cardio-list shows it; it is compared"
        " before anything else is sent",
    )
    group.addoption(
        "--cardio-list",
        action="store_true",
        help="show the real readers, their cards and serial numbers, and run no test",
    )
    group.addoption(
        "--cardio-record",
        metavar="DIR",
        help="write the exchanges of each test into a file there, PINs masked",
    )
    group.addoption(
        "--cardio-pin-tests",
        action="store_true",
        help="run tests marked needs_pin on real cards too; the PIN is in $CARDIO_PIN",
    )
    _add_robot_options(group)


def _add_robot_options(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--cardio-robot",
        choices=ROBOTS,
        default="none",
        help="who moves real cards: nobody (default), a person at the terminal, a Removinator",
    )
    group.addoption("--cardio-robot-port", metavar="TTY", help="its serial port (default: found)")
    group.addoption(
        "--cardio-robot-slot", type=int, default=1, metavar="N", help="the card's slot, 1 to 8"
    )


def _cards(readers: list[str], serials: list[str]) -> tuple[RealCard, ...]:
    if len(readers) != len(serials):
        raise pytest.UsageError(
            "a real card is touched only if asked for twice: give --cardio-reader and"
            " --cardio-card-serial, as often one as the other (see --cardio-list)"
        )
    return tuple(
        RealCard(reader, _serial(serial)) for reader, serial in zip(readers, serials, strict=True)
    )


def _serial(text: str) -> str:
    if not text or not set(text) <= set(string.hexdigits):
        raise pytest.UsageError("--cardio-card-serial: hexadecimal digits, as of --cardio-list")
    return text.upper()


def _folder(text: str) -> Path:
    """Made now, for its owner only; absolute, as a test may change the directory it is in."""
    folder = Path(text).absolute()
    try:
        folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    except FileExistsError:
        raise pytest.UsageError(f"--cardio-record: {folder} is no folder") from None
    except OSError as error:
        raise pytest.UsageError(f"--cardio-record: {folder}: {error.strerror}") from None
    if not os.access(folder, os.W_OK):
        raise pytest.UsageError(f"--cardio-record: {folder} cannot be written to")
    return folder


def _check_robot(options: Options) -> None:
    if options.robot == "none":
        return
    if not options.cards:
        raise pytest.UsageError("--cardio-robot moves real cards: give --cardio-reader too")
    if options.robot == "removinator":
        if len(options.cards) > 1:
            raise pytest.UsageError("a Removinator moves the cards of one reader only")
        if options.robot_slot not in _SLOTS:
            raise pytest.UsageError("--cardio-robot-slot: 1 to 8")
        if not find_spec("removinator"):
            raise pytest.UsageError("--cardio-robot: pip install 'cardio-sante[rig]'")


def _check_real(config: pytest.Config) -> None:
    if config.getoption("cardio_bench"):
        raise pytest.UsageError("--cardio-bench is for emulated readers, --cardio-reader for real")
    if _workers(config) > 1:
        raise pytest.UsageError("a real card serves one test at a time: run without -n")
    check_pcsc()


def _workers(config: pytest.Config) -> int:
    """Of pytest-xdist, told to its controller by `--tx`, and to each of them."""
    told: dict[str, int] = getattr(config, "workerinput", {})
    return max(told.get("workercount", 0), len(config.getoption("tx", None) or ()))


def keep_pin_out_of_tracebacks(config: pytest.Config) -> None:
    """Make short ones the rule: others show the arguments of functions, or their locals.

    Raises `pytest.UsageError` where such were asked for.
    """
    given = config.option
    if given.showlocals or given.fulltrace or given.tbstyle == "long":
        raise pytest.UsageError(
            "--cardio-pin-tests: --tb=long, --showlocals and --full-trace would show the PIN"
        )
    if given.tbstyle == "auto":
        given.tbstyle = "short"


def check_pcsc() -> None:
    """Raises `pytest.UsageError` where there is no pyscard; does not load it."""
    if not find_spec("smartcard"):
        raise pytest.UsageError("no PC/SC support here: pip install 'cardio-sante[pcsc]'")


def _check_pcscd() -> None:
    from cardio.rig.pcscd.private import unavailable

    if reason := unavailable():
        raise pytest.UsageError(f"--cardio-bench {PCSCD}: {reason}")
    check_pcsc()
