"""galss.ini of every shape that is published, and of some that break."""

import pytest
from tests.support.software import INI, recorded

from cardio.probe.system.known import ABSENT, NotReadable, Why
from cardio.probe.system.software.galss import ChannelKind, FlawKind, GalssConfig, Role, parse
from cardio.probe.system.software.galss_files import galss_file
from cardio.probe.system.software.ini import LineEnds


def vector(name: str) -> GalssConfig:
    return parse((INI / f"{name}.ini").read_bytes())


@pytest.mark.parametrize(
    ("name", "ends", "readers"),
    [
        (
            "pcsc-two-readers",
            LineEnds.CRLF,
            ["Gemalto PC Twin Reader 0", "Gemalto PC Twin Reader 1"],
        ),
        ("mac-cr-only", LineEnds.CR, ["Ingenico TL TELIUM(1)", "Ingenico TL TELIUM(2)"]),
    ],
)
def test_two_pcsc_readers(name: str, ends: LineEnds, readers: list[str]) -> None:
    config = vector(name)
    assert config.flaws == ()
    assert config.line_ends is ends
    assert [one.reader for one in config.channels] == readers
    assert {one.kind for one in config.channels} == {ChannelKind.PCSC}
    assert [one.roles for one in config.channels] == [{Role.CPS}, {Role.VITALE}]
    assert config.channels[0].resources[0].aliases == ("TRANSPA1",)


def test_a_serial_reader_with_both_slots_on_one_channel() -> None:
    config = vector("pss-two-slots")
    (channel,) = config.channels
    assert config.flaws == ()
    assert (channel.kind, channel.port, channel.reader) == (ChannelKind.PSS, 3, None)
    assert channel.pads[0].address == 2
    assert [one.name for one in channel.resources] == ["Log_SV", "CPS", "Vitale"]
    assert channel.roles == {Role.READER, Role.CPS, Role.VITALE}
    assert config.libraries == {"0": "PSSINW32.DLL"}


def test_a_file_with_all_that_goes_wrong_is_read_and_its_flaws_told() -> None:
    config = vector("ghost-channel")
    assert config.line_ends is LineEnds.LF
    assert {(flaw.section, flaw.kind) for flaw in config.flaws} == {
        ("CANAL2", FlawKind.TWICE),
        ("CANAL3", FlawKind.GHOST),
        ("CANAL3", FlawKind.PROTOCOL),
        ("CANAL3", FlawKind.NO_READER),
        ("CANAL3", FlawKind.NOT_LISTED),
        ("CANAL3.PAD1", FlawKind.BAD_NUMBER),
        ("CANAL3.PAD1", FlawKind.COUNT),
        ("CANAL3.PAD1.LAD1", FlawKind.LONG_NAME),
        ("CANAL7.PAD1", FlawKind.GHOST),
    }
    assert config.channels[1].reader == "Gemalto PC Twin Reader 1"


@pytest.mark.parametrize(
    ("data", "flaws"),
    [
        (b"", {FlawKind.NO_CONFIG}),
        (b"[CONFIG]\nNbCanaux=2\n", {FlawKind.COUNT}),
        (
            b"[CONFIG]\nNbCanaux=1\n[CANAL1]\nTCanal=3\nCaracteristiques=R\nNbPAD=0\n",
            {FlawKind.MISSING},
        ),
        (
            b"[CONFIG]\nNbCanaux=1\n[PROTOCOLE1]\n[CANAL1]\nTCanal=9\nNbPAD=0\n",
            {FlawKind.BAD_NUMBER},
        ),
    ],
)
def test_flaws_of_small_files(data: bytes, flaws: set[FlawKind]) -> None:
    assert {flaw.kind for flaw in parse(data).flaws} == flaws


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "utf-16"])
def test_encodings(encoding: str) -> None:
    text = (INI / "pcsc-two-readers.ini").read_bytes().decode("latin-1")
    config = parse(text.replace("Gemalto", "Générique").encode(encoding))
    assert config.flaws == ()
    assert config.channels[0].reader == "Générique PC Twin Reader 0"


def test_the_copy_that_old_programs_read_instead_is_told_without_the_user() -> None:
    ini = (INI / "pcsc-two-readers.ini").read_bytes().decode("latin-1")
    home = r"C:\Users\zephyrine"
    places = recorded(
        "windows",
        environment={
            "SystemRoot": r"C:\Windows",
            "USERPROFILE": home,
            "LOCALAPPDATA": rf"{home}\AppData\Local",
        },
        files={
            r"C:\Windows\galss.ini": ini,
            rf"{home}\AppData\Local\VirtualStore\Windows\galss.ini": ini,
        },
    )
    found = galss_file(places)
    assert not isinstance(found, NotReadable)
    assert found is not ABSENT
    assert found.place == r"C:\Windows\galss.ini"
    assert found.copies == (r"~\AppData\Local\VirtualStore\Windows\galss.ini",)
    assert found.port_map is ABSENT
    assert "zephyrine" not in repr(found)


def test_missing_and_refused_are_two_things() -> None:
    path = "/Library/Preferences/galss.ini"
    assert galss_file(recorded("macos")) is ABSENT
    found = galss_file(recorded("macos", files={path: {"unreadable": "denied"}}))
    assert not isinstance(found, NotReadable)
    assert found is not ABSENT
    assert found.config == NotReadable(Why.DENIED)
    assert found.port_map is False
