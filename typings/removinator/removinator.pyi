"""What cardio uses of the library; it has no annotations of its own (0.1.0.dev3)."""

from io import TextIOWrapper

from serial import Serial

class Error(Exception):
    msg: str

class CommandError(Error): ...
class ConnectError(Error): ...
class SlotError(Error): ...

class Removinator:
    last_result: str
    last_response: str
    connection: Serial
    sio: TextIOWrapper
    def __init__(self, port: str | None = None) -> None: ...
    def insert_card(self, slot: int) -> None: ...
    def remove_card(self) -> None: ...
