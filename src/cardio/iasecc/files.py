"""Read transparent files whole: select, then READ BINARY in blocks of 256 bytes.

Selecting and reading stay in one transaction, as another program may select between the two.
"""

from cardio.errors import FcpError, TlvError, TruncatedAnswer
from cardio.iasecc import der
from cardio.iasecc.commands import MAX_OFFSET, read_binary, select_path
from cardio.iso7816.apdu import SHORT_MAX_LE
from cardio.iso7816.fcp import Fcp
from cardio.iso7816.path import Path
from cardio.iso7816.status import END_OF_FILE
from cardio.transport.channel import Channel


def select(channel: Channel, path: Path) -> Fcp:
    """Make the file current, give its FCP. Raises `FileNotFound`, `FcpError`, `TlvError`."""
    return Fcp.decode(channel.run(select_path(path)))


def read_file(channel: Channel, path: Path) -> bytes:
    """The whole content, exactly as many bytes as its FCP says: 1 + n commands.

    Raises `FcpError` when the FCP lacks a size, `TruncatedAnswer` when the card gives less,
    and the errors of `select`.
    """
    with channel.transaction():
        size = select(channel, path).size
        if size is None:
            raise FcpError("the file has no size")
        return _read_rest(channel, b"", size)


def read_certificate(channel: Channel, path: Path) -> bytes:
    """The DER object that starts the file, without the filling behind it: 1 + n commands.

    Its own length says how far to read, so no FCP is asked for. Raises as `read_file`, and
    `TlvError` when the file does not start with a SEQUENCE.
    """
    with channel.transaction():
        channel.run(select_path(path, fcp=False))
        start = _read_block(channel, 0, SHORT_MAX_LE)
        tag, _, end = der.header(start)
        if tag != der.SEQUENCE:
            raise TlvError("the file does not start with a SEQUENCE")
        if end <= len(start):
            return start[:end]
        return _read_rest(channel, start, end)


def _read_rest(channel: Channel, content: bytes, size: int) -> bytes:
    if size > MAX_OFFSET + 1:
        raise FcpError(f"a file of {size} bytes is out of the reach of READ BINARY")
    while len(content) < size:
        wanted = min(SHORT_MAX_LE, size - len(content))
        block = _read_block(channel, len(content), wanted)
        content += block
        if len(block) != wanted:
            raise _truncated(channel, len(content), size)
    return content


def _read_block(channel: Channel, offset: int, size: int) -> bytes:
    """At most `size` bytes. 6282, the end of the file, is no error (iasecc_opensc.md §1.6)."""
    command = read_binary(offset, size)
    response = channel.send(command)
    if not (response.status.is_success or response.status == END_OF_FILE):
        raise channel.error(command, response.status)
    return response.data


def _truncated(channel: Channel, got: int, size: int) -> TruncatedAnswer:
    error = TruncatedAnswer(f"the file gave {got} bytes where {size} were announced")
    return error.at(channel.reader, channel.exchanged - 1)
