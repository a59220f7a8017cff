"""Damaged, strange and hostile answers of the INSi: an answer or a typed error, telling nobody."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support.insi_service import KNOWN, envelope, person

from cardio.authentication import InsiAnswer
from cardio.errors import CardioError
from cardio.identity.environment import Environment

HEAD = '<RESULTAT xmlns="http://www.cnamts.fr/INSiResultat"><CR><CodeCR>00</CodeCR></CR>'
PIERRE = next(known for known in KNOWN if known.name == "ECETINSI")
FOUND = envelope(f"{HEAD}{person(PIERRE)}</RESULTAT>")
MARKS = (
    "<",
    ">",
    "</",
    "/>",
    "&",
    "]]>",
    "<![CDATA[",
    "<!--",
    "<!DOCTYPE",
    "<?",
    "00",
    "\x00",
    "é",
)


@given(at=st.integers(0, len(FOUND)), length=st.integers(0, 40), put=st.sampled_from(MARKS))
def test_a_damaged_answer_ends_in_an_answer_or_a_typed_error(
    at: int, length: int, put: str
) -> None:
    check(FOUND[:at] + put.encode() + FOUND[at + length :])


@given(st.binary(max_size=300))
def test_so_do_bytes_of_any_kind(raw: bytes) -> None:
    check(raw)
    check(envelope("") + raw)


@given(
    st.recursive(
        st.text(st.characters(codec="utf-8", exclude_characters="<&]"), max_size=8),
        lambda inner: st.builds(
            lambda name, parts: f"<{name}>{''.join(parts)}</{name}>",
            st.sampled_from(
                ("CR", "CodeCR", "INDIVIDU", "INSACTIF", "INSHISTO", "TIQ", "IdIndividu", "OID")
            ),
            st.lists(inner, max_size=4),
        ),
        max_leaves=20,
    )
)
def test_so_do_answers_of_any_shape(inner: str) -> None:
    check(envelope(f"{HEAD}{inner}</RESULTAT>"))


def said(raw: bytes) -> str:
    """The typed error's message, empty for an answer."""
    try:
        InsiAnswer.parse(raw, Environment.TEST)
    except CardioError as error:
        return str(error)
    return ""


def check(raw: bytes) -> None:
    assert not {word for word in ("ECETINSI", "10907632208") if word in said(raw)}
