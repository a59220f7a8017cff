"""What the study must find: written by hand from the fact sheets, before any study was run.

Paragraphs are of `services.md`; CIS is `certificates_identifiers_services.md`. The centre's
contracts are signed, nobody but the locum has the e-CPS, and there is no certificate of the
organisation.
"""

from cardio.study.fixes import Fix
from cardio.study.result import Verdict

READY = Verdict.READY
NOT_READY = Verdict.NOT_READY
CANNOT_TELL = Verdict.CANNOT_TELL
NOT_CONCERNED = Verdict.NOT_CONCERNED

SERVICES = ("amelipro-aat", "amelipro-dmt", "amelipro-bsi", "insi", "pro-sante-connect")

VERDICTS: dict[int, tuple[str, tuple[Verdict, ...]]] = {
    # Line of the roster: who, and a verdict for each of SERVICES.
    2: (
        "doctor, cabinet-1: readers swapped",
        (
            READY,  # §2.1: salaried doctors, CPS; the card works in either reader
            CANNOT_TELL,  # §2.2: whether the Vitale is required is not public
            READY,  # §2.3: a prescribing doctor reads and gives an opinion, by CPS
            READY,  # §3.1: nominative card; CIS §4: a doctor's speciality, which the card has
            READY,  # §3.4, X11: a card of the family, in the directory
        ),
    ),
    3: (
        "locum, cabinet-1: her card was not seen, she has the e-CPS",
        (
            CANNOT_TELL,  # §2.1, X2: in a health centre the CPS; nobody saw hers
            CANNOT_TELL,  # §2.2: the same, and the Vitale's part is not public
            CANNOT_TELL,  # §2.3: CPS only, e-CPS not listed
            READY,  # §3.1, CIS §4: Pro Santé Connect opens INSi, and the e-CPS opens that
            READY,  # §3.4: by e-CPS, nothing on the workstation is wanted
        ),
    ),
    4: (
        "dentist, cabinet-2: card expired",
        (
            NOT_READY,  # §2.1: dentists of health centres, by CPS; CIS §4.2: not expired
            NOT_CONCERNED,  # §2.2: doctors
            NOT_CONCERNED,  # §2.3: nurses, and doctors who prescribe
            NOT_READY,  # §3.1: card, Pro Santé Connect or certificate; CIS §4.2: not expired
            NOT_READY,  # §3.4: a card that is valid, or the e-CPS, which she lacks
        ),
    ),
    5: (
        "midwife, cabinet-3: CPS4 with an old Cryptolib",
        (
            NOT_READY,  # §2.1: midwives of health centres; CIS §4.1: Cryptolib 5.2 for a CPS4
            NOT_CONCERNED,  # §2.2: doctors
            NOT_CONCERNED,  # §2.3: nurses, and doctors who prescribe
            NOT_READY,  # §3.1, §4: by card as by Pro Santé Connect with it, Cryptolib is wanted
            NOT_READY,  # §3.4, §4: the same
        ),
    ),
    6: (
        "referent nurse, infirmerie: a PSS reader, which PC/SC does not show",
        (
            NOT_CONCERNED,  # §2.1: doctors, dentists, midwives
            NOT_CONCERNED,  # §2.2: doctors
            NOT_READY,  # §2.3, §4: CPS, so a reader; CIS §6 (1): none for PC/SC
            NOT_READY,  # §3.1, §4: the same
            NOT_READY,  # §3.4, §4: the same
        ),
    ),
    7: (
        "nurse, soins: PIN blocked, two readers of one name",
        (
            NOT_CONCERNED,  # §2.1: doctors, dentists, midwives
            NOT_CONCERNED,  # §2.2: doctors
            NOT_READY,  # §2.3: CPS only; X16: three wrong codes block it
            NOT_READY,  # §3.1; X16: each use of the card, by Pro Santé Connect too, wants the code
            NOT_READY,  # §3.4; X16
        ),
    ),
    8: (
        "nurse without a number, soins: her card was not seen",
        (
            NOT_CONCERNED,  # §2.1: doctors, dentists, midwives
            NOT_CONCERNED,  # §2.2: doctors
            NOT_READY,  # X3: a nurse's entry wants the ADELI number; RPPS would do, she has none
            CANNOT_TELL,  # §3.1: nominative card; nobody saw hers
            CANNOT_TELL,  # §3.4: the same
        ),
    ),
    9: (
        "physiotherapist, soins: all is well",
        (
            NOT_CONCERNED,  # §2.1: doctors, dentists, midwives
            NOT_CONCERNED,  # §2.2: doctors
            NOT_CONCERNED,  # §2.3: nurses, and doctors who prescribe
            READY,  # §3.1: nominative card of a professional
            READY,  # §3.4: a card of the family
        ),
    ),
    10: (
        "secretary, accueil: no PC/SC service",
        (
            NOT_READY,  # §2.1: CPE by delegation (X8); CIS §6 (16): no service, no card
            NOT_CONCERNED,  # §2.2: doctors
            NOT_CONCERNED,  # §2.3: nurses, and doctors who prescribe
            NOT_READY,  # §3.1: CPE for administrative staff; no service, no card
            NOT_READY,  # §3.4: the same; no e-CPS
        ),
    ),
}

FIXES: dict[Fix, frozenset[int]] = {
    # What is to be done, and for whom (lines of the roster). Nobody else.
    Fix.ORDER_CARD: frozenset({4}),  # the dentist's card has expired
    Fix.UNBLOCK_PIN: frozenset({7}),  # with the PUK, X16
    Fix.CORRECT_ROSTER: frozenset({8}),  # no number
    Fix.INSTALL: frozenset({5}),  # Cryptolib CPS 5.2
}

CHECKS: dict[str, tuple[str, set[tuple[str, str, str]]]] = {
    # Workstation: the verdict of its report, and every check that failed or warns, with its cause.
    "cabinet-1": (
        "attention",
        {("galss.roles", "warn", "swapped")},  # vitale.md §7.3: a channel for each card
    ),
    "cabinet-2": (
        "not-ready",
        {
            ("cps.certificates", "fail", "expired"),  # CIS §4.2
            ("cps.validity", "warn", "ended"),
        },
    ),
    "cabinet-3": (
        "not-ready",
        {
            ("cryptolib.version", "fail", "cps4"),  # CIS §4.1, §6 (13)
            ("card.registered", "warn", "unregistered"),  # a Cryptolib that does not know CPS4
            ("vitale.present", "warn", "none"),
        },
    ),
    "infirmerie": (
        "not-ready",
        {
            ("usb.readers", "fail", "pss"),  # CIS §6 (1), vitale.md §7.2
            ("reader.present", "fail", "none"),
            ("galss.mode", "warn", "pss"),  # CIS §6 (2)
        },
    ),
    "soins": (
        "not-ready",
        {
            ("cps.pin", "fail", "blocked"),  # CIS §6 (14)
            ("cps.present", "warn", "several"),  # CIS §6 (8)
            ("vitale.present", "warn", "none"),
        },
    ),
    "accueil": (
        "not-ready",
        {
            ("pcsc.start", "fail", "disabled"),  # workstation_systems.md §1.1
            ("pcsc.service", "fail", "down"),  # CIS §6 (16)
        },
    ),
}

MISTAKES: set[tuple[int, str, str | None]] = {
    # Line, cause, field: what is wrong in the roster. ADELI only warned of beside an RPPS number.
    (3, "missing", "adeli"),  # X3: a doctor's entry has both
    (8, "missing", "adeli"),  # X3: a nurse's entry
}
