"""Open the professional's card by the road that works here, and say which and why."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, get_args

from cardio.cards.cps.card import CpsCard
from cardio.cards.cps.contents import Contents
from cardio.cards.cps.serial import ChipSerial
from cardio.cards.identify import Interface, Match, Reason
from cardio.errors import CardioError, MalformedData, NoRoad, SelectionError
from cardio.transport.base import ResourceManager
from cardio.transport.channel import Channel
from cardio.transport.readers import choose_reader
from cardio.transport.stack import stack
from cardio.workstation.managers import open_manager
from cardio.workstation.roads import SENTENCES, Road, RoadReason, why_not_direct
from cardio.workstation.scan import Looked, OpenSlot, close_all, scan
from cardio.workstation.selection import SelectionReason, select
from cardio.workstation.workstation import READABLE_CPS

if TYPE_CHECKING:
    from cardio.cards.cps.pkcs11.tokens import CpsToken

Preference = Literal["direct", "pkcs11", "auto"]


class OpenedCps(CpsCard):
    """A `CpsCard` that was opened by itself. Use it as a context manager, or `close` it.

    `road` is how the card is spoken to, `why_code` why so; where the direct road was tried in
    vain, `direct_error` is what it ended with.
    """

    def __init__(
        self,
        link: Channel | Contents,
        match: Match,
        road: Road = Road.DIRECT,
        why: RoadReason = RoadReason.ASKED,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(link, match)
        self.road = road
        self.why_code = why
        self.direct_error: CardioError | None = None
        self._close = close

    @property
    def why(self) -> str:
        """Why this road, as an English sentence; in French: message `road.why.` + `why_code`."""
        sentence = SENTENCES[self.why_code]
        return f"{sentence} ({self.direct_error})" if self.direct_error else sentence

    def close(self) -> None:
        """Let go of the card; over PKCS#11 that logs out, directly it leaves the card as it is."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_cps(
    prefer: Preference = "auto",
    *,
    serial: str | None = None,
    reader: str | None = None,
    module: str | Path | None = None,
    where: str = "pcsc",
) -> OpenedCps:
    """The one CPS of this workstation, through PC/SC or through a PKCS#11 module.

    `auto` takes the direct road where PC/SC shows a CPS that can be read, and PKCS#11 where it
    does not: see `OpenedCps.why`. `serial` is the chip's number (8 digits; or what the module
    shows as the token's), `reader` a part of the reader's or slot's name: they choose among
    several cards. `module` is the file of a PKCS#11 module, else the Cryptolib's is looked for;
    `where` the readers, as `Workstation.open` takes them.

    Raises `SelectionError` when there is not exactly one such card; `NoRoad`, which holds both
    errors, when neither road leads to one; on the road asked for, the errors of that road; and
    `ValueError` for another `prefer`.
    """
    if prefer not in get_args(Preference):
        raise ValueError(f"prefer is one of {', '.join(get_args(Preference))}, not {prefer!r}")
    if prefer == "pkcs11":
        return _through_module(module, serial, reader, RoadReason.ASKED)
    try:
        why = RoadReason.ASKED if prefer == "direct" else RoadReason.READABLE
        return _directly(where, serial, reader, why)
    except CardioError as error:
        if prefer == "direct" or _is_ambiguous(error):
            raise
        direct_error = error
    try:
        opened = _through_module(module, serial, reader, why_not_direct(direct_error))
    except CardioError as error:
        if _is_ambiguous(error):
            raise
        raise NoRoad(direct=direct_error, pkcs11=error) from direct_error
    opened.direct_error = direct_error
    return opened


def _directly(where: str, serial: str | None, reader: str | None, why: RoadReason) -> OpenedCps:
    manager = open_manager(where)
    with ExitStack() as undo:
        undo.callback(manager.close)
        slot = _chosen_slot(manager, serial, reader)
        undo.callback(slot.connection.close)
        if why is RoadReason.READABLE and slot.match.reason is Reason.PROOF_REFUSED:
            reason = SelectionReason.NOT_READABLE.value
            raise SelectionError(slot.match.why, reason=reason).at(slot.status.name)
        close = undo.pop_all().close
    return OpenedCps(Channel(slot.connection), slot.match, Road.DIRECT, why, close)


def _chosen_slot(manager: ResourceManager, serial: str | None, reader: str | None) -> OpenSlot:
    readers = manager.readers()
    wanted = readers if reader is None else (choose_reader(reader, readers),)
    slots = scan(wanted, lambda name: stack(manager.connect(name)))
    try:
        fits = slots if serial is None else _of_serial(slots, serial)
        chosen = select(fits, READABLE_CPS, "CPS")
    except BaseException:
        close_all(slots)
        raise
    close_all(slot for slot in slots if slot is not chosen)
    return chosen


def _of_serial(slots: tuple[Looked, ...], serial: str) -> tuple[OpenSlot, ...]:
    """Raises `SelectionError`. Which serials there are is not told: they name a holder."""
    cards = tuple(slot for slot in slots if isinstance(slot, OpenSlot))
    fits = tuple(slot for slot in cards if _chip_number(slot.match) == serial)
    if not fits:
        raise _no_such_serial(len(cards), "cards")
    return fits


def _chip_number(match: Match) -> str | None:
    try:
        return ChipSerial.decode(match.serial).number if match.serial else None
    except MalformedData:
        return None


def _through_module(
    module: str | Path | None, serial: str | None, reader: str | None, why: RoadReason
) -> OpenedCps:
    from cardio.cards.cps.pkcs11.modules import find_module
    from cardio.cards.cps.pkcs11.tokens import cps_tokens

    token = _chosen_token(cps_tokens(find_module(module)), serial, reader)
    contents = token.contents()
    return OpenedCps(contents, token.match, Road.PKCS11, why, contents.link.close)


def _chosen_token(
    tokens: "tuple[CpsToken, ...]", serial: str | None, reader: str | None
) -> "CpsToken":
    if not tokens:
        message = "the PKCS#11 module shows no CPS"
        raise SelectionError(message, reason=SelectionReason.NOT_FOUND.value)
    fits = [token for token in tokens if serial in (None, token.serial, token.token.state.serial)]
    if not fits:
        raise _no_such_serial(len(tokens), "CPS tokens")
    if reader is not None:
        fits = [token for token in fits if reader.casefold() in token.reader.casefold()]
    fits = [token for token in fits if token.match.interface is Interface.CONTACT] or fits
    if len(fits) == 1:
        return fits[0]
    if fits:
        message = f"the PKCS#11 module shows {len(fits)} CPS: choose one by serial="
        raise SelectionError(message, reason=SelectionReason.SEVERAL.value)
    message = f"none of {len(tokens)} CPS tokens is in a reader named like {reader!r}"
    raise SelectionError(message, reason=SelectionReason.NOT_FOUND.value)


def _no_such_serial(among: int, what: str) -> SelectionError:
    message = f"none of {among} {what} has that serial number"
    return SelectionError(message, reason=SelectionReason.NOT_FOUND.value)


def _is_ambiguous(error: CardioError) -> bool:
    return isinstance(error, SelectionError) and error.reason == SelectionReason.SEVERAL
