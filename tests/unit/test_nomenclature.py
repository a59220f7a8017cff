from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio.identity.nomenclature import EDITION, Table


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (Table.RESPONSIBILITY, 3),
        (Table.SHORT_CIVILITY, 3),
        (Table.ADELI_QUALIFICATION, 8),
        (Table.ADELI_ATTRIBUTION, 12),
        (Table.ATTRIBUTION, 10),
        (Table.BILLING_SPECIALITY, 68),
        (Table.CONVENTION, 5),
        (Table.TARIFF_ZONE, 24),
        (Table.MILEAGE_ALLOWANCE, 5),
        (Table.APPROVAL, 8),
        (Table.GEOGRAPHIC_ZONE, 7),
    ],
)
def test_the_tables_of_situations_and_billing_are_whole(table: Table, codes: int) -> None:
    assert len(table.labels) == codes


def test_only_the_speciality_of_adeli_has_no_label() -> None:
    assert [table for table in Table if not table.labels] == [Table.ADELI_SPECIALITY]


def test_labels_and_their_edition() -> None:
    assert date(2020, 2, 28) == EDITION
    assert str(Table.CONVENTION.code("1")) == "Conventionné"
    assert str(Table.RESPONSIBILITY.number(1)) == "Responsable de la structure"
    assert str(Table.BILLING_SPECIALITY.number(1)) == "Médecine générale"
    assert str(Table.ATTRIBUTION.code("ATTR-10")) == "Médecin de recours"


def test_a_code_with_two_labels_names_both() -> None:
    assert Table.TARIFF_ZONE.code("30").label == "Zone C ou Zone B"
    assert Table.TARIFF_ZONE.code("20").label == "Zone B"


@given(st.sampled_from(Table), st.text(max_size=6))
def test_any_code_is_kept(table: Table, text: str) -> None:
    code = table.code(text)
    assert (code.table, code.code) == (table, text)
    assert str(code) == (table.labels.get(text) or text)
