"""Texts of a card or a file on a terminal: neither its control codes nor rich's markup."""

from typing import overload

from cardio.cards.vitale.tlvs import printable


@overload
def shown(text: str) -> str: ...
@overload
def shown(text: None) -> None: ...
def shown(text: str | None) -> str | None:
    """The text as it can be printed; None stays None."""
    from rich.markup import escape

    return None if text is None else escape(printable(text))
