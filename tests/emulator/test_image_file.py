"""Card images as files: read back as they were, and refused with the line where they are wrong."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cardio.errors import ConfigurationError
from cardio_emulator.image import CardImage
from cardio_emulator.image_cards import card_from, play
from cardio_emulator.image_file import MAX_FILE, load
from cardio_emulator.image_rebuild import model
from cardio_emulator.image_tree import CPS2TER, Entry, entries
from cardio_emulator.image_write import encode
from cardio_emulator.kinds import KINDS, make

_SELECT_ROOT, _READ_SERIAL = bytes.fromhex("00A40000023F00"), bytes.fromhex("00B09C000C")


def files(image: CardImage) -> dict[tuple[str, str], Entry]:
    found = [*entries(image.root)]
    found += entries(image.cps2ter, CPS2TER) if image.cps2ter else ()
    return {(one.part, str(one.path)): one for one in found}


def saved(folder: Path, text: str) -> Path:
    path = folder / "card.toml"
    path.write_text(text, encoding="utf-8")
    return path


def smallest() -> str:
    return encode(model("vitale1"))


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_comes_back(kind: str, tmp_path: Path) -> None:
    before = model(kind)
    after = load(saved(tmp_path, encode(before, "A remark.")))
    assert files(after) == files(before)
    for name in ("kind", "atr", "serial", "interface", "pins", "manners", "certificates"):
        assert getattr(after, name) == getattr(before, name)
    assert [(key.reference, key.access, key.df) for key in after.keys] == [
        (key.reference, key.access, key.df) for key in before.keys
    ]
    assert [key.key.private_numbers() for key in after.keys] == [
        key.key.private_numbers() for key in before.keys
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_its_card_answers_alike(kind: str, tmp_path: Path) -> None:
    played, ours = card_from(saved(tmp_path, encode(model(kind)))), make(kind)
    for command in ("00A40000023F00", "00B09C000C", "A0A40000023F00", "A0C0000007", "BCC0000008"):
        raw = bytes.fromhex(command)
        assert played.transmit(raw) == ours.transmit(raw)
    assert (played.atr, played.serial) == (ours.atr, ours.serial)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("version = 1", "version = 2"), "line 1: 'version' is 2; allowed: 1"),
        (('kind = "vitale1"', 'kind = "cps9"'), "allowed: cps3,"),
        (('path = "3F00"', 'path = "0001"'), "'path' must be a path such as"),
        (('path = "3F00"', 'path = "3F00/0001"'), "3F00/0001 is in no folder"),
        (('contact = "02FF"', 'contact = "02"'), "must be a mode byte"),
        (('atr = "3F', 'atr = "00'), "begin with 3B or 3F"),
        (("silent_root_path = false", 'silent_root_path = "no"'), "must be true or false"),
        (("[manners]", "[habits]"), "must be one [manners] table"),
        (("[[folder]]", "[[file]]"), "'content' is missing"),
        (("version = 1", "version = 1\nsurprise = 2"), "'surprise' is unknown; allowed:"),
        (("version = 1", "version = [" * 5000), ""),
    ],
)
def test_a_mistake_is_told_with_its_place(
    change: tuple[str, str], told: str, tmp_path: Path
) -> None:
    text = smallest()
    assert change[0] in text
    with pytest.raises(ConfigurationError) as error:
        load(saved(tmp_path, text.replace(*change)))
    assert told in error.value.message
    assert "card.toml" in error.value.message


@pytest.mark.parametrize(
    "more",
    [
        '[[folder]]\npath = "3F00"\ncontact = "02FF"',
        '[[folder]]\npath = "3F00"\npart = "cps3ter"\ncontact = "02FF"',
        '[[file]]\npath = "3F00/2F00"\ncontact = "0100"\ncontent = "0"',
        '[[file]]\npath = "3F00/2F00"\ncontact = "0100"\ncontent = ""\nsfi = 31',
        '[[file]]\npath = "3F00/2F00/0001"\ncontact = "0100"\ncontent = ""',
        f'[[file]]\npath = "3F00/2F00"\ncontact = "0100"\ncontent = "{"00" * 40_000}"',
        '[[key]]\nreference = 1\nfolder = "3F00"\naccess = "0100"\nprivate = "3000"',
        '[[pin]]\nreference = 1\nfolder = "3F00"\nvalue = ""\ntries = 3\naccess = "0100"',
        '[[pin]]\nreference = 1\nfolder = "3F00"\nvalue = "1234"\ntries = 0\naccess = "0100"',
        '[[certificate]]\nrole = "lover"\ncontent = "3000"',
        '[[certificate]]\nrole = "ca"\ncontent = "3000"\n' * 2,
    ],
)
def test_a_wrong_table_is_refused(more: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        load(saved(tmp_path, f"{smallest()}\n{more}\n"))


def test_no_file_a_folder_and_a_giant(tmp_path: Path) -> None:
    giant = saved(tmp_path, "#" * (MAX_FILE + 1))
    for path in (tmp_path / "nothing.toml", tmp_path, giant):
        with pytest.raises(ConfigurationError):
            load(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_never_raises_anything_else(data: st.DataObject, tmp_path: Path) -> None:
    text = encode(model("cps2ter"))
    at = data.draw(st.integers(0, len(text)))
    size = data.draw(st.integers(0, 20))
    junk = data.draw(st.text(st.characters(codec="utf-8"), max_size=12))
    path = saved(tmp_path, text[:at] + junk + text[at + size :])
    try:
        card = play(load(path))
    except ConfigurationError:
        return
    for command in (_SELECT_ROOT, _READ_SERIAL):
        assert len(card.transmit(command)) >= 2
