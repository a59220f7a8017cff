"""Exchanges on the wire for the same task: cardio, OpenSC and the ANS library.

cardio and OpenSC are counted on the card's side in one run, GET RESPONSE included: cardio in
process, OpenSC (its unmodified PKCS#11 module) over a private pcscd. The ANS library may not be
passed on, so its figures are those of facts: vendor_library.md §3 and §4.

    python -m benchmarks.apdu_cost [--write] [--json FILE]

`--write` renews the table of docs/reference/apdu-counts.md.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from cardio.cards.cps.card import CpsCard
from cardio.errors import KeyMissing
from cardio.pin.guard import Allow
from cardio.pin.outcomes import Changed, Verified
from cardio.pin.pin import Pin
from cardio.rig.pcscd.private import PrivatePcscd, unavailable
from cardio.trace.recorder import Recorder
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.kinds import make
from cardio_emulator.virtual_card import VirtualCard
from cardio_emulator.vpcd import attach

DOCUMENT = Path(__file__).parents[1] / "docs" / "reference" / "apdu-counts.md"
_BEGIN, _END = "<!-- table -->\n", "<!-- end of table -->\n"
_READER = "CPS 00 00"
_PIN, _NEW_PIN, _PUK = "1234", "4711", "12345678"
_PROTECTED = "CPS_ACTIVITY_01_PS"
_TEXT = b"what is signed " * 10
_AUTHENTICATION_ID = "E828BD080F8025000001FF001002"
_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420") + bytes(32)
_ALLOW = Allow.UNKNOWN_COUNTER
"""A CPS2ter does not tell how many tries are left."""

KINDS = ("cps3", "cps4", "cps2ter")

_AUTHENTICATE, _AUTHENTICATE_AGAIN = "sign, authentication key", "sign again, authentication key"
_SIGN, _SIGN_AGAIN = "sign, signature key", "sign again, signature key"
_WHOLE = "all: unknown card, counter, PIN, signature"

LIMITS = {
    "tries left": 3,
    "verify": 4,
    "verify, read one protected object": 8,
    _AUTHENTICATE: 4,
    _AUTHENTICATE_AGAIN: 3,
    _SIGN: 5,
    _SIGN_AGAIN: 3,
    _WHOLE: 14,
}
"""Exchanges on any card."""

VENDOR = {
    "open": "40 cold, 12 warm",
    "tries left": "6",
    "verify": "2, the counter unread",
    "verify, read one protected object": "7",
    "change the PIN": "4",
    "unblock": "4",
    _AUTHENTICATE: "5",
    _AUTHENTICATE_AGAIN: "5",
    _SIGN: "5",
    _SIGN_AGAIN: "5",
    _WHOLE: "59 cold, 31 warm",
}
"""Of a CPS3. Cold and warm: its files not yet, or already, in its cache on disk."""

Counts = dict[str, int | None]
"""Exchanges by task; None where a program or card cannot do it."""


class Counting:
    """A card that counts what it is sent."""

    def __init__(self, card: VirtualCard) -> None:
        self.card, self.atr, self.serial = card, card.atr, card.serial
        self.count = 0
        self.reset = card.reset

    def transmit(self, command: bytes) -> bytes:
        self.count += 1
        return self.card.transmit(command)


@dataclass
class Lap:
    """Tells how many exchanges were made since it was asked last."""

    card: Counting
    seen: int = 0

    def __call__(self) -> int:
        before, self.seen = self.seen, self.card.count
        return self.seen - before


@dataclass(frozen=True)
class Task:
    """Something done with a card that is open, after what does not count."""

    run: Callable[[CpsCard], object]
    before: tuple[Callable[[CpsCard], object], ...] = ()


def cardio_counts(kind: str) -> Counts:
    """What cardio needs with a card of this kind; `open` is counted apart, and in `_WHOLE`."""
    counts: Counts = {}
    for name, task in _TASKS.items():
        with opened(kind) as (lap, card):
            counts["open"] = lap()
            counts[name] = _exchanges(task, lap, card)
    if counts[_WHOLE] is not None:
        counts[_WHOLE] = (counts["open"] or 0) + (counts[_WHOLE] or 0)
    return counts


def _exchanges(task: Task, lap: "Lap", card: CpsCard) -> int | None:
    try:
        for step in task.before:
            step(card)
        lap()
        task.run(card)
    except KeyMissing:
        return None
    return lap()


@contextmanager
def opened(kind: str, recorder: Recorder | None = None) -> Iterator[tuple[Lap, CpsCard]]:
    """A card of this kind, found and open, and the count of what it was sent."""
    card = Counting(make(kind))
    bench = Bench()
    bench.add_reader(_READER, card)
    with Workstation(EmulatedResourceManager(bench), recorder=recorder) as workstation:
        yield Lap(card), workstation.cps()


def _verify(card: CpsCard) -> None:
    _expect(card.verify_pin(Pin.of(_PIN), allow=_ALLOW), Verified)


def _verify_and_read(card: CpsCard) -> None:
    _verify(card)
    if not card.data_object(_PROTECTED) and not card.data_object(f"CPS2TER_{_PROTECTED[4:]}"):
        raise SystemExit("no protected object")


def _change(card: CpsCard) -> None:
    _expect(card.change_pin(Pin.of(_PIN), Pin.of(_NEW_PIN), allow=_ALLOW), Changed)


def _unblock(card: CpsCard) -> None:
    _expect(card.unblock_pin(Pin.of(_PUK), Pin.of(_NEW_PIN), allow=_ALLOW), Changed)


def _expect(outcome: object, kind: type) -> None:
    if not isinstance(outcome, kind):
        raise SystemExit(f"the card answered {outcome}")


def _authenticate(card: CpsCard) -> None:
    card.keys.authentication.sign(_TEXT, PKCS1v15(), hashes.SHA256())


def _sign(card: CpsCard) -> None:
    card.keys.signature.sign(_TEXT, PKCS1v15(), hashes.SHA256())


def _everything(card: CpsCard) -> None:
    _verify(card)
    _authenticate(card)


_TASKS = {
    "tries left": Task(CpsCard.tries_left),
    "verify": Task(_verify),
    "verify, read one protected object": Task(_verify_and_read),
    "change the PIN": Task(_change),
    "unblock": Task(_unblock),
    _AUTHENTICATE: Task(_authenticate, before=(_verify,)),
    _AUTHENTICATE_AGAIN: Task(_authenticate, before=(_verify, _authenticate)),
    _SIGN: Task(_sign, before=(_verify,)),
    _SIGN_AGAIN: Task(_sign, before=(_verify, _sign)),
    _WHOLE: Task(_everything),
}


def opensc_counts() -> Counts | None:
    """What OpenSC's PKCS#11 module needs with a CPS3; None where it is not installed."""
    module = opensc_module()
    if module is None or unavailable():
        return None
    card = Counting(make("cps3"))
    with PrivatePcscd(["CPS"], fast=True) as service:
        name = service.reader_names[0]
        with attach(card, "127.0.0.1", service.ports[name]) as insertion:
            if not insertion.seen.wait(10):
                raise SystemExit("the card was not seen")
            whole = _opensc_tool(card, str(module), service.env)
            card.reset()
            return _opensc_session(card, str(module), service.env) | {_WHOLE: whole}


def _opensc_tool(card: Counting, module: str, env: dict[str, str]) -> int:
    """One process that logs in and signs a DigestInfo with the authentication key."""
    lap = Lap(card, card.count)
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "info", Path(folder) / "signature"
        source.write_bytes(_DIGEST_INFO)
        subprocess.run(
            ["pkcs11-tool", "--module", module, "--login", "--pin", _PIN, "--sign",
             "--mechanism", "RSA-PKCS", "--id", _AUTHENTICATION_ID,
             "--input-file", str(source), "--output-file", str(target)],
            env=env, check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        if len(target.read_bytes()) != 256:
            raise SystemExit("pkcs11-tool made no signature")
    return lap()


def _opensc_session(card: Counting, module: str, env: dict[str, str]) -> Counts:
    """Run the client, which waits after each step until its exchanges are counted."""
    words = (module, _PIN, _NEW_PIN, _PROTECTED, _DIGEST_INFO.hex())
    command = [sys.executable, "-c", _CLIENT, *words]
    lap, counts = Lap(card, card.count), Counts()
    with subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        for step in client.stdout:
            counts[step.strip()] = lap()
            client.stdin.write("\n")
            client.stdin.flush()
    if client.returncode:
        raise SystemExit("the PKCS#11 client failed")
    counts.pop("find the key")
    login, read = counts["verify"], counts.pop("read one protected object")
    counts["verify, read one protected object"] = (login or 0) + (read or 0)
    return counts


_CLIENT = """
import sys
import pkcs11
from pkcs11 import Attribute, Mechanism, ObjectClass

module, pin, new_pin, label, info = sys.argv[1:]

def done(step):
    print(step, flush=True)
    sys.stdin.readline()

library = pkcs11.lib(module)
slot = library.get_slots(token_present=True)[0]
token = slot.get_token()
done("open")
slot.get_token()
done("tries left")
session = token.open(rw=True, user_pin=pin)
done("verify")
wanted = {Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: label}
(data,) = session.get_objects(wanted)
assert data[Attribute.VALUE]
done("read one protected object")
key = session.get_key(ObjectClass.PRIVATE_KEY, label="CPS_PRIV_AUT")
done("find the key")
for step in ("sign, authentication key", "sign again, authentication key"):
    assert len(key.sign(bytes.fromhex(info), mechanism=Mechanism.RSA_PKCS)) == 256
    done(step)
session.set_pin(pin, new_pin)
done("change the PIN")
"""


def opensc_module() -> Path | None:
    """The module beside the first `opensc-tool` in PATH: two versions in one process crash."""
    tool = Path(shutil.which("opensc-tool") or "/usr/bin/opensc-tool").resolve()
    places = ("lib/opensc-pkcs11.so", "lib/*/opensc-pkcs11.so", "lib64/opensc-pkcs11.so")
    return next((path for place in places for path in tool.parents[1].glob(place)), None)


def table(ours: dict[str, Counts], opensc: Counts | None) -> str:
    """The counts as a Markdown table."""
    heads = [f"cardio, {kind.upper()}" for kind in ours]
    rows = [
        ["task", *heads, "OpenSC, CPS3", "ANS library, CPS3"],
        ["---"] * (len(heads) + 3),
        *(
            [task, *(_cell(ours[kind], task) for kind in ours), _cell(opensc, task), VENDOR[task]]
            for task in VENDOR
        ),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(counts: Counts | None, task: str) -> str:
    found = (counts or {}).get(task)
    return "–" if found is None else str(found)


def document(text: str, rows: str) -> str:
    """The page with its table renewed."""
    before, _, rest = text.partition(_BEGIN)
    return before + _BEGIN + "\n" + rows + "\n" + _END + rest.partition(_END)[2]


def main() -> int:
    """Measure, print, and fail when a count is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="renew the table in the docs")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    ours, opensc = {kind: cardio_counts(kind) for kind in KINDS}, opensc_counts()
    if opensc is None:
        print("OpenSC is left out: it, or pcscd, is not installed", file=sys.stderr)
    print(table(ours, opensc), end="")
    if options.write and opensc:
        text = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(document(text, table(ours, opensc)), encoding="utf-8")
    if options.json:
        figures = {"cardio": ours, "opensc": opensc, "ans": VENDOR}
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(any((ours[kind][task] or 0) > LIMITS[task] for kind in ours for task in LIMITS))


if __name__ == "__main__":
    os.environ.setdefault("OPENSC_DEBUG", "0")
    sys.exit(main())
