"""The scripted health centre: six workstations, each with its own faults, and a report of each.

Readers and cards are emulated, the machine around them is recorded (`machines.py`).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.centre import machines
from tests.centre.machines import Machine

from cardio.errors import ServiceUnavailable
from cardio.locale import translator
from cardio.probe import probe, to_json
from cardio.probe.system.recorded import recorded_platform
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.bench_file import read_bench
from cardio_emulator.virtual_card import VirtualCard

HERE = Path(__file__).parent
ROSTER = HERE / "personnel.csv"
SITE = HERE / "site.toml"

GEMALTO = ("Gemalto PC Twin Reader 0", "Gemalto PC Twin Reader 1")
ALCOR = ("Alcor Micro AU9540 00 00", "Alcor Micro AU9540 01 00")
_WRONG_PIN = bytes.fromhex("00200001 04 30303030")
_PIN_BLOCKED = bytes.fromhex("6983")
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Post:
    """A workstation: what opens its readers, and the machine they are plugged into."""

    name: str
    opener: Callable[[str], Workstation]
    machine: Machine

    def report(self, *, with_identity: bool) -> dict[str, Any]:
        """What `cardio probe` reports of it."""
        report = probe(
            opener=self.opener,
            platform=recorded_platform(self.machine),
            with_identity=with_identity,
        )
        return to_json(report, translator("fr"))


def posts() -> tuple[Post, ...]:
    """All six, faults and all."""
    two = ("pcsc-two-readers.ini",)
    return (
        Post("cabinet-1", _bench("cabinet-1"), machines.with_galss(machines.ready(), *two)),
        Post("cabinet-2", _bench("cabinet-2"), machines.ready()),
        Post("cabinet-3", _bench("cabinet-3"), machines.ready(cryptolib="5.1.0")),
        Post(
            "infirmerie",
            lambda _: Workstation(EmulatedResourceManager(Bench())),
            machines.with_pss_reader(machines.with_galss(machines.ready(), "pss-two-slots.ini")),
        ),
        Post("soins", _bench("soins", block=ALCOR[0]), machines.ready(usb_id="058F:9540")),
        Post("accueil", _no_service, machines.without_service(machines.ready())),
    )


def write_reports(folder: Path, *, with_identity: bool = True) -> dict[str, dict[str, Any]]:
    """A report of each workstation, under its name; as `cardio probe --json` prints them."""
    folder.mkdir(parents=True, exist_ok=True)
    reports = {post.name: post.report(with_identity=with_identity) for post in posts()}
    for name, report in reports.items():
        text = json.dumps(report, ensure_ascii=False, indent=2)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return reports


def _bench(name: str, block: str | None = None) -> Callable[[str], Workstation]:
    return partial(_open, HERE / "benches" / f"{name}.toml", block)


def _open(file: Path, block: str | None, _where: str) -> Workstation:
    bench = Bench()
    for plan in read_bench(file).readers:
        card = plan.card.make() if plan.card else None
        if card and plan.name == block:
            _spend_all_tries(card)
        bench.add_reader(plan.name, card)
    return Workstation(EmulatedResourceManager(bench))


def _spend_all_tries(card: VirtualCard) -> None:
    """Somebody typed a wrong code three times."""
    card.reset()
    answers = [card.transmit(_WRONG_PIN) for _ in range(_TRIES + 1)]
    assert answers[-1] == _PIN_BLOCKED


def _no_service(_where: str) -> Workstation:
    raise ServiceUnavailable("the PC/SC service does not run")
