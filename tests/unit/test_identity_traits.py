"""Names, dates, traits and status of an identity."""

from datetime import date
from itertools import combinations

import pytest
from tests.support.identifiers import matricule, rows, strict

from cardio.errors import (
    IdentifierError,
    IdentityRuleError,
    LeakedTestIdentity,
    UnmappableCharacter,
)
from cardio.identity.birth_date import BirthDate
from cardio.identity.characters import (
    NameKind,
    NameRule,
    insi_name,
    name_faults,
    transliterate,
)
from cardio.identity.environment import Environment
from cardio.identity.ins import InsIdentity
from cardio.identity.matricule import InsOid, Matricule
from cardio.identity.status import (
    IdentityAttribute,
    IdentityState,
    IdentityStatus,
)
from cardio.identity.traits import ComplementaryTraits, StrictTraits, calendar_date, is_first

ZOE = StrictTraits.typed(
    birth_name="Adrun", given_names="Zoé", sex="f", birth_date="31/12/1975", birth_place="63220"
)
NUMBER = Matricule.parse("275126322074974", InsOid.NIR)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Léa", "LEA"),
        ("Lea\u0301", "LEA"),
        ("d'Artagnan de l'Hérault", "D'ARTAGNAN DE L'HERAULT"),
        ("D’Æion", "D'AEION"),
        ("Cœur", "COEUR"),
        ("Straße", "STRASSE"),
        ("ẞ", "SS"),
        ("Łódź", "LODZ"),
        ("Ngô Thị", "NGO THI"),
        ("Þór Ørn", "THOR ORN"),
        ("ﬁlle", "FILLE"),
        ("Anne\u2011Marie", "ANNE-MARIE"),
        ("Le\u00a0Gall", "LE GALL"),
        ("İpek", "IPEK"),
        ("Martin--Dupont", "MARTIN--DUPONT"),
    ],
)
def test_typed_names_in_the_characters_of_the_insi(typed: str, name: str) -> None:
    assert insi_name(typed, NameKind.BIRTH_NAME) == name


@pytest.mark.parametrize(
    ("typed", "character", "offset"),
    [
        ("Jean2", "2", 4),
        ("St. Jean", ".", 2),
        ("Μαρία", "Μ", 0),
        ("Mª", "ª", 1),
        ("A/B", "/", 1),
        ("\u0301A", "\u0301", 0),
        ("A \u0301B", "\u0301", 2),
        ("A\u0363", "\u0363", 1),
        ("A\x00", "\x00", 1),
        ("A™", "™", 1),
    ],
)
def test_a_character_without_equal_is_named_and_not_dropped(
    typed: str, character: str, offset: int
) -> None:
    done = transliterate(typed)
    assert (done.unmapped[0].character, done.unmapped[0].offset) == (character, offset)
    assert character in done.text
    with pytest.raises(UnmappableCharacter) as caught:
        insi_name(typed, NameKind.BIRTH_NAME)
    assert (caught.value.character, caught.value.offset) == (character, offset)
    assert typed not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "kind", "rules"),
    [
        ("D'AEION", NameKind.BIRTH_NAME, []),
        ("'T HOOFT", NameKind.BIRTH_NAME, []),
        ("MARTIN--DUPONT", NameKind.BIRTH_NAME, []),
        ("MARTIN-", NameKind.BIRTH_NAME, []),
        ("", NameKind.BIRTH_NAME, [NameRule.EMPTY]),
        (" MARTIN", NameKind.BIRTH_NAME, [NameRule.FIRST]),
        ("-MARTIN", NameKind.BIRTH_NAME, [NameRule.FIRST]),
        ("MARTIN ", NameKind.BIRTH_NAME, [NameRule.LAST]),
        ("LE  GALL", NameKind.BIRTH_NAME, [NameRule.DOUBLED]),
        ("D''AEION", NameKind.BIRTH_NAME, [NameRule.DOUBLED]),
        ("D' AEION", NameKind.BIRTH_NAME, [NameRule.DOUBLED]),
        ("D 'AEION", NameKind.BIRTH_NAME, [NameRule.DOUBLED]),
        ("MARTIN---DUPONT", NameKind.BIRTH_NAME, [NameRule.HYPHENS]),
        ("Martin", NameKind.BIRTH_NAME, [NameRule.CHARACTER] * 5),
        ("JEAN--PAUL", NameKind.GIVEN_NAME, [NameRule.HYPHENS]),
        ("JEAN-", NameKind.GIVEN_NAME, [NameRule.LAST]),
        ("JEAN'", NameKind.GIVEN_NAME, [NameRule.LAST]),
        ("JEAN- PAUL", NameKind.GIVEN_NAMES, [NameRule.LAST]),
        ("JEAN -PAUL", NameKind.GIVEN_NAMES, [NameRule.FIRST]),
        ("JEAN-PAUL MARC", NameKind.GIVEN_NAMES, []),
    ],
)
def test_rules_of_names(name: str, kind: NameKind, rules: list[NameRule]) -> None:
    assert [fault.rule for fault in name_faults(name, kind)] == rules


@pytest.mark.parametrize("row", rows("insi.tsv"), ids=lambda row: row["birth_name"])
def test_published_identities_are_strict_traits(row: dict[str, str]) -> None:
    traits = strict(row)
    assert (traits.birth_name, traits.given_names) == (row["birth_name"], row["given_names"])
    assert traits.insi_given_name == row["first_given_name"]
    assert row["birth_name"] not in repr(traits)
    if row["matricule"]:
        assert matricule(row).number.has_valid_key == ("wrong" not in row["origin"])


@pytest.mark.parametrize(
    ("first", "every", "fits"),
    [
        ("JEAN CHRISTOPHE", "JEAN CHRISTOPHE PIERRE", True),
        ("JEAN-CHRISTOPHE", "JEAN CHRISTOPHE PIERRE", True),
        ("JEAN-CHRISTOPHE-PIERRE", "JEAN CHRISTOPHE PIERRE", True),
        ("JEAN", "JEAN CHRISTOPHE PIERRE", True),
        ("CHRISTOPHE", "JEAN CHRISTOPHE PIERRE", False),
        ("PIERRE", "JEAN CHRISTOPHE PIERRE", False),
        ("JEANNE", "JEAN", False),
    ],
)
def test_the_first_given_name_begins_the_list(first: str, every: str, fits: bool) -> None:
    assert is_first(first, every) == fits


def test_strict_traits_that_cannot_be() -> None:
    right = {"birth_name": "ADRUN", "given_names": "ZOE", "sex": "F", "birth_date": "1975-12-31"}
    wrong = [
        {"birth_name": ""},
        {"birth_name": "A2"},
        {"given_names": "ZOE-"},
        {"sex": "I"},
        {"birth_date": "1975-00-31"},
        {"birth_date": "751231"},
        {"birth_place": "6322"},
        {"first_given_name": "EVA"},
    ]
    assert StrictTraits.typed(**right).insi_given_name == "ZOE"
    for change in wrong:
        with pytest.raises(IdentifierError):
            StrictTraits.typed(**{**right, **change})


@pytest.mark.parametrize(
    ("text", "exact", "completed"),
    [
        ("1975-12-31", date(1975, 12, 31), date(1975, 12, 31)),
        ("31/12/1975", date(1975, 12, 31), date(1975, 12, 31)),
        ("31-12-1975", date(1975, 12, 31), date(1975, 12, 31)),
        ("19751231", date(1975, 12, 31), date(1975, 12, 31)),
        ("197512310000", date(1975, 12, 31), date(1975, 12, 31)),
        ("19421200", None, date(1942, 12, 1)),
        ("19420010", None, date(1942, 1, 10)),
        ("19420000", None, date(1942, 12, 31)),
        ("194219010000", None, date(1942, 1, 1)),
        ("19420231", None, date(1942, 2, 1)),
        ("751231", None, None),
        ("000000000000", None, None),
    ],
)
def test_dates_as_cards_write_them(text: str, exact: date | None, completed: date | None) -> None:
    day = BirthDate.parse(text)
    assert (day.exact, day.completed) == (exact, completed)
    assert "19" not in repr(day)


@pytest.mark.parametrize(
    "text", ["", "1975", "1975-1-1", "3112197", "1975/12/31", "１９７５１２３１"]
)
def test_no_date(text: str) -> None:
    with pytest.raises(IdentifierError):
        BirthDate.parse(text)


def test_a_date_out_of_range() -> None:
    for values in ((10000, 1, 1), (1975, 100, 1), (1975, 1, -1)):
        with pytest.raises(IdentifierError):
            BirthDate(*values)
    with pytest.raises(IdentifierError):
        BirthDate(1975, 1, 1, has_century=False)
    with pytest.raises(IdentifierError):
        calendar_date("19751200")


def test_which_states_can_be() -> None:
    """The whole table: every status with every set of attributes."""
    every = [set(c) for size in range(4) for c in combinations(IdentityAttribute, size)]
    legal: list[tuple[str, str]] = []
    for status in IdentityStatus:
        for attributes in every:
            try:
                IdentityState(status, frozenset(attributes))
            except IdentityRuleError:
                continue
            legal.append((status.value, "+".join(sorted(one.value for one in attributes))))
    assert legal == [
        ("provisoire", ""),
        ("provisoire", "homonyme"),
        ("provisoire", "douteux"),
        ("provisoire", "fictif"),
        ("provisoire", "douteux+homonyme"),
        ("recuperee", ""),
        ("recuperee", "homonyme"),
        ("validee", ""),
        ("validee", "homonyme"),
        ("qualifiee", ""),
        ("qualifiee", "homonyme"),
    ]


def test_what_a_state_allows() -> None:
    provisional, qualified = IdentityStatus.PROVISIONAL, IdentityStatus.QUALIFIED
    assert IdentityState.of(provisional).may_ask_insi
    assert IdentityState.of(provisional, IdentityAttribute.HOMONYM).may_ask_insi
    assert not IdentityState.of(provisional, IdentityAttribute.DOUBTFUL).may_ask_insi
    assert not IdentityState.of(provisional, IdentityAttribute.FICTITIOUS).may_ask_insi
    shares = [status for status in IdentityStatus if IdentityState(status).may_share_matricule]
    assert shares == [qualified]


def test_statuses_are_read_with_and_without_accents() -> None:
    assert IdentityStatus.parse(" Récupérée ") is IdentityStatus.RETRIEVED
    assert IdentityStatus.parse("qualifiee") is IdentityStatus.QUALIFIED
    assert IdentityAttribute.parse("FICTIF") is IdentityAttribute.FICTITIOUS
    for text in ("", "qualifié€e", "certaine"):
        with pytest.raises(IdentifierError):
            IdentityStatus.parse(text)


def test_only_a_qualified_identity_gives_its_matricule_away() -> None:
    shared: list[IdentityStatus] = []
    for status in IdentityStatus:
        number = NUMBER if status.has_matricule else None
        identity = InsIdentity(ZOE, IdentityState(status), number)
        try:
            assert identity.matricule_to_share() == NUMBER
            shared.append(status)
        except IdentityRuleError as error:
            assert str(NUMBER) not in str(error)  # noqa: PT017
    assert shared == [IdentityStatus.QUALIFIED]


def test_an_identity_has_a_matricule_where_its_status_says_so() -> None:
    for status in IdentityStatus:
        with pytest.raises(IdentityRuleError):
            InsIdentity(ZOE, IdentityState(status), None if status.has_matricule else NUMBER)


def test_a_test_matricule_is_not_shared_in_production() -> None:
    number = Matricule.parse("279035121518989", InsOid.TEST)
    identity = InsIdentity(ZOE, IdentityState(IdentityStatus.QUALIFIED), number)
    assert identity.matricule_to_share(Environment.TEST) == number
    with pytest.raises(LeakedTestIdentity):
        identity.matricule_to_share()


def test_nothing_of_an_identity_is_shown_by_its_repr() -> None:
    more = ComplementaryTraits("Martin", "Zouzou", ("1 rue X",), "0102030405", "z@example.org")
    shown = repr(InsIdentity(ZOE, complementary=more))
    for value in ("ADRUN", "ZOE", "1975", "63220", "Martin", "Zouzou", "rue", "0102", "example"):
        assert value not in shown
