"""The PC/SC calls as pyscard gives them: lists of ints for bytes, the result code first.

At run time the answers are lists; they are typed as tuples here so that each place has its type.
"""

from collections.abc import Sequence
from typing import TypeAlias

_Bytes: TypeAlias = list[int]
_ReaderState: TypeAlias = tuple[str, int] | tuple[str, int, _Bytes]

class error(Exception): ...

def SCARD_CTL_CODE(code: int, /) -> int: ...
def SCardBeginTransaction(hcard: int, /) -> int: ...
def SCardCancel(hcontext: int, /) -> int: ...
def SCardConnect(
    hcontext: int, readername: str, dwShareMode: int, dwPreferredProtocols: int, /
) -> tuple[int, int, int]: ...
def SCardControl(hcard: int, dwControlCode: int, inbuffer: _Bytes, /) -> tuple[int, _Bytes]: ...
def SCardDisconnect(hcard: int, dwDisposition: int, /) -> int: ...
def SCardEndTransaction(hcard: int, dwDisposition: int, /) -> int: ...
def SCardEstablishContext(dwScope: int, /) -> tuple[int, int]: ...
def SCardGetAttrib(hcard: int, dwAttrId: int, /) -> tuple[int, _Bytes]: ...
def SCardGetErrorMessage(lErrCode: int, /) -> str: ...
def SCardGetStatusChange(
    hcontext: int, dwTimeout: int, readerstatelist: Sequence[_ReaderState], /
) -> tuple[int, list[tuple[str, int, _Bytes]]]: ...
def SCardIsValidContext(hcontext: int, /) -> int: ...
def SCardListReaderGroups(hcontext: int, /) -> tuple[int, list[str]]: ...
def SCardListReaders(hcontext: int, readergroups: list[str], /) -> tuple[int, list[str]]: ...
def SCardReconnect(
    hcard: int, dwShareMode: int, dwPreferredProtocols: int, dwInitialization: int, /
) -> tuple[int, int]: ...
def SCardReleaseContext(hcontext: int, /) -> int: ...
def SCardStatus(hcard: int, /) -> tuple[int, str, int, int, _Bytes]: ...
def SCardTransmit(hcard: int, pioSendPci: int, apducommand: _Bytes, /) -> tuple[int, _Bytes]: ...

INFINITE: int
SCARD_ATTR_ATR_STRING: int
SCARD_ATTR_CHANNEL_ID: int
SCARD_ATTR_DEVICE_FRIENDLY_NAME: int
SCARD_ATTR_VENDOR_IFD_SERIAL_NO: int
SCARD_ATTR_VENDOR_IFD_TYPE: int
SCARD_ATTR_VENDOR_IFD_VERSION: int
SCARD_ATTR_VENDOR_NAME: int
SCARD_EJECT_CARD: int
SCARD_E_BAD_SEEK: int
SCARD_E_CANCELLED: int
SCARD_E_CANT_DISPOSE: int
SCARD_E_CARD_UNSUPPORTED: int
SCARD_E_CERTIFICATE_UNAVAILABLE: int
SCARD_E_COMM_DATA_LOST: int
SCARD_E_DIR_NOT_FOUND: int
SCARD_E_DUPLICATE_READER: int
SCARD_E_FILE_NOT_FOUND: int
SCARD_E_ICC_CREATEORDER: int
SCARD_E_ICC_INSTALLATION: int
SCARD_E_INSUFFICIENT_BUFFER: int
SCARD_E_INVALID_ATR: int
SCARD_E_INVALID_CHV: int
SCARD_E_INVALID_HANDLE: int
SCARD_E_INVALID_PARAMETER: int
SCARD_E_INVALID_TARGET: int
SCARD_E_INVALID_VALUE: int
SCARD_E_NOT_READY: int
SCARD_E_NOT_TRANSACTED: int
SCARD_E_NO_ACCESS: int
SCARD_E_NO_DIR: int
SCARD_E_NO_FILE: int
SCARD_E_NO_KEY_CONTAINER: int
SCARD_E_NO_MEMORY: int
SCARD_E_NO_READERS_AVAILABLE: int
SCARD_E_NO_SERVICE: int
SCARD_E_NO_SMARTCARD: int
SCARD_E_NO_SUCH_CERTIFICATE: int
SCARD_E_PCI_TOO_SMALL: int
SCARD_E_PROTO_MISMATCH: int
SCARD_E_READER_UNAVAILABLE: int
SCARD_E_READER_UNSUPPORTED: int
SCARD_E_SERVER_TOO_BUSY: int
SCARD_E_SERVICE_STOPPED: int
SCARD_E_SHARING_VIOLATION: int
SCARD_E_SYSTEM_CANCELLED: int
SCARD_E_TIMEOUT: int
SCARD_E_UNEXPECTED: int
SCARD_E_UNKNOWN_CARD: int
SCARD_E_UNKNOWN_READER: int
SCARD_E_UNKNOWN_RES_MNG: int
SCARD_E_UNSUPPORTED_FEATURE: int
SCARD_E_WRITE_TOO_MANY: int
SCARD_F_COMM_ERROR: int
SCARD_F_INTERNAL_ERROR: int
SCARD_F_UNKNOWN_ERROR: int
SCARD_F_WAITED_TOO_LONG: int
SCARD_LEAVE_CARD: int
SCARD_PCI_RAW: int
SCARD_PCI_T0: int
SCARD_PCI_T1: int
SCARD_PROTOCOL_ANY: int
SCARD_PROTOCOL_DEFAULT: int
SCARD_PROTOCOL_OPTIMAL: int
SCARD_PROTOCOL_RAW: int
SCARD_PROTOCOL_T0: int
SCARD_PROTOCOL_T1: int
SCARD_PROTOCOL_T15: int
SCARD_PROTOCOL_Tx: int
SCARD_PROTOCOL_UNDEFINED: int
SCARD_PROTOCOL_UNSET: int
SCARD_P_SHUTDOWN: int
SCARD_RESET_CARD: int
SCARD_SCOPE_SYSTEM: int
SCARD_SCOPE_TERMINAL: int
SCARD_SCOPE_USER: int
SCARD_SHARE_DIRECT: int
SCARD_SHARE_EXCLUSIVE: int
SCARD_SHARE_SHARED: int
SCARD_STATE_ATRMATCH: int
SCARD_STATE_CHANGED: int
SCARD_STATE_EMPTY: int
SCARD_STATE_EXCLUSIVE: int
SCARD_STATE_IGNORE: int
SCARD_STATE_INUSE: int
SCARD_STATE_MUTE: int
SCARD_STATE_PRESENT: int
SCARD_STATE_UNAVAILABLE: int
SCARD_STATE_UNAWARE: int
SCARD_STATE_UNKNOWN: int
SCARD_STATE_UNPOWERED: int
SCARD_S_SUCCESS: int
SCARD_UNPOWER_CARD: int
SCARD_W_CANCELLED_BY_USER: int
SCARD_W_CARD_NOT_AUTHENTICATED: int
SCARD_W_CHV_BLOCKED: int
SCARD_W_EOF: int
SCARD_W_REMOVED_CARD: int
SCARD_W_RESET_CARD: int
SCARD_W_SECURITY_VIOLATION: int
SCARD_W_UNPOWERED_CARD: int
SCARD_W_UNRESPONSIVE_CARD: int
SCARD_W_UNSUPPORTED_CARD: int
SCARD_W_WRONG_CHV: int
