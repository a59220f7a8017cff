"""Damaged streams and documents of rights: typed errors only, in bounded time and memory.

20 000 of each; 300 000 with CARDIO_NIGHTLY set. A case is fixed by its number, which a failure
tells: `replay_records(1234)` runs it again.
"""

import json
import os
import re
import resource
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random
from time import process_time

import pytest

from cardio.cards.vitale.rights.as_json import as_json
from cardio.cards.vitale.rights.grammar import decode_records, encode_records
from cardio.cards.vitale.rights.model import Rights
from cardio.cards.vitale.rights.reading_api import as_reading_api, decode_xml, encode_xml
from cardio.errors import MalformedData, RecordError, XmlRefused

NIGHTLY = "CARDIO_NIGHTLY" in os.environ
CASES = 300_000 if NIGHTLY else 20_000
PARTS = 2
MOST_SECONDS = 2.0
"""Of processor time for one case; an honest one takes about a millisecond."""
MOST_GROWTH = 64 * 1024
"""KiB of memory that a part of the cases may add."""

VECTORS = Path(__file__).parents[2] / "vectors" / "rights"
STREAMS = tuple(
    bytes.fromhex(one["stream"])
    for one in json.loads((VECTORS / "records.json").read_text(encoding="utf-8"))
)
XML = re.sub(
    rb"(?s)(</T_AsnBeneficiaire>.*?</T_AsnBeneficiaire>).*(?=</listeBenef>)",
    rb"\1",
    (VECTORS / "family.xml").read_bytes(),
)
"""Its first two persons."""
DAY = date(2024, 6, 1)
FIELDS = {101: 14, 102: 3, 103: 9, 104: 18, 105: 2, 106: 4, 107: 6, 108: 2, 109: 12, 111: 1}
LEAF = re.compile(rb"<(\w+)>([^<]*)</\1>")
NAMES = tuple({found[1] for found in LEAF.finditer(XML)})
TEXTS = (
    *(b"", b"0", b"7", b"00", b"01", b"T", b"349", b"OOOONNNN", b"2851975990012", b"95", b"\x1b["),
    *(b"202001010000", b"202012310000", b"000000000000", b"194100000000", b"01012020", b"381900"),
    *(b"99999999", b"20200101", b"99999999999999", b"\xff\x00\xe9", b" ", b"& < >", b"A" * 40),
)

PIECES = (
    b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
    b"&x;",
    b"&#0;",
    b"&#x1F600;",
    b"<![CDATA[ <a> ]]>",
    b"<!-- -->",
    b"<?pi ?>",
    b"</ident>",
    b"<T_AsnBeneficiaire>",
    b"<listeBenef/>",
    b'<?xml version="1.0" encoding="UTF-16"?>',
    b"\x00\xff\xfe",
    b"\xef\xbb\xbf",
)


def bent(random: Random, raw: bytes, pieces: tuple[bytes, ...]) -> bytes:
    """Bytes changed, a slice moved, cut or doubled, something foreign put in."""
    changed = bytearray(raw)
    for _ in range(random.randint(1, 4)):
        start = random.randint(0, len(changed))
        end = min(len(changed), start + random.randint(0, 60))
        match random.randrange(5):
            case 0 if changed:
                changed[min(start, len(changed) - 1)] = random.randrange(256)
            case 1:
                del changed[start:end]
            case 2:
                changed[start:start] = changed[start:end]
            case 3:
                changed[start:start] = random.choice(pieces)
            case _:
                changed[start:start] = random.randbytes(random.randint(1, 20))
    return bytes(changed)


def made_up(random: Random) -> bytes:
    """A stream whose groups and fields add up, with anything in them."""
    groups = random.choices((40, 67, *range(101, 112)), k=random.randint(0, 12))
    return b"".join(_group(random, group) for group in groups)


def _group(random: Random, group: int) -> bytes:
    usual = FIELDS.get(group, 2)
    count = usual if random.random() < 0.8 else random.randint(0, 20)
    content = b"".join(bytes((len(text),)) + text for text in random.choices(TEXTS, k=count))[:255]
    size = bytes((len(content),)) if len(content) < 128 else bytes((0x81, len(content)))
    return group.to_bytes(2, "big") + size + content


def refilled(random: Random, raw: bytes) -> bytes:
    """A document with other texts, and leaves renamed, left out or doubled."""

    def leaf(found: re.Match[bytes]) -> bytes:
        if random.random() < 0.6:
            return found[0]
        name = random.choice(NAMES) if random.random() < 0.2 else found[1]
        text = random.choice(TEXTS).decode("latin-1").encode("ascii", "xmlcharrefreplace")
        text = re.sub(rb"[<\x00-\x08\x0b\x0c\x0e-\x1f]", b"?", text)
        return (b"<" + name + b">" + text + b"</" + name + b">") * random.choice((0, 1, 1, 1, 2))

    return LEAF.sub(leaf, raw)


def use(rights: Rights, random: Random) -> None:
    """All that a client asks of rights; a document is written of every fifth."""
    told = as_json(rights)
    json.dumps(told)
    assert len(rights.rights_at(DAY)) == len(rights.persons)
    if random.random() < 0.8:
        return
    shown = as_reading_api(rights)
    try:
        written = encode_xml(shown)
    except RecordError:
        return
    assert decode_xml(written) == shown


def replay_records(number: int) -> None:
    random = Random(f"records/{number}")
    sound = made_up(random) if random.random() < 0.5 else random.choice(STREAMS)
    raw = bent(random, sound, STREAMS) if random.random() < 0.5 else sound
    with suppress(RecordError):
        rights = decode_records(raw)
        assert encode_records(rights) == raw
        use(rights, random)


def replay_xml(number: int) -> None:
    random = Random(f"xml/{number}")
    with suppress(XmlRefused):
        raw = refilled(random, XML) if random.random() < 0.7 else XML
        use(decode_xml(bent(random, raw, PIECES) if random.random() < 0.5 else raw), random)


@pytest.mark.timeout(3600 if NIGHTLY else 120)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("replay", [replay_records, replay_xml], ids=["records", "xml"])
def test_hostile_rights_give_only_typed_errors(replay: Callable[[int], None], part: int) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(part, CASES, PARTS):
        began = process_time()
        try:
            replay(number)
        except BaseException as error:
            error.add_note(f"{replay.__name__}({number})")
            raise
        assert process_time() - began < MOST_SECONDS, f"{replay.__name__}({number}) is too slow"
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MOST_GROWTH, f"{grown} KiB more memory"


@pytest.mark.parametrize("decode", [decode_records, decode_xml])
def test_the_largest_input_takes_bounded_time(decode: Callable[[bytes], Rights]) -> None:
    """Just below the limits: many tiny groups, many elements, one endless text."""
    inputs = (
        b"\x00\x69\x02\x00\x00" * 13_000,
        b"<listeBenef>" + b"<T_AsnBeneficiaire/>" * 9_999 + b"</listeBenef>",
        b"<listeBenef><T_AsnBeneficiaire><ident><nomUsuel>"
        + b"&#65;" * 200_000
        + b"</nomUsuel></ident></T_AsnBeneficiaire></listeBenef>",
    )
    for raw in inputs:
        began = process_time()
        with suppress(MalformedData):
            as_json(decode(raw))
        assert process_time() - began < 5 * MOST_SECONDS
