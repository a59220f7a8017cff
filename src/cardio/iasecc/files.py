"""Read transparent files whole: select, then READ BINARY in blocks.

Selecting and reading stay in one transaction, as another program may select between the two.
"""

from typing import Protocol

from cardio.errors import FcpError, TlvError, TruncatedAnswer
from cardio.iasecc import der
from cardio.iasecc.commands import MAX_OFFSET, read_binary, select_path, update_binary
from cardio.iso7816.apdu import SHORT_MAX_DATA, SHORT_MAX_LE
from cardio.iso7816.fcp import Fcp
from cardio.iso7816.path import Path
from cardio.iso7816.status import END_OF_FILE
from cardio.transport.channel import Channel


class Dialect(Protocol):
    """How one kind of card has its files selected; they are all read alike."""

    @property
    def cla(self) -> int:
        """Class of READ BINARY and UPDATE BINARY."""
        ...

    @property
    def block(self) -> int:
        """Bytes to read at a time, 256 at most."""
        ...

    def select(self, channel: Channel, path: Path, *, sized: bool) -> int | None:
        """Make the file current; with `sized`, give its size in bytes if the card tells it.

        Raises `FileNotFound` and other `CardError`s, `FcpError`, `TlvError`.
        """
        ...


class IasEcc:
    """IAS-ECC on the basic channel: the CPS3 (facts: iasecc_opensc.md §1.4, §1.6)."""

    cla = 0x00
    block = SHORT_MAX_LE

    def select(self, channel: Channel, path: Path, *, sized: bool) -> int | None:
        """See `Dialect.select`."""
        answer = channel.run(select_path(path, fcp=sized))
        return Fcp.decode(answer).size if sized else None


IAS_ECC = IasEcc()


def read_file(channel: Channel, path: Path, dialect: Dialect = IAS_ECC) -> bytes:
    """The whole content, exactly as many bytes as its FCP says.

    Raises `FcpError` when the FCP lacks a size, `TruncatedAnswer` when the card gives less,
    and the errors of `Dialect.select`.
    """
    with channel.transaction():
        return _read_rest(channel, dialect, b"", _size(channel, path, dialect))


def read_certificate(channel: Channel, path: Path, dialect: Dialect = IAS_ECC) -> bytes:
    """The DER object that starts the file, without the filling behind it.

    Its own length says how far to read, so no size is asked for. Raises as `read_file`, and
    `TlvError` when the file does not start with a SEQUENCE.
    """
    with channel.transaction():
        dialect.select(channel, path, sized=False)
        start = _read_block(channel, dialect, 0, dialect.block)
        tag, _, end = der.header(start)
        if tag != der.SEQUENCE:
            raise TlvError("the file does not start with a SEQUENCE")
        if end <= len(start):
            return start[:end]
        return _read_rest(channel, dialect, start, end)


def write_file(channel: Channel, path: Path, content: bytes, dialect: Dialect = IAS_ECC) -> None:
    """Replace the whole content, filled up with 00 to the file's size.

    The vendor's library writes so (facts: vendor_library.md §2). Raises `FcpError` when the
    file has less room, `SecurityStatusNotSatisfied` before the PIN, and as `Dialect.select`.
    """
    with channel.transaction():
        size = _size(channel, path, dialect)
        if len(content) > size:
            raise FcpError(f"{len(content)} bytes do not fit into a file of {size}")
        content = content.ljust(size, b"\x00")
        for at in range(0, size, SHORT_MAX_DATA):
            channel.run(update_binary(at, content[at : at + SHORT_MAX_DATA], cla=dialect.cla))


def _size(channel: Channel, path: Path, dialect: Dialect) -> int:
    size = dialect.select(channel, path, sized=True)
    if size is None:
        raise FcpError("the file has no size")
    return size


def _read_rest(channel: Channel, dialect: Dialect, content: bytes, size: int) -> bytes:
    if size > MAX_OFFSET + 1:
        raise FcpError(f"a file of {size} bytes is out of the reach of READ BINARY")
    while len(content) < size:
        wanted = min(dialect.block, size - len(content))
        block = _read_block(channel, dialect, len(content), wanted)
        content += block
        if len(block) != wanted:
            raise _truncated(channel, len(content), size)
    return content


def _read_block(channel: Channel, dialect: Dialect, offset: int, size: int) -> bytes:
    """At most `size` bytes. 6282, the end of the file, is no error (iasecc_opensc.md §1.6)."""
    command = read_binary(offset, size, cla=dialect.cla)
    response = channel.send(command)
    if not (response.status.is_success or response.status == END_OF_FILE):
        raise channel.error(command, response.status)
    return response.data


def _truncated(channel: Channel, got: int, size: int) -> TruncatedAnswer:
    error = TruncatedAnswer(f"the file gave {got} bytes where {size} were announced")
    return error.at(channel.reader, channel.exchanged - 1)
