"""A CPS3 in a reader, contact side."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from cardio.cards.cps.certificate import CertificateUsage, CpsCertificate
from cardio.cards.cps.differences import Difference, compare
from cardio.cards.cps.holder import CardDescription, Holder, complete
from cardio.cards.cps.layout import (
    CPX_IAS,
    FREE_DATA_OBJECTS,
    PIN_REFERENCE,
    PUK_REFERENCE,
    SERIAL_FILE,
)
from cardio.cards.cps.records import HolderInfo, HolderName, IdCard, Record, decode
from cardio.cards.cps.serial import ChipSerial
from cardio.cards.identify import CardKind, Match
from cardio.errors import CardError, CardioError, MalformedData, RecordError, UnsupportedCard
from cardio.iasecc.application import Application
from cardio.iasecc.pkcs15 import CertificateEntry, DataEntry, TokenInfo
from cardio.iasecc.read_once import ReadOnce
from cardio.iasecc.sdo import ControlParameters, SdoClass, read_control_parameters
from cardio.identity.ps_idnat import PsIdNat
from cardio.iso7816.path import ROOT
from cardio.transport.channel import Channel

ValueT = TypeVar("ValueT")
RecordT = TypeVar("RecordT", bound=Record)

_OF_THE_HOLDER = (CertificateUsage.SIGNATURE, CertificateUsage.AUTHENTICATION)


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read: the part of the card, and why. No data of the card is in it."""

    part: str
    error: CardioError


class CpsCard:
    """The free data of a CPS3; nothing is read before it is asked for, nothing twice.

    A part that is missing or damaged is None or left out, and told in `problems`: only
    `TransportError`s are raised where nothing else is said. `application` gives the card's
    directories (keys, PINs). Raises `UnsupportedCard` for a match of another kind.
    """

    def __init__(self, channel: Channel, match: Match) -> None:
        if match.kind is not CardKind.CPS3:
            raise UnsupportedCard(f"a card of kind {match.kind.value} is not read as a CPS3")
        self.match = match
        self.application = Application(channel, CPX_IAS)
        self._channel = channel
        self._problems: dict[Problem, None] = {}
        self._contents: dict[str, bytes | None] = {}
        self._certificates: dict[CertificateEntry, CpsCertificate | None] = {}

    @property
    def reader(self) -> str:
        """Name of the reader."""
        return self._channel.reader

    @property
    def atr(self) -> bytes:
        return self._channel.atr

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read of the parts asked for so far."""
        return tuple(self._problems)

    @ReadOnce
    def serial(self) -> ChipSerial | None:
        """The chip's number; it was read when the card was identified."""
        raw = self.match.serial
        return self._attempt(
            "EF.SN.ICC", lambda: ChipSerial.decode(raw or self.application.read(SERIAL_FILE))
        )

    @ReadOnce
    def token_info(self) -> TokenInfo | None:
        """The token's label, `CPS3v3-` and the printed card number. Takes 2 commands."""
        return self._attempt("EF.TokenInfo", lambda: self.application.token_info)

    @ReadOnce
    def certificates(self) -> tuple[CpsCertificate, ...]:
        """All of them, in the card's order."""
        found = (self._certificate(entry) for entry in self._certificate_entries)
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

    def data_object(self, label: str) -> bytes | None:
        """A data object's content (`CPS_DATA` …); None when the card lists no such label.

        Raises `SecurityStatusNotSatisfied` for one that wants the PIN first, and other
        `CardError`s and `MalformedData`.
        """
        entry = next((one for one in self._data_entries if one.label == label), None)
        return self.application.read(entry.path) if entry else None

    @ReadOnce
    def free_data_objects(self) -> dict[str, bytes]:
        """The data objects free to read, by their labels."""
        found = {label: self._free_data_object(label) for label in FREE_DATA_OBJECTS}
        return {label: content for label, content in found.items() if content is not None}

    def tries_left(self) -> int | None:
        """Tries left on the code porteur, asked anew each time and never spent: 2 commands.

        None when the card does not tell. Raises as `pin_counters`.
        """
        return self.pin_counters().tries_left

    def pin_counters(self) -> ControlParameters:
        """The counters of the code porteur. Raises `UnexpectedStatus` and `TlvError`."""
        return read_control_parameters(self._channel, ROOT, SdoClass.PIN, PIN_REFERENCE)

    def puk_counters(self) -> ControlParameters:
        """The counters of the code de déblocage. Raises `UnexpectedStatus` and `TlvError`."""
        return read_control_parameters(self._channel, ROOT, SdoClass.PIN, PUK_REFERENCE)

    @ReadOnce
    def _certificate_entries(self) -> tuple[CertificateEntry, ...]:
        self._note("EF.ODF", self.application.directories.problems)
        self._note("EF.CDF", self.application.certificates.problems)
        return self.application.certificates.entries

    @ReadOnce
    def _data_entries(self) -> tuple[DataEntry, ...]:
        self._note("EF.ODF", self.application.directories.problems)
        self._note("EF.DODF", self.application.data_objects.problems)
        return self.application.data_objects.entries

    @ReadOnce
    def _holder_certificate(self) -> CpsCertificate | None:
        return self._first_certificate(*_OF_THE_HOLDER)

    def _first_certificate(self, *usages: CertificateUsage) -> CpsCertificate | None:
        for entry in self._certificate_entries:
            certificate = self._certificate(entry)
            if certificate and certificate.usage in usages:
                return certificate
        return None

    def _certificate(self, entry: CertificateEntry) -> CpsCertificate | None:
        if entry not in self._certificates:
            self._certificates[entry] = self._attempt(
                "certificate",
                lambda: CpsCertificate.decode(
                    self.application.read_certificate(entry.path), entry.label
                ),
            )
        return self._certificates[entry]

    def _free_data_object(self, label: str) -> bytes | None:
        if label not in self._contents:
            self._contents[label] = self._attempt(label, lambda: self._expected(label))
        return self._contents[label]

    def _expected(self, label: str) -> bytes | None:
        """As `data_object`; a sound directory that lacks the label is an error."""
        if self._data_entries and all(entry.label != label for entry in self._data_entries):
            raise RecordError(f"EF.DODF lists no {label}")
        return self.data_object(label)

    def _record(self, kind: type[RecordT]) -> RecordT | None:
        raw = self._free_data_object(kind.name)
        record = self._attempt(kind.name, lambda: decode(kind, raw)) if raw is not None else None
        if record:
            self._note(kind.name, record.problems)
        return record

    def _check(self, ps_idnat: PsIdNat | None) -> None:
        """Note a wrong key, as `Holder.rpps` is None then."""
        self._attempt("PS_IdNat", lambda: ps_idnat and (ps_idnat.rpps or ps_idnat.adeli))

    def _with_serial(self, card: CardDescription) -> CardDescription:
        serial = self.serial
        if serial is None:
            return card
        return replace(card, chip_serial=serial.number, issuer=card.issuer or serial.issuer)

    def _attempt(self, part: str, read: Callable[[], ValueT]) -> ValueT | None:
        try:
            return read()
        except (CardError, MalformedData) as error:
            self._note(part, (error,))
            return None

    def _note(self, part: str, errors: Iterable[CardioError]) -> None:
        self._problems.update((Problem(part, error), None) for error in errors)
