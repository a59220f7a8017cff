"""How fast the emulated card answers: against `vicc` and an echo card, over pcscd and vpcd.

One client sends GET CHALLENGE (8 bytes) to three cards, each in a process of its own, turn by turn
in one run: the ratio of the medians holds where absolute times do not. Then READ BINARY in
process: a Vitale 2 and an echo card in emulated readers, turn by turn too.
Run: `python benchmarks/emulator.py [--json FILE] [--rounds N] [--vicc-python PYTHON]`.

vicc is Debian's vsmartcard-vpicc. Its package does not start by itself: it lies outside the
module path and wants pycryptodome (facts: pcsc_vpcd.md §4). `make bench` installs both;
`--vicc-python` names another Python that has it.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).parents[1]))

from cardio.rig.pcscd.private import PrivatePcscd

AT_LEAST = {"vicc / ours": 100.0}
"""On the vpcd of Debian and Ubuntu, which is 0.8 in all of them (facts: pcsc_vpcd.md §0.1)."""
AT_MOST = {"ours / echo": 2.0}
"""Twice the time of a card of ten lines over vpcd."""

PER_SECOND, SLOWER_THAN_ECHO = 100_000, 6.4
"""In process nothing but the reader adds to a card's own time, and an echo card has none: where a
machine makes fewer exchanges than `PER_SECOND`, the ratio says whether it is the machine. 6.4 is
100 000 where an echo card makes 640 000.
"""

_GET_CHALLENGE = bytes.fromhex("0084000008")
_ECHO_TEN_BYTES = bytes.fromhex("0084000A08")
_SELECTS = (bytes.fromhex("00A4000C023F00"), bytes.fromhex("00A4020C022F02"))
_READ_BINARY = bytes.fromhex("00B0000007")
_BATCH = 100
_ROOT = Path(__file__).parents[1]
_ECHO_CARD = _ROOT / "tests" / "support" / "soft_card.py"
_VICC = Path("/usr/bin/vicc")
_VICC_MODULES = Path("/usr/lib/python3/site-packages/virtualsmartcard")
_SLOW_ROUNDS = 60
"""vicc takes 44 ms an exchange on vpcd 0.8 (facts: pcsc_vpcd.md §0.1)."""


def main() -> int:
    """Measure, print, and fail when a ratio misses its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2000, help="exchanges with each card")
    parser.add_argument("--vicc-python", default=sys.executable, help="a Python with pycryptodome")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    reason = vicc_lacks(options.vicc_python)
    if reason:
        print(f"vicc is left out: {reason}", file=sys.stderr)
    figures = over_vpcd(options.rounds, None if reason else options.vicc_python)
    figures |= in_process(options.rounds)
    limits = {name: f"at least {limit:g}" for name, limit in AT_LEAST.items()}
    limits |= {name: f"at most {limit:g}" for name, limit in AT_MOST.items()}
    limits["in process: ours (/s)"] = f"at least {PER_SECOND}, or:"
    limits["in process: ours / echo"] = f"at most {SLOWER_THAN_ECHO:g}"
    for name, value in figures.items():
        print(f"{name:<28} {value:>12.2f}   {limits.get(name, '')}".rstrip())
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(
        any(figures.get(name, limit) < limit for name, limit in AT_LEAST.items())
        or any(figures[name] > limit for name, limit in AT_MOST.items())
        or (
            figures["in process: ours (/s)"] < PER_SECOND
            and figures["in process: ours / echo"] > SLOWER_THAN_ECHO
        )
    )


def vicc_lacks(python: str) -> str | None:
    """What is missing to run vicc; None when nothing is."""
    if not (_VICC.exists() and _VICC_MODULES.exists()):
        return "the Debian package vsmartcard-vpicc is not installed"
    if subprocess.run([python, "-c", "import Crypto"], capture_output=True, check=False).returncode:
        return (
            f"{python} has no pycryptodome; python3 -m venv VENV, VENV/bin/pip install "
            "pycryptodome, then --vicc-python VENV/bin/python"
        )
    return None


def over_vpcd(rounds: int, vicc_python: str | None) -> dict[str, float]:
    """Median microseconds of each card, and their ratios."""
    names = ["Ours", "Echo", "Vicc"] if vicc_python else ["Ours", "Echo"]
    with PrivatePcscd(names, fast=True) as service, ExitStack() as stack:
        os.environ.update(service.env)
        ports = [str(service.ports[name]) for name in service.reader_names]
        commands = [_ours(ports[0]), [sys.executable, str(_ECHO_CARD), ports[1]]]
        if vicc_python:
            commands.append([vicc_python, str(_VICC), "-t", "iso7816", "-P", ports[2]])
        for command in commands:
            stack.enter_context(_running(command))
        readers = service.reader_names
        calls = {
            "ours": (_client(readers[0], _GET_CHALLENGE), rounds),
            "echo": (_client(readers[1], _ECHO_TEN_BYTES), rounds),
        }
        if vicc_python:
            calls["vicc"] = (_client(readers[2], _GET_CHALLENGE), min(rounds, _SLOW_ROUNDS))
        medians = _interleaved(calls)
    figures = {f"{name} (µs)": value for name, value in medians.items()}
    figures["ours / echo"] = medians["ours"] / medians["echo"]
    if "vicc" in medians:
        figures["vicc / ours"] = medians["vicc"] / medians["ours"]
    return figures


def in_process(rounds: int) -> dict[str, float]:
    """Exchanges a second with no daemon, each through its reader's session, on one core.

    Processor time is counted, and the best batch: anything else on the machine only slows it.
    """
    from cardio_emulator.bench import Bench
    from cardio_emulator.cards import vitale2

    bench = Bench()
    cards = {"ours": vitale2.make(), "echo": _EchoCard()}
    sessions = {name: bench.add_reader(name, card).connect() for name, card in cards.items()}
    for command in (*_SELECTS, _READ_BINARY):
        answer = sessions["ours"].transmit(command)
        if not answer.endswith(b"\x90\x00"):
            raise SystemExit(f"in process: {command.hex()} was answered {answer.hex()}")
    times = dict.fromkeys(sessions, float("inf"))
    for _ in range(rounds):
        for name, session in sessions.items():
            began = process_time()
            for _ in range(_BATCH):
                session.transmit(_READ_BINARY)
            times[name] = min(times[name], process_time() - began)
    figures = {f"in process: {name} (/s)": _BATCH / time for name, time in times.items()}
    return figures | {"in process: ours / echo": times["ours"] / times["echo"]}


class _EchoCard:
    """Answers what it is sent, and 9000."""

    atr = b"\x3b\x00"
    serial = "ECHO"

    def reset(self) -> None:
        """It remembers nothing."""

    def transmit(self, command: bytes) -> bytes:
        return command + b"\x90\x00"


def _interleaved(calls: dict[str, tuple[Callable[[], None], int]]) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(max(rounds for _, rounds in calls.values())):
        for name, (call, rounds) in calls.items():
            if number < rounds:
                began = perf_counter()
                call()
                times[name].append(perf_counter() - began)
    return {name: median(taken) * 1e6 for name, taken in times.items()}


def _ours(port: str) -> list[str]:
    run = "from cardio.cli import main; main()"
    options = ["--card", "cps3", "--vpcd", f"127.0.0.1:{port}"]
    return [sys.executable, "-c", run, "emulate", *options]


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    environment = {**os.environ, "PYTHONPATH": str(_VICC_MODULES)} if "-P" in command else None
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _client(reader: str, command: bytes) -> Callable[[], None]:
    """SCardTransmit of this command, once the reader holds a card; checks every answer."""
    from smartcard import scard

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    both = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    deadline = time.monotonic() + 20
    code = scard.SCARD_E_NO_SMARTCARD
    card = protocol = 0
    while code:
        code, card, protocol = scard.SCardConnect(context, reader, scard.SCARD_SHARE_SHARED, both)
        if time.monotonic() > deadline:
            raise SystemExit(f"{reader}: {scard.SCardGetErrorMessage(code)}")
        time.sleep(0.02)
    pci = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
    as_list = list(command)

    def call() -> None:
        code, answer = scard.SCardTransmit(card, pci, as_list)
        if code or answer[-2:] != [0x90, 0x00] or len(answer) != 10:
            raise SystemExit(f"{reader} answered {bytes(answer).hex()}")

    return call


if __name__ == "__main__":
    sys.exit(main())
