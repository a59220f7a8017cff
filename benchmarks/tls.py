"""What a card adds to a TLS handshake: an emulated card in process beside the same key in a file.

Both ends of each handshake are in this process, in memory: the times are processor time alone.
Turn by turn in one run; the ratio of the medians holds where absolute times do not. `in the card`
is what the emulated card took of it to answer; a real one takes longer, `ours` stays the same.
`exchanges` counts GET RESPONSE too. Run: `python -m benchmarks.tls [--json FILE] [--rounds N]`.
"""

import argparse
import json
import ssl
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.support.tls_memory import authority, handshake, server_context

from cardio import CpsCard, Pin, Verified, Workstation
from cardio.authentication import tls_context
from cardio.cards.cps.trust.store import TrustStore
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator import persona
from cardio_emulator.bench import Bench
from cardio_emulator.certificates import authentication_credential
from cardio_emulator.kinds import make
from cardio_emulator.virtual_card import VirtualCard

LIMITS = {"first": 4, "later": 3}
"""Exchanges of a handshake at most: the signature is all that the card is asked for."""

VERSIONS = {"cps3": ssl.TLSVersion.TLSv1_2, "cps4": ssl.TLSVersion.TLSv1_3}


class Timed:
    """A card; counts what it is sent, and the time it takes to answer."""

    def __init__(self, card: VirtualCard) -> None:
        self._card = card
        self.serial = card.serial
        self.seconds, self.exchanges = 0.0, 0

    @property
    def atr(self) -> bytes:
        return self._card.atr

    def reset(self) -> None:
        self._card.reset()

    def transmit(self, command: bytes) -> bytes:
        began = perf_counter()
        answer = self._card.transmit(command)
        self.seconds += perf_counter() - began
        self.exchanges += 1
        return answer


def main() -> int:
    """Measure, print, and fail when a handshake asks too much of the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="handshakes with each key")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "authority.pem"
        file.write_bytes(authority().certificate)
        figures = {kind: measure(kind, file, options.rounds) for kind in VERSIONS}
    for kind, values in figures.items():
        print(f"{kind}, {VERSIONS[kind].name}")
        for name, value in values.items():
            print(f"  {name:<24} {value:>9.3f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(
        any(
            values[f"exchanges, {which}"] > limit
            for values in figures.values()
            for which, limit in LIMITS.items()
        )
    )


def measure(kind: str, servers: Path, rounds: int) -> dict[str, float]:
    """Milliseconds of a handshake with the card and with the file, and what the card was asked."""
    timed = Timed(make(kind))
    bench = Bench()
    bench.add_reader("Reader", timed)
    card = Workstation(EmulatedResourceManager(bench)).cps()
    unlock(card)
    version = VERSIONS[kind]
    in_card = tls_context(card, server_authorities=servers, store=TrustStore())
    in_file = with_file(servers, version)
    timed.exchanges = 0
    shake(in_card, version)
    first, timed.seconds, timed.exchanges = timed.exchanges, 0.0, 0
    times = {name: list[float]() for name in ("card", "file")}
    for _ in range(rounds):
        for name, context in (("card", in_card), ("file", in_file)):
            began = perf_counter()
            shake(context, version)
            times[name].append((perf_counter() - began) * 1000)
    card_ms, file_ms = median(times["card"]), median(times["file"])
    inside = timed.seconds * 1000 / rounds
    return {
        "card, ms": card_ms,
        "file, ms": file_ms,
        "card / file": card_ms / file_ms,
        "in the card, ms": inside,
        "ours, ms": card_ms - file_ms - inside,
        "exchanges, first": first,
        "exchanges, later": timed.exchanges / rounds,
    }


def unlock(card: CpsCard) -> None:
    with Pin.of("1234") as pin:
        if card.verify_pin(pin) != Verified():
            raise SystemExit("the emulated card does not take its PIN")


def with_file(servers: Path, version: ssl.TLSVersion) -> ssl.SSLContext:
    """The same key, with a certificate like the card's, as `ssl` itself loads them."""
    credential = authentication_credential(persona.load("medecin"))
    context = ssl.create_default_context(cafile=servers)
    context.maximum_version = version
    key = credential.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "key.pem"
        file.write_bytes(key + credential.certificate.public_bytes(Encoding.PEM))
        context.load_cert_chain(file)
    return context


def shake(context: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    client, _ = handshake(context, server_context(version=version))
    if client.version() != version.name.replace("v1_", "v1."):
        raise SystemExit(f"spoke {client.version()}, not {version.name}")


if __name__ == "__main__":
    raise SystemExit(main())
