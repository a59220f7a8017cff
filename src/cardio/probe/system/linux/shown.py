"""`systemctl show` and its family: `Key=value` lines, a block for each thing shown."""

from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.sources import CommandResult

Block = dict[str, str]

_NO_SYSTEMD = b"not been booted with systemd"
_YES_NO = {"yes": True, "no": False}


def blocks(result: Known[CommandResult]) -> Known[tuple[Block, ...]]:
    """The blocks of a command's output; they are apart by an empty line. Containers and small
    systems have the commands but not systemd.
    """
    if not is_known(result):
        return result
    if _NO_SYSTEMD in result.stderr:
        return NotReadable(Why.NO_WAY, "no systemd")
    if result.exit_code:
        return NotReadable(Why.FAILED, f"exit {result.exit_code}")
    return tuple(_block(part) for part in result.text.split("\n\n") if part.strip())


def first_block(result: Known[CommandResult]) -> Known[Block]:
    """The only block of an output."""
    found = blocks(result)
    if not is_known(found):
        return found
    return found[0] if found else NotReadable(Why.MALFORMED)


def text(block: Known[Block], key: str) -> Known[str]:
    """A value; an empty one is absent."""
    return (block.get(key) or ABSENT) if is_known(block) else block


def yes_no(block: Known[Block], key: str) -> Known[bool]:
    """A value that is "yes" or "no"."""
    found = text(block, key)
    if not is_known(found):
        return found
    return _YES_NO.get(found, NotReadable(Why.MALFORMED))


def _block(part: str) -> Block:
    pairs = (line.partition("=") for line in part.splitlines())
    return {key.strip(): value.strip() for key, separator, value in pairs if separator}
