"""Code tables of the rights data (facts: vitale.md §4.3). A code that is not there is kept.

The labels are the French terms; an empty one means that only the code is known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cardio.cards.layout import Confidence


@dataclass(frozen=True, slots=True)
class CodeTable:
    """Codes of `width` characters and their labels. Shorter numbers are filled with zeros."""

    name: str
    labels: Mapping[str, str]
    confidence: Confidence
    width: int = 1

    def knows(self, code: str) -> bool:
        return code.zfill(self.width) in self.labels

    def label(self, code: str) -> str | None:
        """The label; None for a code that is not in the table, or has no public label."""
        return self.labels.get(code.zfill(self.width)) or None


def _unlabelled(codes: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(codes, "")


QUALITIES = CodeTable(
    "qualité",
    {
        "0": "assuré",
        "1": "ascendant, descendant, collatéral",
        "2": "conjoint",
        "3": "conjoint divorcé",
        "4": "concubin",
        "5": "conjoint séparé",
        "6": "enfant",
        "8": "conjoint veuf",
        "9": "autre ayant droit",
    },
    Confidence.PUBLISHED,
)

REGIMES = CodeTable(
    "régime",
    {
        "01": "régime général",
        "02": "régime agricole (MSA)",
        "03": "indépendants (ex-RSI)",
        "04": "SNCF",
        "05": "RATP",
        "06": "ENIM",
        "07": "mines",
        "08": "CNMSS",
        "09": "Banque de France",
        "10": "CRPCEN",
        "12": "CCIP",
        "14": "Assemblée nationale",
        "15": "Sénat",
        "16": "Port de Bordeaux",
        "90": "CAVIMAC",
        "91": "MGEN",
        "92": "MG (PTT)",
        "93": "MGP",
        "94": "MFP",
        "95": "MNH",
        "96": "MNAM",
        "99": "sections locales mutualistes",
    },
    Confidence.OBSERVED,
    width=2,
)
"""State of about 2010: 03 and several of 9x have since moved to 01."""

SERVICES = CodeTable(
    "service AMO",
    {
        "00": "aucun",
        "01": "CMU-C gérée par l'AMO",
        "02": "CMU-C gérée par une AMC pour l'AMO",
        "03": "CMU-C gérée par une AMC",
        "10": "sortie de CMU-C",
        "11": "",
    },
    Confidence.PUBLISHED,
    width=2,
)
"""The CMU-C is the C2S now. 11 was seen once."""

MUTUAL_INDICATORS = CodeTable(
    "indicateur de traitement mutuelle",
    {**_unlabelled(("00", "01", "02")), "62": "CMU", "71": "sortie de CMU"},
    Confidence.OBSERVED,
    width=2,
)

COMPLEMENTARY_INDICATORS = CodeTable(
    "indicateur de traitement AMC",
    {
        **_unlabelled(("00", "12", "13", "22", "23", "32", "33")),
        **dict.fromkeys(("60", "62", "63"), "CMU"),
        **dict.fromkeys(("72", "73"), "sortie de CMU"),
    },
    Confidence.OBSERVED,
    width=2,
)

STS_ROUTINGS = CodeTable(
    "aiguillage STS",
    {"4": "FFSA", "8": "CTIP", "M": "FNMF", "R": "", "U": ""},
    Confidence.OBSERVED,
)

FLOW_ROUTINGS = CodeTable(
    "code routage AMC",
    _unlabelled(("NR", "OC", "IP", "SP", "MA", "SA")),
    Confidence.OBSERVED,
    width=2,
)

TEST_FUNDS = frozenset({"349"})
TEST_CENTRES = frozenset({"0349", "9881"})
TEST_REGIMES_AND_FUNDS = frozenset({("01", "999")})
"""Bodies of test cards: the first two of the CNDA, the last of the GIE."""


def is_test_fund(regime: str, fund: str, centre: str) -> bool:
    """Whether this body insures nobody but test cards."""
    centre = centre.zfill(4)
    of_cnda = fund in TEST_FUNDS or centre in TEST_CENTRES
    return of_cnda or (regime.zfill(2), fund) in TEST_REGIMES_AND_FUNDS


def work_accident_key(identifier: str) -> str:
    """The key of the first 8 digits of a work accident's identifier (one source: FIDES).

    From the right, every other digit is doubled, the last one first; all digits of the results
    are added, and the key completes the sum to a multiple of 10. Raises `ValueError`.
    """
    if len(identifier) < 8 or not (identifier.isascii() and identifier[:8].isdigit()):
        raise ValueError("an identifier begins with 8 digits")
    doubled = [int(digit) * (2 if rank % 2 else 1) for rank, digit in _ranked(identifier[:8])]
    total = sum(number // 10 + number % 10 for number in doubled)
    return str(-total % 10)


def _ranked(digits: str) -> Iterable[tuple[int, str]]:
    return enumerate(reversed(digits), start=1)
