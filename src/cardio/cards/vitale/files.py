"""Reading a whole file whose size is not told.

Blocks of 256 bytes are asked for until one comes short or is refused (facts: vitale.md §2.3).
"""

from cardio.iasecc.commands import MAX_OFFSET, read_binary
from cardio.iso7816.apdu import SHORT_MAX_LE, CommandApdu
from cardio.iso7816.status import END_OF_FILE
from cardio.transport.channel import Channel


def read_first(channel: Channel, command: CommandApdu) -> bytes:
    """The first block of a file. Raises `UnexpectedStatus` where the card refuses."""
    answer = channel.send(command)
    if not answer.status.is_success and answer.status != END_OF_FILE:
        raise channel.error(command, answer.status)
    return answer.data


def read_on(channel: Channel, first: bytes) -> bytes:
    """The whole selected file, its first block being `first`; at most 32 KiB."""
    content, block = bytearray(first), first
    while len(block) == SHORT_MAX_LE and len(content) <= MAX_OFFSET:
        answer = channel.send(read_binary(len(content), SHORT_MAX_LE))
        block = answer.data if answer.status.is_success or answer.status == END_OF_FILE else b""
        content += block
    return bytes(content)
