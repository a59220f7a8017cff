"""Reader names met in the field (facts: vitale.md §7.2) and the choice of one."""

import pytest

from cardio.errors import ConfigurationError, NoReader, SelectionError
from cardio.transport.base import ReaderStatus
from cardio.transport.readers import ReaderIdentity, choose_reader

KAP_LINK_0 = "Kapelse KAP-LINK [KAP-LINK 0] (123456) 00 00"
KAP_LINK_1 = "Kapelse KAP-LINK [KAP-LINK 1] (123456) 01 00"

NAMES = {
    KAP_LINK_0: ReaderIdentity("Kapelse KAP-LINK", "KAP-LINK 0", "123456", 0, 0),
    KAP_LINK_1: ReaderIdentity("Kapelse KAP-LINK", "KAP-LINK 1", "123456", 1, 0),
    "Gemalto PC Twin Reader 00 00": ReaderIdentity("Gemalto PC Twin Reader", device=0, slot=0),
    "Gemalto PC Twin Reader 0A 01": ReaderIdentity("Gemalto PC Twin Reader", device=10, slot=1),
    "Identive CLOUD 2700 R Smart Card Reader [CCID Interface] (53691) 00 00": ReaderIdentity(
        "Identive CLOUD 2700 R Smart Card Reader", "CCID Interface", "53691", 0, 0
    ),
    "Identive CLOUD 2700 R Smart Card Reader 0": ReaderIdentity(
        "Identive CLOUD 2700 R Smart Card Reader", device=0
    ),
    "Ingenico TL TELIUM(2)": ReaderIdentity("Ingenico TL TELIUM", device=2),
    "F600 F600 Smart Card Reader": ReaderIdentity("F600 F600 Smart Card Reader"),
    "F600 F600 Smart Card Reader 01": ReaderIdentity("F600 F600 Smart Card Reader", device=1),
    "OMNIKEY AG CardMan 3121": ReaderIdentity("OMNIKEY AG CardMan 3121"),
    "OMNIKEY AG CardMan 3121 00 00": ReaderIdentity("OMNIKEY AG CardMan 3121", device=0, slot=0),
    "Cherry KC 1000 SC": ReaderIdentity("Cherry KC 1000 SC"),
    "Lecteur santé 00 01": ReaderIdentity("Lecteur santé", device=0, slot=1),
    "": ReaderIdentity(""),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_taken_apart(name: str) -> None:
    assert ReaderIdentity.parse(name) == NAMES[name]


def test_a_reader_is_the_same_under_another_number() -> None:
    here = ReaderIdentity.parse(KAP_LINK_0)
    there = ReaderIdentity.parse("Kapelse KAP-LINK [KAP-LINK 0] (123456) 03 00")
    assert here.is_same_reader(there)
    assert not here.is_same_reader(ReaderIdentity.parse(KAP_LINK_1))
    assert not here.is_same_reader(
        ReaderIdentity.parse("Kapelse KAP-LINK [KAP-LINK 0] (999999) 00 00")
    )


READERS = tuple(
    ReaderStatus(name) for name in (KAP_LINK_0, KAP_LINK_1, "Reader 00 00", "Reader 00 001")
)


@pytest.mark.parametrize("fragment", ["link 1", "KAP-LINK 1", "[kap-link 1]", KAP_LINK_1])
def test_a_part_of_the_name_chooses(fragment: str) -> None:
    assert choose_reader(fragment, READERS).name == KAP_LINK_1


def test_a_full_name_wins_over_longer_ones() -> None:
    assert choose_reader("reader 00 00", READERS).name == "Reader 00 00"


def test_several_or_none_are_errors_that_list_the_readers() -> None:
    with pytest.raises(SelectionError) as several:
        choose_reader("kapelse", READERS)
    assert several.value.reason == "several"
    assert KAP_LINK_0 in str(several.value)
    assert KAP_LINK_1 in str(several.value)
    with pytest.raises(NoReader, match="Reader 00 00"):
        choose_reader("omnikey", READERS)
    with pytest.raises(NoReader, match="none"):
        choose_reader("omnikey", ())


@pytest.mark.parametrize("fragment", ["", "ka", "  00  "])
def test_too_short_a_part_is_refused(fragment: str) -> None:
    with pytest.raises(ConfigurationError):
        choose_reader(fragment, READERS)
