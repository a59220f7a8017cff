"""The page that shows the matrix: written by scripts/fault_matrix.py, read by the tests."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.faults.matrix_faults import FAULTS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "fault-matrix.md"

Strips = Mapping[str, Mapping[str, str]]
"""By the name of a row, then the name of a fault: one letter for each APDU."""

LETTERS: Mapping[str, str] = {
    "right": ".",
    "degraded, and said": "~",
    "a lie, believed": "!",
    "does not fit": "-",
    "CardRemoved": "R",
    "TransmitTimeout": "T",
    "CardReset": "E",
    "SharingViolation": "H",
    "ReaderUnavailable": "U",
    "ServiceUnavailable": "V",
    "CommunicationFailed": "C",
    "UnsupportedByReader": "P",
    "CardMute": "M",
    "ProtocolMismatch": "O",
    "NoCard": "N",
    "CardChanged": "X",
    "ConsultationEnded": "Q",
    "SelectionError": "S",
    "SituationNotChosen": "Y",
    "UnexpectedStatus": "u",
    "SecurityStatusNotSatisfied": "s",
    "AuthenticationBlocked": "b",
    "FileNotFound": "f",
    "TruncatedAnswer": "t",
    "TlvError": "l",
    "FcpError": "F",
    "RecordError": "r",
    "CertificateMissing": "c",
    "CertificateError": "e",
    "CertificateExpired": "x",
    "KeyMismatch": "k",
    "WrongSignature": "g",
    "KeyMissing": "m",
    "DecryptionFailed": "d",
    "PinStateLost": "L",
    "PinNotVerified": "n",
    "AssertionRefused": "a",
    "TlsError": "w",
}
"""What stands for each outcome; errors by the name of their class."""
_WORDS = {letter: word for word, letter in LETTERS.items()}

_HEAD = """\
# The fault matrix

Made by `scripts/fault_matrix.py`; do not edit. Every public flow is run on every kind of card it
is for, in process, once without a fault and then again with each fault of [faults](faults.md) at
each of its APDUs. In each of these runs, tests/faults/matrix.py checks that

- the result is right, or says what is missing, or is a typed error, which names its reader and
  APDU where it came of one;
- it takes no more than 5 s of virtual time and no more commands than it should;
- PIN and PUK have the value and the counters that a model of the card has which was told of the
  commands it really carried out, and no code was presented more often than the caller asked;
- the old connection, and another one to the same card, give nothing from behind a PIN that the
  card no longer takes for verified, and present none that was not left with them for this;
- no PIN or PUK is in anything that could be printed or kept (flows whose answers are not random);
- the card works again without the fault, and gives what is right; no thread is left.

`make test` runs one APDU in {step} of each line, the nightly profile (`CARDIO_NIGHTLY=1`) all of
them; either fails where an outcome is not the one below.

A line is a fault, a letter an APDU, from the first; faults of the card or of its answer to reset
have one letter. `.` right; `~` less than that, and the result says so; `!` a lie of the card that
nothing contradicts (another byte within a value, 9000 for nothing done); `-` the fault does not
fit this card. The letters of the errors:

{legend}

After `removed` and the like an answer may be right where the flow had all it needed.
`consultation` and `probe` have a sound card in the second reader; card, reader or service gone is
`Q` in a consultation, whichever of its threads sees it first. `PIN kept over resets` is reset
by another program twice, after which a card that does not tell its serial number any more is
taken for another one. A fault at the last APDU of a flow on a pad meets the command that the
reader sends, with the digits that only it knows.

A spoilt signature is a lie no more where the certificate was read before, as by everybody who
sends it along: `WrongSignature`. `sign, certificate unread` is who reads it afterwards, or never.
What a CPS3 deciphers is stripped of its padding by the card, and nothing tells a wrong byte.

## What is not here

- Signatures in CMS, XML and JWS, and the VIHF: no APDU but those of `sign` and `INSi assertion`.
- A PIN unblocked on a pad: cardio has no such flow; readers can only verify and change.
- A CPS through its PKCS#11 module: the APDUs are the module's own.
- `cardio card dump`: a tool for cards at hand, which reads each file whole.
- A `Consultation` that goes on to another patient, or after the CPS came back:
  `tests/faults/test_consultation.py`.

## All of it

{table}
"""


def page(strips: Strips, step: int) -> str:
    """The whole page."""
    legend = "\n".join(_legend(strips))
    table = "\n".join(_table(strips))
    parts = [_HEAD.format(step=step, legend=legend, table=table)]
    for row, lines in strips.items():
        width = max(map(len, lines))
        body = "\n".join(f"{fault:<{width}}  {strip}" for fault, strip in lines.items())
        parts.append(f"## {row}\n\n```text\n{body}\n```\n")
    return "\n".join(parts)


def published() -> dict[str, dict[str, str]]:
    """What the page says."""
    strips: dict[str, dict[str, str]] = {}
    for part in PAGE.read_text(encoding="utf-8").split("\n## ")[3:]:
        row, _, rest = part.partition("\n")
        body = rest.partition("```text\n")[2].partition("\n```")[0]
        pairs = (line.rpartition("  ") for line in body.splitlines())
        strips[row] = {fault.strip(): strip for fault, _, strip in pairs}
    return strips


def _legend(strips: Strips) -> Iterator[str]:
    used = {letter for lines in strips.values() for strip in lines.values() for letter in strip}
    yield "| letter | error |"
    yield "|---|---|"
    for word, letter in LETTERS.items():
        if letter in used and letter not in ".~!-":
            yield f"| `{letter}` | `{word}` |"


def _table(strips: Strips) -> Iterator[str]:
    """For each fault the outcomes of all flows, counted."""
    yield "| fault | runs | right | less, and said | believed | typed errors |"
    yield "|---|--:|--:|--:|--:|---|"
    for fault in FAULTS:
        found = Counter("".join(lines[fault] for lines in strips.values()))
        del found["-"]
        yield _line(fault, found)
    whole = Counter("".join("".join(lines.values()) for lines in strips.values()))
    del whole["-"]
    yield _line("all", whole)


def _line(fault: str, found: Counter[str]) -> str:
    errors = [(letter, count) for letter, count in found.most_common() if letter not in ".~!"]
    errors.sort(key=lambda pair: (-pair[1], pair[0]))
    told = ", ".join(f"{_WORDS[letter]} {count}" for letter, count in errors)
    counts = " | ".join(str(found[letter]) for letter in ".~!")
    return f"| {fault} | {found.total()} | {counts} | {told} |"
