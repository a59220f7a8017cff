"""What a command asks, in one phrase."""

from collections.abc import Callable

from cardio.errors import CardioError
from cardio.iso7816 import tlv
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.path import MASTER_FILE, Path
from cardio.trace.explain import names
from cardio.trace.explain.phrases import Speaker
from cardio.trace.redaction import CPS2TER_CLASS

Explainer = Callable[[CommandApdu, Speaker], str]

_LONG_CHANNEL = 0x40
"""Class bit 7: further interindustry class, channels 4 to 19 (ISO/IEC 7816-4:2020 §5.4.1)."""

SELECT_OPTIONS = {
    0x00: "wanted.fci",
    0x04: "wanted.fcp",
    0x08: "wanted.fmd",
    0x0C: "wanted.nothing",
}
"""P2 of SELECT, bits 4 and 3 (ISO/IEC 7816-4:2020 table 63)."""


def explain_command(command: CommandApdu, say: Speaker) -> str:
    """The phrase for a command whose data, if any, may be shown."""
    explain = _EXPLAINERS.get(command.ins)
    known = explain and (command.cla == CPS2TER_CLASS or not command.cla & 0x80)
    return explain(command, say) if explain and known else explain_unknown(command, say)


def explain_masked(command: CommandApdu, say: Speaker) -> str:
    """The phrase for a command of which only header and length are known."""
    explain = _MASKED_EXPLAINERS.get(command.ins, explain_unknown)
    known = command.cla == CPS2TER_CLASS or not command.cla & 0x80
    return (explain if known else explain_unknown)(command, say)


def explain_unknown(command: CommandApdu, say: Speaker) -> str:
    """Class, instruction and length."""
    text = say("unknown", cla=command.cla, ins=command.ins)
    return f"{text}, {_data(command, say)}" if command.data else text


def class_notes(command: CommandApdu, say: Speaker) -> tuple[str, ...]:
    """What the class byte adds: chaining, channel, secure messaging (§5.4.1)."""
    if command.cla == CPS2TER_CLASS:
        return ("CPS2ter",)
    if command.cla & 0x80:
        return ()
    long = command.cla & _LONG_CHANNEL
    channel = 4 + (command.cla & 0x0F) if long else command.cla & 0x03
    secured = command.cla & (0x20 if long else 0x0C)
    notes = (
        say("chained") if command.is_chained else "",
        say("channel", number=channel) if channel else "",
        say("secured") if secured else "",
    )
    return tuple(note for note in notes if note)


def _data(command: CommandApdu, say: Speaker) -> str:
    if not command.data:
        return say("nodata")
    return say("masked", size=say.size(len(command.data)))


def _number(command: CommandApdu) -> int:
    """The number of a PIN or other reference data in P2, without its "local" bit."""
    return command.p2 & 0x1F


# SELECT ----------------------------------------------------------------------------------------
def _select(command: CommandApdu, say: Speaker) -> str:
    if command.cla == CPS2TER_CLASS:
        return _select_cps2ter(command, say)
    wanted = SELECT_OPTIONS[command.p2 & 0x0C]
    return f"{_selected(command, say)}, {say(wanted)}"


def _selected(command: CommandApdu, say: Speaker) -> str:
    if command.p1 == 0x03:
        return say("select.parent")
    if command.p1 == 0x04:
        return say("select.name", name=_application(command.data))
    if not command.data:
        return say("select.master")
    kinds = {0x01: "select.child", 0x02: "select.ef", 0x08: "select.path", 0x09: "select.path"}
    path = _path(command)
    return say(kinds.get(command.p1, "select.file"), name=_named(path) if path else "?")


def _path(command: CommandApdu) -> Path | None:
    try:
        path = Path.decode(command.data)
    except CardioError:
        return None
    return Path.of(MASTER_FILE) / path if command.p1 == 0x08 else path


def _named(path: Path) -> str:
    name = names.file_name(path)
    return f"{path} ({name})" if name else str(path)


def _application(df_name: bytes) -> str:
    name = names.APPLICATIONS.get(df_name)
    text = df_name.hex().upper()
    return f"{text} ({name})" if name else text


def _select_cps2ter(command: CommandApdu, say: Speaker) -> str:
    fid = int.from_bytes(command.data[:2], "big")
    name = names.cps2ter_file_name(fid)
    return say("select.file", name=f"{fid:04X} ({name})" if name else f"{fid:04X}")


# Reading and writing ---------------------------------------------------------------------------
def _read_binary(command: CommandApdu, say: Speaker) -> str:
    size = say.size(command.le or 0)
    if not command.p1 & 0x80:
        return say("read", size=size, offset=command.p1 << 8 | command.p2)
    short = command.p1 & 0x1F
    known = names.SHORT_IDENTIFIERS.get(short)
    name = f"SFI {short:02X} ({known})" if known else f"SFI {short:02X}"
    return say("read.short", size=size, offset=command.p2, name=name)


def _update_binary(command: CommandApdu, say: Speaker) -> str:
    offset = command.p2 if command.p1 & 0x80 else command.p1 << 8 | command.p2
    return say("update", offset=offset, data=_data(command, say))


def _get_response(command: CommandApdu, say: Speaker) -> str:
    return say("response", size=say.size(command.le or 0))


def _get_data(command: CommandApdu, say: Speaker) -> str:
    asked = _security_data_object(command.data, say) if command.data[:1] == b"\x4d" else None
    return say("get", what=asked or say("get.tag", tag=command.p1 << 8 | command.p2))


def _security_data_object(request: bytes, say: Speaker) -> str | None:
    """Read `4D L 70 L BF cc rr L tag 80` (facts: iasecc_opensc.md §1.7)."""
    if len(request) < 10 or request[2] != 0x70 or request[4] != 0xBF:
        return None
    kind, number, tag = request[5] & 0x7F, request[6] & 0x1F, request[8:-1]
    key = names.SDO_CLASSES.get(kind, "sdo.other")
    part = names.SDO_PARTS.get(int.from_bytes(tag, "big"), "part.other")
    wanted = say(part, tag=int.from_bytes(tag, "big"))
    return f"{say(key, number=number, kind=kind)}, {wanted}"


# PIN -------------------------------------------------------------------------------------------
def _verify(command: CommandApdu, say: Speaker) -> str:
    key = "verify" if command.data else "verify.status"
    return say(key, number=_number(command), data=_data(command, say))


# Security environment and keys -----------------------------------------------------------------
def _manage_environment(command: CommandApdu, say: Speaker) -> str:
    if command.p1 == 0xF3:
        return say("mse.restore", number=command.p2)
    template = names.TEMPLATES.get(command.p2)
    if command.p1 & 0x0F != 0x01 or template is None:
        return say("mse.other")
    return say("mse.set", template=template, references=_references(command.data, say))


def _references(data: bytes, say: Speaker) -> str:
    """The references of a control reference template (facts: iasecc_opensc.md §3)."""
    keys = {0x80: "mse.algorithm", 0x83: "mse.key", 0x84: "mse.key", 0x95: "mse.usage"}
    try:
        nodes = tlv.parse_all(data)
    except CardioError:
        return say.size(len(data))
    known = [say(keys[n.tag], value=n.value.hex().upper()) for n in nodes if n.tag in keys]
    return ", ".join(known) or say.size(len(data))


def _security_operation(command: CommandApdu, say: Speaker) -> str:
    keys = {(0x9E, 0x9A): "pso.sign", (0x90, 0xA0): "pso.hash", (0x80, 0x86): "pso.decipher"}
    key = keys.get((command.p1, command.p2), "pso.other")
    return _with_size(say(key, p1=command.p1, p2=command.p2), command, say)


def _with_size(text: str, command: CommandApdu, say: Speaker) -> str:
    return say("with", command=text, size=say.size(len(command.data))) if command.data else text


def _manage_channel(command: CommandApdu, say: Speaker) -> str:
    if command.p1 == 0x80:
        return say("channel.close", number=command.p2)
    return say("channel.open")


def _data_only(key: str) -> Explainer:
    return lambda command, say: say(key, number=_number(command), data=_data(command, say))


_MASKED_EXPLAINERS: dict[int, Explainer] = {
    0x20: _verify,
    0x21: _verify,
    0x24: _data_only("change"),
    0x2C: _data_only("reset"),
    0x47: _data_only("generate"),
    0x82: _data_only("external"),
    0xD6: _update_binary,
    0xDB: _data_only("put"),
}

_EXPLAINERS: dict[int, Explainer] = {
    **_MASKED_EXPLAINERS,
    0x22: _manage_environment,
    0x2A: _security_operation,
    0x70: _manage_channel,
    0x84: lambda command, say: say("challenge", size=say.size(command.le or 0)),
    0x88: lambda command, say: _with_size(say("internal"), command, say),
    0xA4: _select,
    0xB0: _read_binary,
    0xB1: lambda _, say: say("read.long"),
    0xB2: lambda command, say: say("read.record", number=command.p1),
    0xC0: _get_response,
    0xCA: _get_data,
    0xCB: _get_data,
}
