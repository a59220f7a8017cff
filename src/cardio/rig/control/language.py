"""The words of the commands of a bench, and what is said of a line that holds others."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cardio.errors import CardioError
from cardio.transport.json_line import MAX_LINE, Message, NoMessage, decode

CARD_KEYS = ("card", "persona", "image", "trace", "number")
"""Which card: one of these, but `persona`, which goes with `card`; none: the last one taken out."""


@dataclass(frozen=True, slots=True)
class Verb:
    """The keys that must stand beside `do`, and those that may; `id` may always."""

    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


VERBS: Mapping[str, Verb] = {
    "insert": Verb(("reader",), CARD_KEYS),
    "remove": Verb(("reader",)),
    "swap": Verb(("reader",), CARD_KEYS),
    "reset": Verb(("reader",)),
    "unplug_reader": Verb(("reader",)),
    "plug_reader": Verb(("reader",)),
    "kill_service": Verb(),
    "restart_service": Verb(),
    "fault": Verb(("reader", "fault")),
    "clear_faults": Verb(("reader",)),
    "state": Verb(),
    "quit": Verb(),
}


class NotUnderstood(ValueError):
    """A line that is no command; `allowed` are the words it could have held there."""

    def __init__(self, message: str, allowed: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.allowed = tuple(allowed)


def answered(
    line: str | bytes, verbs: Mapping[str, Verb], work: Callable[[Message], Message]
) -> Message:
    """The answer to a line: what `work` makes of its command, or why nothing was done."""
    command: Message = {}
    try:
        command = _decoded(line)
        check(command, verbs)
        answer = work(command)
    except NotUnderstood as error:
        answer = refusal(error.message)
        if error.allowed:
            answer["allowed"] = list(error.allowed)
    except CardioError as error:
        answer = refusal(error.message, code=error.code, retryable=error.retryable)
        if error.where.reader:
            answer["reader"] = error.where.reader
    if isinstance(command.get("id"), str | int):
        answer["id"] = command["id"]
    return answer


def refusal(message: str, **more: object) -> Message:
    """The answer that says why nothing was done."""
    return {"error": message, **more}


def _decoded(line: str | bytes) -> Message:
    if len(line) > MAX_LINE:
        raise NotUnderstood(f"a line has at most {MAX_LINE} bytes")
    try:
        return decode(line)
    except NoMessage as error:
        raise NotUnderstood(str(error)) from None


def check(command: Message, verbs: Mapping[str, Verb] = VERBS) -> None:
    """Whether the verb is known and has its keys. Raises `NotUnderstood`."""
    do = command.get("do")
    if not isinstance(do, str) or do not in verbs:
        problem = "names no command" if "do" in command else "is missing"
        raise NotUnderstood(f"'do' {problem}", verbs)
    verb, keys = verbs[do], command.keys() - {"do", "id"}
    allowed = (*verb.needs, *verb.takes)
    for key in sorted(keys - set(allowed)):
        raise NotUnderstood(f"{do}: the key {key[:40]!r} is unknown", (*allowed, "id"))
    for key in verb.needs:
        if key not in keys:
            raise NotUnderstood(f"{do}: the key {key!r} is missing", (*allowed, "id"))


def text_of(command: Message, key: str) -> str:
    """The text of a key. Raises `NotUnderstood`."""
    value = command.get(key)
    if not isinstance(value, str):
        raise NotUnderstood(f"{command['do']}: {key!r} must be a text")
    return value


def octets_of(command: Message, key: str) -> bytes:
    """The bytes of a key, given in hexadecimal. Raises `NotUnderstood`, repeating none."""
    try:
        return bytes.fromhex(text_of(command, key))
    except ValueError:
        raise NotUnderstood(f"{command['do']}: {key!r} must be hexadecimal digits") from None
