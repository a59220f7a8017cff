"""The words a catalogue may use, beside the code tables (facts: services.md §0)."""

from enum import StrEnum


class Credential(StrEnum):
    """What somebody, or an organisation, shows to a service."""

    CPS = "CPS"
    CPF = "CPF"
    CPE = "CPE"
    CPA = "CPA"
    CDE = "CDE"
    CDA = "CDA"
    E_CPS = "eCPS"
    PSC = "PSC"
    ORG_AUTH_CLI = "ORG_AUTH_CLI"
    ORG_SIGN = "ORG_SIGN"
    LOGIN = "IDMDP"
    NONE = "none"

    @property
    def is_card(self) -> bool:
        """Whether it is a card that a reader can hold."""
        return self in _CARDS


_CARDS = frozenset(
    {
        Credential.CPS,
        Credential.CPF,
        Credential.CPE,
        Credential.CPA,
        Credential.CDE,
        Credential.CDA,
    }
)


class PatientSide(StrEnum):
    """What is wanted of the patient."""

    VITALE = "vitale_required"
    VITALE_OR_NIR = "vitale_or_nir"
    VITALE_OR_TRAITS = "vitale_or_traits"
    VITALE_OR_APCV = "vitale_or_apcv"
    INS = "ins_required"
    NONE = "none"


class Deferred(StrEnum):
    """Whether it can be done without the patient's card: `DRAFT`, finished later without it."""

    NO = "no"
    DRAFT = "draft"
    NIR = "nir"
    YES = "yes"


class Channel(StrEnum):
    """How the service is reached."""

    AMELIPRO = "web_amelipro"
    WEB = "web_other"
    SOFTWARE = "tlsi"
    BILLING = "fse"
    MAIL = "mail"


class ServiceStatus(StrEnum):
    CURRENT = "current"
    RENAMED = "renamed"
    REPLACED = "replaced"
    CLOSED = "not_opened_any_more"


class Confidence(StrEnum):
    """How sure a rule is, in the words of the fact sheets."""

    SOURCED = "S"
    ONE_SECONDARY_SOURCE = "s1"
    INFERRED = "I"
    UNKNOWN = "U"


class Middleware(StrEnum):
    """Programs that a workstation has or lacks (facts: services.md §4)."""

    CRYPTOLIB = "cryptolib"
    GALSS = "galss"
    SRVSVCNAM = "srvsvcnam"
    VITALE_EXTENSION = "vitale_extension"
    FSV = "fsv"
    LPS = "lps"


class Contract(StrEnum):
    """What was signed or declared beforehand; no workstation can show it."""

    ANS_ADHESION = "ans_adhesion_finess_juridique"
    CPAM_DECLARATION = "cpam_declaration"
    DELEGATION = "amelipro_delegation"
    AMELIPRO_ACCOUNT = "amelipro_account"
    CNDA_SOFTWARE = "cnda_software"
    DIRECTORY = "annuaire_sante"
    RPPS_PLUS_ROLE = "rpps_plus_role"
    DMP_HOMOLOGATION = "dmp_homologation"
    MAILBOX = "mssante_mailbox"
    MOBILE_PHONE = "mobile_phone"


class Identifier(StrEnum):
    """Numbers that must be known."""

    PS_IDNAT = "PS_IdNat"
    RPPS = "RPPS"
    ADELI = "ADELI"
    FINESS_SITE = "FINESS_geographique"
    FINESS_ENTITY = "FINESS_juridique"
    STRUCTURE = "Struct_IdNat"
    BILLING = "AM_number"
    FUND = "caisse"
    INS = "INS"
    NIR = "NIR"
    SOFTWARE_ID = "IDAM"
    CERTIFICATE_NAME = "INSI_certificate_name"


class Browser(StrEnum):
    CHROME = "chrome"
    EDGE = "edge"
    FIREFOX = "firefox"
