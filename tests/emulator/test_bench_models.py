"""Readers described by their model: their names, and how many one unit makes."""

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from cardio.errors import ConfigurationError
from cardio.transport.readers import ReaderIdentity
from cardio_emulator.bench import Bench
from cardio_emulator.bench_file import read_bench
from cardio_emulator.reader_models import Namer, System, models

KNOWN = resources.files("cardio.probe.system") / "known_readers.toml"


def read(folder: Path, text: str) -> list[tuple[str, bool, int]]:
    """Name, whether a card is in it, and unit of each reader of a bench file."""
    path = folder / "bench.toml"
    path.write_text(text, encoding="utf-8")
    return [(plan.name, plan.card is not None, plan.unit) for plan in read_bench(path).readers]


@pytest.mark.parametrize("model", models().values(), ids=lambda model: model.id)
def test_every_model_has_names_that_tell_its_readers_apart(model: object) -> None:
    found = next(one for one in models().values() if one is model)
    assert found.systems
    for system in found.systems:
        namer = Namer(system)
        names = [named.name for _ in range(3) for named in namer.name(found)]
        assert len(set(names)) == len(names) == 3 * len(found.readers)
        assert all(name.isascii() for name in names)


@pytest.mark.parametrize("model", models().values(), ids=lambda model: model.id)
def test_pcsc_lites_names_are_taken_apart_again(model: object) -> None:
    found = next(one for one in models().values() if one is model)
    if System.LINUX in found.systems:
        named = Namer().name(found)
        parsed = [ReaderIdentity.parse(one.name) for one in named]
        assert [one.slot for one in parsed] == [reader.slot for reader in found.readers]
        assert [one.device for one in parsed] == [one.unit for one in named]


def test_the_probe_knows_them_as_we_name_them() -> None:
    """The two lists were written apart; they agree on ids, interfaces and parts of names."""
    known = {entry["usb"]: entry for entry in tomllib.loads(KNOWN.read_text("utf-8"))["reader"]}
    compared = 0
    for model in models().values():
        entry = known.get(model.usb, {})
        if System.LINUX in model.systems and "pcsc_names" in entry:
            names = [named.name for named in Namer().name(model)]
            assert len(names) == entry.get("interfaces", 1), model.id
            for part, name in zip(entry["pcsc_names"], names, strict=True):
                assert part in name, model.id
                compared += 1
    assert compared > 10


def test_a_kap_link_is_two_readers_and_a_kap_link2_three(tmp_path: Path) -> None:
    text = """
[[reader]]
model = "kapelse-kap-link"
serial = "K0042"
[[reader.slot]]
card = "cps3"
[[reader.slot]]

[[reader]]
model = "kapelse-kap-link2"
"""
    assert read(tmp_path, text) == [
        ("Kapelse KAP-LINK [K0042 KAP-LINK 0] 00 00", True, 0),
        ("Kapelse KAP-LINK [K0042 KAP-LINK 1] 01 00", False, 1),
        ("Kapelse KAP-LINK2 02 00", False, 2),
        ("Kapelse KAP-LINK2 03 00", False, 3),
        ("Kapelse KAP-LINK2 04 00", False, 4),
    ]


def test_two_slots_of_one_device_share_its_unit(tmp_path: Path) -> None:
    text = """
[[reader]]
name = "Own Reader 00 00"
[[reader]]
name = "Own Reader 00 01"
[[reader]]
model = "two-slots"
[[reader]]
model = "gemalto-pc-twin"
serial = "G7"
card = "vitale2"
"""
    assert read(tmp_path, text) == [
        ("Own Reader 00 00", False, 0),
        ("Own Reader 00 01", False, 0),
        ("Two Slot Reader 01 00", False, 1),
        ("Two Slot Reader 01 01", False, 1),
        ("Gemalto PC Twin Reader (G7) 02 00", True, 2),
    ]


@pytest.mark.parametrize(
    ("system", "model", "names"),
    [
        (
            "windows",
            "identive-cloud-2700-r",
            [
                "Identive CLOUD 2700 R Smart Card Reader 0",
                "Identive CLOUD 2700 R Smart Card Reader 1",
            ],
        ),
        ("macos", "ingenico-telium", [f"Ingenico TL TELIUM({number})" for number in (1, 2, 3)]),
        (
            "macos",
            "f600",
            ["F600 F600 Smart Card Reader"]
            + [f"F600 F600 Smart Card Reader {number:02}" for number in (1, 2)],
        ),
    ],
)
def test_other_systems_number_otherwise(
    tmp_path: Path, system: str, model: str, names: list[str]
) -> None:
    units = len(names) // len(models()[model].readers)
    text = f'[bench]\nnames = "{system}"\n' + f'[[reader]]\nmodel = "{model}"\n' * units
    assert [name for name, _, _ in read(tmp_path, text)] == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[reader]]\nmodel = "kap"', "line 2: reader 1: 'model' is 'kap'; allowed: kapelse-"),
        (
            '[[reader]]\nmodel = "kapelse-kap-link"\ncard = "cps3"',
            "line 3: reader 1: 'card' goes in a [[reader.slot]] table: Kapelse KAP-LINK makes 2",
        ),
        (
            '[[reader]]\nmodel = "kapelse-kap-link"\n[[reader.slot]]\ncard = "cps3"',
            "must be 2 [[reader.slot]] tables for Kapelse KAP-LINK, not 1",
        ),
        (
            '[[reader]]\nmodel = "two-slots"\n[[reader.slot]]\nname = "x"\n[[reader.slot]]',
            "line 4: reader 1: slot 1: 'name' is unknown; allowed: bit_rate",
        ),
        ('[[reader]]\nmodel = "f600"', "has no known name on linux, only on macos"),
        ('[[reader]]\nmodel = "f600"\nname = "x"', "'model' has no known name on linux"),
        ('[[reader]]\nmodel = "gemalto-pc-twin"\nserial = "é"', "'serial' must be letters"),
        ('[[reader]]\nmodel = "gemalto-pc-twin"\nname = "x"', "'name' does not go with 'model'"),
        (
            '[[reader]]\nname = "Cherry KC 1000 SC 01 00"\n[[reader]]\nmodel = "cherry-kc-1000-sc"',
            "line 3: reader 2: two readers are named 'Cherry KC 1000 SC 01 00'",
        ),
    ],
)
def test_wrong_models_are_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)


def test_a_bench_of_models_has_its_readers(tmp_path: Path) -> None:
    path = tmp_path / "bench.yaml"
    path.write_text(
        "reader:\n- model: kapelse-ti-kap\n  slot:\n  - card: cps3\n  - card: vitale2\n  - {}\n",
        encoding="utf-8",
    )
    states = Bench.load(path).states
    assert [(state.name, state.has_card) for state in states] == [
        ("Kapelse Ti-Kap [CCID Interface slot0] 00 00", True),
        ("Kapelse Ti-Kap [CCID Interface slot1] 01 00", True),
        ("Kapelse Ti-Kap [CLESS slot2] 02 00", False),
    ]
