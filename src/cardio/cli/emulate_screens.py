"""The two questions of the live view: which one, and with which values."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

_STYLE = """
{name} {{ align: center middle; }}
{name} Vertical {{ width: 60; height: auto; max-height: 80%; border: round $accent; padding: 0 1; }}
"""


class Choice(ModalScreen[str | None]):
    """One of `words` (each shown as it is), or None with Escape."""

    CSS = _STYLE.format(name="Choice")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)")]

    def __init__(self, question: str, words: Sequence[str]) -> None:
        super().__init__()
        self._question = question
        self._words = words

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(self._question)
            yield OptionList(*(Option(word, id=str(at)) for at, word in enumerate(self._words)))

    def on_option_list_option_selected(self, chosen: OptionList.OptionSelected) -> None:
        """Enter, or a click."""
        self.dismiss(self._words[chosen.option_index])


class Values(ModalScreen[str | None]):
    """A line of `key=value` words, `given` to begin with; None with Escape."""

    CSS = _STYLE.format(name="Values")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)")]

    def __init__(self, question: str, given: str) -> None:
        super().__init__()
        self._question = question
        self._given = given

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(self._question)
            yield Input(self._given)

    def on_input_submitted(self, entered: Input.Submitted) -> None:
        """Enter."""
        self.dismiss(entered.value)
