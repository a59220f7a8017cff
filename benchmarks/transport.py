"""The cost of one exchange: cardio's connection against bare SCardTransmit, over pcscd and vpcd.

Both speak to the same echo card, in a process of its own, turn by turn in one run: the ratio of
the medians holds where absolute times do not. `--hand-over` adds the way that is used where a
call cannot be cut off. Run: `python benchmarks/transport.py [--json FILE] [--rounds N]`.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from cardio.rig.pcscd.private import PrivatePcscd

SIZES = (2, 16, 256, 2048, 32768)
LIMITS = {256: 1.15, 2048: 0.95}
"""The most cardio may take, as a ratio, for an answer of so many bytes."""

_CARD = Path(__file__).parents[1] / "tests" / "support" / "soft_card.py"
_READER = "Echo"


def main() -> int:
    """Measure, print, and fail when a ratio is above its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1500, help="exchanges of each kind and size")
    parser.add_argument("--hand-over", action="store_true", help="measure the other bound too")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    with PrivatePcscd([_READER], fast=True) as service:
        os.environ.update(service.env)
        name = service.reader_names[0]
        card = subprocess.Popen([sys.executable, str(_CARD), str(service.ports[name])])
        try:
            rows = measure(name, options.rounds, options.hand_over)
        finally:
            card.kill()
            card.wait()
    report(rows)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return int(any(row["cardio / bare"] > LIMITS.get(int(row["bytes"]), 9) for row in rows))


def measure(reader: str, rounds: int, with_hand_over: bool) -> list[dict[str, float]]:
    """One row for each size: median microseconds, and ratios to the bare call."""
    from cardio.transport.pcsc import PcscResourceManager
    from cardio.transport.stack import stack

    manager = PcscResourceManager()
    status = next(one for one in manager.readers() if one.name == reader)
    while not status.atr:
        status = next(one for one in manager.wait(manager.readers(), 1) if one.name == reader)
    calls: dict[str, Callable[[bytes], object]] = {
        "bare": _bare(reader),
        "cardio": stack(manager.connect(reader)).transmit,
    }
    if with_hand_over:
        calls["hand over"] = _hand_over(reader)
    return [_row(size, calls, rounds if size < SIZES[-1] else rounds // 5) for size in SIZES]


def report(rows: list[dict[str, float]]) -> None:
    """Print the rows as a table."""
    print(" | ".join(f"{title:>16}" for title in rows[0]))
    for row in rows:
        print(" | ".join(f"{value:>16.2f}" for value in row.values()))


def _row(size: int, calls: dict[str, Callable[[bytes], object]], rounds: int) -> dict[str, float]:
    command = b"\x80\xf0" + size.to_bytes(2, "big") + b"\x00"
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            began = perf_counter()
            call(command)
            times[name].append(perf_counter() - began)
    medians = {name: median(taken) * 1e6 for name, taken in times.items()}
    ratios = {f"{name} / bare": us / medians["bare"] for name, us in medians.items()}
    del ratios["bare / bare"]
    return {"bytes": size} | {f"{name} (µs)": us for name, us in medians.items()} | ratios


def _bare(reader: str) -> Callable[[bytes], object]:
    """SCardTransmit of pyscard and nothing else, its list of ints made outside the clock."""
    from smartcard import scard

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    both = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    code, card, protocol = scard.SCardConnect(context, reader, scard.SCARD_SHARE_SHARED, both)
    if code:
        raise SystemExit(scard.SCardGetErrorMessage(code))
    pci = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
    commands: dict[bytes, list[int]] = {}
    transmit = scard.SCardTransmit

    def call(command: bytes) -> object:
        as_list = commands.get(command) or commands.setdefault(command, list(command))
        return transmit(card, pci, as_list)

    return call


def _hand_over(reader: str) -> Callable[[bytes], object]:
    from cardio.transport.deadline import HandOver
    from cardio.transport.pcsc import CALL_LIMIT, PcscResourceManager
    from cardio.transport.stack import stack

    connection = PcscResourceManager().connect(reader)
    connection._deadline = HandOver(CALL_LIMIT)  # noqa: SLF001
    return stack(connection).transmit


if __name__ == "__main__":
    sys.exit(main())
