"""How the person gives the PIN."""

from enum import Enum


class PinEntryMode(Enum):
    """Where a PIN comes from when a card asks for it."""

    PROMPT = "prompt"
    """Now, from the caller: a prompt, a callback, a descriptor, a variable."""
    PAD = "pad"
    """It is typed on the reader's PIN pad and never gets to the computer."""
    DEFER = "defer"
    """As PROMPT, but only when something that needs it is read."""
    SKIP = "skip"
    """Never: what needs a PIN is left out."""
