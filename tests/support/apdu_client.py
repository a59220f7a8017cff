"""A plain T=0 client for tests of emulated cards: hexadecimal in, hexadecimal out."""

from cardio_emulator.virtual_card import VirtualCard


def send(card: VirtualCard, command: str) -> str:
    """One exchange; the answer as capital hexadecimal digits."""
    return card.transmit(bytes.fromhex(command)).hex().upper()


def ask(card: VirtualCard, command: str) -> tuple[bytes, str]:
    """A command and all its answer, as T=0 clients fetch it; data and final status word."""
    raw = bytes.fromhex(command)
    answer = card.transmit(raw)
    if answer[-2] == 0x6C:
        answer = card.transmit(raw[:4] + answer[-1:])
    data = answer[:-2]
    while answer[-2] == 0x61:
        answer = card.transmit(bytes((0, 0xC0, 0, 0)) + answer[-1:])
        data += answer[:-2]
    return data, answer[-2:].hex().upper()
