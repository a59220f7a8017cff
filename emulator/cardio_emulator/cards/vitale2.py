"""The emulated Vitale 2: what two public readers were seen to read, and stand-ins for the rest.

Both the map walk of cardpeek and the short-identifier reads of Rufus work (facts: vitale.md §2.3,
vitale_readers.md §3). The layout of real cards is not public: every file says how sure it is.
Rights and address are in a stand-in file of ours; photo, card-to-card authentication and
signature are not there.
"""

from dataclasses import dataclass

from cardio.errors import ConfigurationError
from cardio.iso7816.path import MASTER_FILE
from cardio.iso7816.tlv import Tlv
from cardio_emulator.card_os import Card
from cardio_emulator.cards.vitale2_persona import Beneficiary, VitalePersona, load
from cardio_emulator.cards.vitale_atrs import VITALE2_ATRS
from cardio_emulator.cards.vitale_cv import certificate
from cardio_emulator.cards.vitale_rights import encode
from cardio_emulator.image import (
    NO_ACCESS,
    Access,
    CardImage,
    Confidence,
    DedicatedFile,
    ElementaryFile,
    Manners,
    Origin,
    PlainSelect,
)
from cardio_emulator.persona_files import PersonaSource

ATR = VITALE2_ATRS[0]
"""Unless the persona names another published one."""
MF_VITALE = bytes.fromhex("D2500000024D465F564954414C45")
VITALE = bytes.fromhex("D250000002564954414C45")
ADELE = bytes.fromhex("D2500000044164E86C650101")
"""Names of the root, of the health-insurance and of the e-administration application
(facts: vitale.md §2.2)."""

SHORT_IDENTIFIER = 2
"""By which one reader takes the identities and the NIRs (facts: vitale.md §2.3)."""
MAX_TEMPLATE = 0x7F
"""Longest content of a person's template: a reader knows one-byte lengths only (§2.6)."""

_VITALE_DF, _ADELE_DF = 0x0100, 0x0200
_MAP, _PERSONS, _VALIDITY, _PROTECTED, _DIR, _PAN = 0x2001, 0x2002, 0x2003, 0x2004, 0x2F00, 0x2F02
_RAW, _RIGHTS, _CERTIFICATE = 0x2005, 0x2006, 0x2010
_BENEFICIARY = 0x65
_NAME, _GIVEN_NAME, _BIRTH_DATE, _COUNTRY, _NIR = 0x80, 0x81, 0x82, 0x90, 0x93
_CARD_DATA, _VALID_FROM = 0x66, 0x80
_MAP_TEMPLATE, _APPLICATIONS, _MAP_APPLICATION, _MAP_FILE = 0xE0, 0xA0, 0x82, 0x80
_DIR_APPLICATION, _AID, _PRIMARY_ACCOUNT_NUMBER = 0x61, 0x4F, 0x5A
_UNKNOWN = bytes(2)
"""Bytes 3 and 4 of an application in the map: meaning not public (§2.5)."""
_CLOSED = Access(NO_ACCESS)
_RAW_SIZE = 256
"""A file of whole blocks: a reader has to ask once more to see its end."""

_NAMED = Origin(Confidence.OBSERVED, "vitale.md §2.2, two independent readers")
_COMMENTED = Origin(Confidence.INFERRED, "vitale.md §2.2, in a comment of one reader")
_READ = Origin(
    Confidence.OBSERVED, "vitale.md §2.4: short identifier 2 and tags; identifier 2002 is ours"
)
_MAPPED = Origin(Confidence.OBSERVED, "vitale.md §2.5, one reader; names and numbers are ours")
_DATED = Origin(Confidence.OBSERVED, "vitale.md §2.6, tags of one reader; the file is ours")
_ISO = Origin(Confidence.INFERRED, "ISO/IEC 7816-4 §12.2 for the file 2F00")
_CERTIFIED = Origin(Confidence.OBSERVED, "vitale.md §2.6, tags of one reader; all else is ours")
_STAND_IN = Origin(Confidence.STAND_IN, "vitale.md §8")


@dataclass(frozen=True, slots=True)
class _MappedFile:
    """A line of the map 2001: the application's number, the 8-character name, the identifier."""

    application: int
    name: str
    fid: int

    def encode(self) -> Tlv:
        name = self.name.ljust(8).encode("ascii")
        return Tlv.of(_MAP_FILE, name, _two_bytes(self.application), _two_bytes(self.fid))


_ROOT_NUMBER, _VITALE_NUMBER, _ADELE_NUMBER = 1, 2, 3
_MAPPED_APPLICATIONS = {_ROOT_NUMBER: MF_VITALE, _VITALE_NUMBER: VITALE, _ADELE_NUMBER: ADELE}
_MAPPED_FILES = (
    _MappedFile(_ROOT_NUMBER, "IDENT", _PERSONS),
    _MappedFile(_ROOT_NUMBER, "VALIDITE", _VALIDITY),
    _MappedFile(_VITALE_NUMBER, "BENEF", _PERSONS),
    _MappedFile(_VITALE_NUMBER, "PROTEGE", _PROTECTED),
    _MappedFile(_VITALE_NUMBER, "BRUT", _RAW),
    _MappedFile(_ADELE_NUMBER, "CERTIF", _CERTIFICATE),
)
_MAPPED_RIGHTS = _MappedFile(_VITALE_NUMBER, "STANDIN", _RIGHTS)


def make(source: PersonaSource = "famille") -> Card:
    """A fresh card about a persona that comes with cardio, or one's own file.

    Raises `ConfigurationError`.
    """
    return Card(image(load(source)))


def image(persona: VitalePersona) -> CardImage:
    """The whole card. Raises `ConfigurationError` when a person's data are too long."""
    return CardImage(
        kind="vitale2",
        atr=persona.atr,
        serial=persona.serial,
        root=DedicatedFile(
            MASTER_FILE,
            name=MF_VITALE,
            children=(*_root_files(persona), _vitale(persona), _adele(persona)),
            label="root",
            origin=_NAMED,
        ),
        manners=Manners(plain_select=PlainSelect.NAME),
    )


def _root_files(persona: VitalePersona) -> tuple[ElementaryFile, ...]:
    identities = b"".join(_identity(person) for person in persona.beneficiaries)
    validity = Tlv.of(_CARD_DATA, Tlv.of(_VALID_FROM, persona.valid_from.encode("ascii")))
    directory = Tlv.of(_DIR_APPLICATION, Tlv.of(_AID, VITALE))
    serial = Tlv.of(_PRIMARY_ACCOUNT_NUMBER, bytes.fromhex(persona.serial))
    return (
        _file(_PERSONS, identities, "identities", _READ, sfi=SHORT_IDENTIFIER),
        _file(_VALIDITY, validity.encode(), "start of validity", _DATED),
        _file(_DIR, directory.encode(), "EF.DIR", _ISO),
        _file(_PAN, serial.encode(), "PAN: card serial number", _STAND_IN),
    )


def _vitale(persona: VitalePersona) -> DedicatedFile:
    numbers = b"".join(_number(person) for person in persona.beneficiaries)
    files = (
        _file(_MAP, _map(persona), "map of applications and files", _MAPPED),
        _file(_PERSONS, numbers, "NIRs", _READ, sfi=SHORT_IDENTIFIER),
        ElementaryFile(
            _PROTECTED,
            persona.organism.encode("ascii"),
            access=_CLOSED,
            label="protected file",
            origin=_STAND_IN,
        ),
        _file(_RAW, bytes(_RAW_SIZE), "file that is no TLV", _STAND_IN),
        *_rights(persona),
    )
    return DedicatedFile(_VITALE_DF, name=VITALE, children=files, label="VITALE", origin=_NAMED)


def _rights(persona: VitalePersona) -> tuple[ElementaryFile, ...]:
    """The records of the card, then those of each person, where the persona has them."""
    if not persona.rights:
        return ()
    people = (group for person in persona.beneficiaries for group in person.rights)
    return (_file(_RIGHTS, encode((*persona.rights, *people)), "rights", _STAND_IN),)


def _adele(persona: VitalePersona) -> DedicatedFile:
    verifiable = _file(
        _CERTIFICATE, certificate(persona.serial), "card-verifiable certificate", _CERTIFIED
    )
    return DedicatedFile(
        _ADELE_DF, name=ADELE, children=(verifiable,), label="ADELE", origin=_COMMENTED
    )


def _map(persona: VitalePersona) -> bytes:
    """Applications first, then files, nothing padded (facts: vitale.md §2.5)."""
    applications = (
        Tlv.of(_MAP_APPLICATION, _two_bytes(number), _UNKNOWN, aid)
        for number, aid in _MAPPED_APPLICATIONS.items()
    )
    stand_in = (_MAPPED_RIGHTS,) if persona.rights else ()
    files = (file.encode() for file in (*_MAPPED_FILES, *stand_in))
    return Tlv.of(_MAP_TEMPLATE, Tlv.of(_APPLICATIONS, *applications), *files).encode()


def _identity(person: Beneficiary) -> bytes:
    return _template(
        Tlv.of(_NAME, person.family_name.encode("latin-1")),
        Tlv.of(_GIVEN_NAME, person.given_name.encode("latin-1")),
        Tlv.of(_BIRTH_DATE, person.birth_date.encode("ascii")),
    )


def _number(person: Beneficiary) -> bytes:
    return _template(
        Tlv.of(_COUNTRY, person.country.encode("latin-1")),
        Tlv.of(_NIR, person.nir.value.encode("ascii")),
    )


def _template(*parts: Tlv) -> bytes:
    template = Tlv.of(_BENEFICIARY, *parts)
    if len(template.value) > MAX_TEMPLATE:
        raise ConfigurationError(
            f"a person's names take {len(template.value)} bytes, more than {MAX_TEMPLATE}"
        )
    return template.encode()


def _file(
    fid: int, content: bytes, label: str, origin: Origin, *, sfi: int | None = None
) -> ElementaryFile:
    return ElementaryFile(fid, content, sfi=sfi, label=label, origin=origin)


def _two_bytes(number: int) -> bytes:
    return number.to_bytes(2, "big")
