"""A CPS card in a reader, whatever its generation."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from secrets import token_bytes
from typing import TYPE_CHECKING, TypeVar

from cardio.cards.cps.card_contents import CardContents
from cardio.cards.cps.certificate import CertificateUsage, CpsCertificate
from cardio.cards.cps.contents import Contents, Problem, StoredCertificate
from cardio.cards.cps.differences import Difference, compare
from cardio.cards.cps.generation import GENERATIONS
from cardio.cards.cps.holder import CardDescription, Holder, complete
from cardio.cards.cps.layout import CPS_DATA
from cardio.cards.cps.pin_pad import CpsPinPad
from cardio.cards.cps.pin_session import PinSession
from cardio.cards.cps.records import Activity, HolderInfo, HolderName, IdCard, Record, decode
from cardio.cards.cps.serial import ChipSerial
from cardio.cards.cps.situation import PracticeSituation
from cardio.cards.cps.update import CardUpdate
from cardio.cards.identify import Interface, Match
from cardio.errors import (
    AuthenticationBlocked,
    CardError,
    MalformedData,
    SecurityStatusNotSatisfied,
    TruncatedAnswer,
    UnsupportedCard,
)
from cardio.iasecc import der
from cardio.iasecc.application import Application
from cardio.iasecc.pkcs15 import TokenInfo
from cardio.iasecc.read_once import ReadOnce
from cardio.identity.ps_idnat import PsIdNat
from cardio.iso7816.status import StatusWord
from cardio.keys.abilities import KeyAbilities, KeyRole
from cardio.pin.commands import PinCounters
from cardio.pin.entry import PinEntryMode
from cardio.pin.guard import Allow
from cardio.pin.outcomes import ChangeOutcome, RefusalReason, Refused, VerifyOutcome
from cardio.pin.pin import Pin
from cardio.transport.channel import Channel
from cardio.transport.pinpad import PadLanguage

if TYPE_CHECKING:
    from cardio.cards.cps.key_ring import CardKeys

__all__ = ["CpsCard", "Problem"]

ValueT = TypeVar("ValueT")
RecordT = TypeVar("RecordT", bound=Record)

_OF_THE_HOLDER = (CertificateUsage.SIGNATURE, CertificateUsage.AUTHENTICATION)
_KEY_SIZE = 32
_NO_PIN = Refused(RefusalReason.NO_PIN)


class CpsCard:
    """A CPS3, through its contacts or contactless, a CPS4 or a CPS2ter; or its PKCS#11 token.

    Nothing is read before it is asked for, nothing twice. A part that is missing or damaged is
    None or left out, and told in `problems`: only `TransportError`s are raised where nothing
    else is said. A contactless card tells nothing of its holder; a CPS2ter has no certificates.
    Raises `UnsupportedCard` for a match of another kind.
    """

    def __init__(self, link: Channel | Contents, match: Match) -> None:
        if match.kind not in GENERATIONS:
            raise UnsupportedCard(f"a card of kind {match.kind.value} is not read as a CPS")
        self.match = match
        self._generation = GENERATIONS[match.kind]
        is_card = isinstance(link, Channel)
        self._contents = CardContents(link, self._generation) if is_card else link
        self._free: dict[str, bytes | None] = {}
        self._certificates: dict[StoredCertificate, CpsCertificate | None] = {}

    @property
    def reader(self) -> str:
        """Name of the reader."""
        return self._contents.reader

    @property
    def atr(self) -> bytes:
        """The answer to reset; empty over PKCS#11, which does not tell it."""
        return self._contents.atr

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read of the parts asked for so far."""
        return self._contents.problems

    @property
    def application(self) -> Application:
        """The card's directories: keys, certificates, data objects, PINs.

        Raises `UnsupportedCard` over PKCS#11.
        """
        return self._contents.application

    @property
    def key_abilities(self) -> dict[KeyRole, KeyAbilities]:
        """What each key of this kind of card can do; nothing is loaded or read for it."""
        return {key.role: key.abilities for key in self._generation.keys}

    @ReadOnce
    def keys(self) -> "CardKeys":
        """The private keys as `cryptography` keys: `card.keys.authentication.sign(…)`."""
        from cardio.cards.cps.key_ring import CardKeys

        return CardKeys(self._contents.keys(self._certificate_of, self._unlocked))

    @ReadOnce
    def serial(self) -> ChipSerial | None:
        """The chip's number; it was read when the card was identified."""
        raw = self.match.serial
        return self._contents.attempt(
            "EF.SN.ICC", lambda: ChipSerial.decode(raw or self._contents.serial())
        )

    @ReadOnce
    def token_info(self) -> TokenInfo | None:
        """The token's label, `CPS3v3-` and the printed card number; None on a CPS2ter."""
        return self._contents.attempt("EF.TokenInfo", self._contents.token_info)

    @ReadOnce
    def certificates(self) -> tuple[CpsCertificate, ...]:
        """All of them, in the card's order."""
        found = (self._certificate(entry) for entry in self._contents.certificates)
        return tuple(certificate for certificate in found if certificate)

    @property
    def signature_certificate(self) -> CpsCertificate | None:
        """The one of key usage non-repudiation, wherever the card lists it."""
        return self._first_certificate(CertificateUsage.SIGNATURE)

    @property
    def authentication_certificate(self) -> CpsCertificate | None:
        """The one of key usage digital signature alone, wherever the card lists it."""
        return self._first_certificate(CertificateUsage.AUTHENTICATION)

    @ReadOnce
    def holder(self) -> Holder:
        """The holder as one certificate tells; as the records tell where no certificate does.

        Reads EF.ODF, EF.CDF and one certificate. `full_holder` also has what only the records
        know: civility and speciality.
        """
        certificate = self._holder_certificate
        holder = Holder.of_certificate(certificate) if certificate else Holder()
        if holder.ps_idnat is None:
            holder = complete(holder, self.recorded_holder)
        self._check(holder.ps_idnat)
        return holder

    @ReadOnce
    def full_holder(self) -> Holder:
        """The holder as the certificate tells, completed by the card's records."""
        return complete(self.holder, self.recorded_holder)

    @ReadOnce
    def card(self) -> CardDescription:
        """The card as one certificate tells; as the records tell where no certificate does."""
        certificate = self._holder_certificate
        if certificate is None:
            return self._with_serial(self.recorded_card)
        return self._with_serial(CardDescription.of_certificate(self.match, certificate))

    @ReadOnce
    def full_card(self) -> CardDescription:
        """The card as the certificate tells, completed by the card's records."""
        return complete(self.card, self.recorded_card)

    @ReadOnce
    def id_card(self) -> IdCard | None:
        """The record CPS_ID_CARD."""
        return self._record(IdCard)

    @ReadOnce
    def holder_name(self) -> HolderName | None:
        """The record CPS_NAME_PS."""
        return self._record(HolderName)

    @ReadOnce
    def holder_info(self) -> HolderInfo | None:
        """The record CPS_INFO_PS."""
        return self._record(HolderInfo)

    @property
    def recorded_holder(self) -> Holder:
        """The holder as the card's records tell."""
        return Holder.of_records(self.holder_info, self.holder_name)

    @property
    def recorded_card(self) -> CardDescription:
        """The card as its records tell."""
        return CardDescription.of_records(self.match, self.id_card, self.holder_info)

    @ReadOnce
    def differences(self) -> tuple[Difference, ...]:
        """Where certificate and records differ; none when there is no certificate."""
        certificate = self._holder_certificate
        if certificate is None:
            return ()
        description = CardDescription.of_certificate(self.match, certificate)
        told = (Holder.of_certificate(certificate), description)
        return compare(told, (self.recorded_holder, self.recorded_card))

    @ReadOnce
    def last_update(self) -> CardUpdate | None:
        """What EF_ACTUA tells; None when the card was never updated, or over PKCS#11.

        None, too, where the card refuses it, which `problems` tells.
        """
        try:
            raw = self._contents.update()
        except (MalformedData, TruncatedAnswer):
            raw = b""
        except CardError as error:
            self._contents.note("EF_ACTUA", (error,))
            return None
        if raw is None:
            return None
        update = CardUpdate.decode(raw)
        self._contents.note("EF_ACTUA", (update.problem,) if update.problem else ())
        return update

    def data_object(self, label: str) -> bytes | None:
        """A data object's content (`CPS_DATA` …); None when the card has no such label.

        Raises `SecurityStatusNotSatisfied` for one that wants the PIN first, `PinStateLost` if
        it had been verified, and other `CardError`s and `MalformedData`.
        """
        return self._unlocked(lambda: self._contents.data_object(label))

    @ReadOnce
    def free_data_objects(self) -> dict[str, bytes]:
        """The data objects free to read, by their labels."""
        labels = self._generation.free_labels
        found = {label: self._free_data_object(label) for label in labels}
        return {label: content for label, content in found.items() if content is not None}

    def write_cps_data(self, content: bytes) -> None:
        """Replace CPS_DATA, the one writable object, filled up with 00; wants the PIN first.

        Raises `UnsupportedCard` where there is none (CPS2ter, contactless), `FcpError` when it
        does not fit, and as `data_object`.
        """
        self._unlocked(lambda: self._contents.write(CPS_DATA, content))
        self._free.pop(CPS_DATA, None)
        vars(self).pop("free_data_objects", None)

    def situations(self) -> tuple[PracticeSituation, ...]:
        """The holder's situations of practice, in the card's order; numbers may have holes.

        Wants the PIN first: raises as `data_object` in that case. One that is damaged is left
        out and told in `problems`.
        """
        return self._unlocked(lambda: tuple(self._situations()))

    def transaction(self) -> AbstractContextManager[None]:
        """Keep every other program off the card, from the PIN to what it is for.

        Never to be held while a person is asked something.
        """
        return self._contents.transaction()

    @property
    def has_pin(self) -> bool:
        """Whether this card, through this interface, has a PIN."""
        return self._generation.pin is not None

    def tries_left(self) -> int | None:
        """Tries left on the code porteur, asked anew each time and never spent: 3 exchanges.

        None when the card does not tell. Raises as `pin_counters`.
        """
        return self.pin_counters().tries_left

    def pin_counters(self) -> PinCounters:
        """The counters of the code porteur. Raises `CardError` and `MalformedData`."""
        return self.pin_session.commands.counters() if self.pin_session else PinCounters()

    def puk_counters(self) -> PinCounters:
        """The counters of the code de déblocage. Raises `CardError` and `MalformedData`."""
        return self.pin_session.commands.puk_counters() if self.pin_session else PinCounters()

    def verify_pin(
        self, pin: Pin, *, allow: Allow = Allow.NOTHING, keep_for_session: bool = False
    ) -> VerifyOutcome:
        """Present the code porteur, after its counter was read; see `RetryGuard.verify`.

        With `keep_for_session` a right PIN is given to this very chip again, once each time
        another program's reset made it forget; otherwise `PinStateLost` is raised then. A PIN
        that has not the usual 4 digits is measured against the card's AODF first.
        """
        session = self.pin_session
        return session.verify(pin, allow, keep=keep_for_session) if session else _NO_PIN

    def log_in(
        self,
        mode: PinEntryMode,
        ask: Callable[[], Pin] = Pin.prompt,
        *,
        allow: Allow = Allow.NOTHING,
    ) -> VerifyOutcome:
        """Have the code porteur given in the way `mode` says; `ask` is called for PROMPT only.

        With DEFER nothing happens (`Refused(DEFERRED)`) until something behind the PIN is read:
        `ask` is called then, once, and `PinNotVerified` raised if that does not open the card.
        """
        match mode:
            case PinEntryMode.PROMPT:
                with ask() as pin:
                    return self.verify_pin(pin, allow=allow)
            case PinEntryMode.PAD:
                pad = self.pin_pad()
                if pad is None:
                    return Refused(RefusalReason.NO_PAD)
                return self.verify_pin_on_pad(pad.verify, allow=allow)
            case PinEntryMode.DEFER if self.pin_session:
                self.pin_session.defer(ask, allow)
                return Refused(RefusalReason.DEFERRED)
            case PinEntryMode.DEFER:
                return _NO_PIN
            case PinEntryMode.SKIP:
                return Refused(RefusalReason.SKIPPED)

    def pin_pad(self, language: PadLanguage = PadLanguage.FRENCH) -> CpsPinPad | None:
        """The reader's PIN pad: `card.verify_pin_on_pad(card.pin_pad().verify)`.

        None where the reader has no pad, or the card no PIN. Reads the AODF for the PIN's length.
        """
        pad = self._contents.pin_pad(language)
        if pad and self.pin_session:
            self.pin_session.learn()
        return pad

    def verify_pin_on_pad(
        self, use_pad: Callable[[], StatusWord], *, allow: Allow = Allow.NOTHING
    ) -> VerifyOutcome:
        """Have the code porteur typed on the reader; see `RetryGuard.verify_on_pad`."""
        return self.pin_session.verify_on_pad(use_pad, allow) if self.pin_session else _NO_PIN

    def change_pin(self, old: Pin, new: Pin, *, allow: Allow = Allow.NOTHING) -> ChangeOutcome:
        """Put `new` in the place of `old`; see `RetryGuard.change`."""
        return self.pin_session.change(old, new, allow) if self.pin_session else _NO_PIN

    def change_pin_on_pad(
        self, use_pad: Callable[[], StatusWord], *, allow: Allow = Allow.NOTHING
    ) -> ChangeOutcome:
        """Have both PINs typed on the reader; see `RetryGuard.change_on_pad`."""
        return self.pin_session.change_on_pad(use_pad, allow) if self.pin_session else _NO_PIN

    def unblock_pin(self, puk: Pin, new: Pin, *, allow: Allow = Allow.NOTHING) -> ChangeOutcome:
        """Set a new PIN by the code de déblocage; see `RetryGuard.unblock`."""
        return self.pin_session.unblock(puk, new, allow) if self.pin_session else _NO_PIN

    def log_out(self) -> None:
        """Close the card and forget a kept PIN.

        No command that closes it is known, so the connection ends with a reset, which every
        other program on this card notices: go on with `Workstation.reopen`.
        """
        if self.pin_session:
            self.pin_session.log_out()

    def resume(self, former: "CpsCard") -> None:
        """Take over the session of the same card before its connection was lost.

        A PIN kept for the session comes along, and one that was deferred; the card is asked for
        its serial number before a kept one is used.
        """
        if self.pin_session and former.pin_session:
            former.pin_session.hand_over(self.pin_session)

    @ReadOnce
    def pin_session(self) -> PinSession | None:
        """The session's guard and PIN commands; None where there is no PIN."""
        commands = self._contents.pin
        if commands is None:
            return None
        # A card whose serial is not known is nobody's but this object's.
        known = self.match.serial or token_bytes(_KEY_SIZE)
        contents = self._contents
        return PinSession(commands, contents.serial_anew, known, contents.pin_entries)

    def _unlocked(self, read: Callable[[], ValueT]) -> ValueT:
        return self.pin_session.read(read) if self.pin_session else read()

    def _situations(self) -> Iterator[PracticeSituation]:
        labels = self._generation.situation_labels
        present = self._contents.present(labels)
        for number, label in enumerate(labels, start=1):
            if label not in present:
                continue
            activity = self._activity(label)
            if activity:
                self._contents.note(label, activity.problems)
                yield PracticeSituation.of_record(number, activity)

    def _activity(self, label: str) -> Activity | None:
        """None where nothing is written, or what is cannot be read."""
        try:
            raw = self._contents.data_object(label)
        except (SecurityStatusNotSatisfied, AuthenticationBlocked):
            raise
        except (CardError, MalformedData) as error:
            self._contents.note(label, (error,))
            return None
        if raw is None or not raw.strip(bytes(der.FILLING)):
            return None
        return self._contents.attempt(label, lambda: decode(Activity, raw))

    @ReadOnce
    def _holder_certificate(self) -> CpsCertificate | None:
        return self._first_certificate(*_OF_THE_HOLDER)

    def _first_certificate(self, *usages: CertificateUsage) -> CpsCertificate | None:
        for entry in self._contents.certificates:
            certificate = self._certificate(entry)
            if certificate and certificate.usage in usages:
                return certificate
        return None

    def _certificate_of(self, role: KeyRole, *, read: bool = True) -> CpsCertificate | None:
        usage = CertificateUsage(role.value)
        if read:
            return self._first_certificate(usage)
        known = tuple(self._certificates.values())  # another thread may read one more meanwhile
        return next((one for one in known if one and one.usage is usage), None)

    def _certificate(self, stored: StoredCertificate) -> CpsCertificate | None:
        if stored not in self._certificates:
            self._certificates[stored] = self._contents.attempt(
                "certificate",
                lambda: self._decoded(stored.read(), stored.label),
            )
        return self._certificates[stored]

    def _decoded(self, raw: bytes, label: str) -> CpsCertificate:
        """The contactless side has the technical certificate only, whatever it is called."""
        certificate = CpsCertificate.decode(raw, label)
        if self.match.interface is Interface.CONTACTLESS:
            return replace(certificate, usage=CertificateUsage.TECHNICAL)
        return certificate

    def _free_data_object(self, label: str) -> bytes | None:
        if label not in self._free:
            self._free[label] = self._contents.attempt(
                label, lambda: self._contents.expected(label)
            )
        return self._free[label]

    def _record(self, kind: type[RecordT]) -> RecordT | None:
        label = self._generation.record_labels.get(kind)
        raw = self._free_data_object(label) if label else None
        if label is None or raw is None:
            return None
        record = self._contents.attempt(label, lambda: decode(kind, raw))
        if record:
            self._contents.note(label, record.problems)
        return record

    def _check(self, ps_idnat: PsIdNat | None) -> None:
        """Note a wrong key, as `Holder.rpps` is None then."""
        self._contents.attempt("PS_IdNat", lambda: ps_idnat and (ps_idnat.rpps or ps_idnat.adeli))

    def _with_serial(self, card: CardDescription) -> CardDescription:
        serial = self.serial
        if serial is None:
            return card
        return replace(card, chip_serial=serial.number, issuer=card.issuer or serial.issuer)
