"""How a command handler refuses."""

from cardio.iso7816.status import StatusWord


class Refusal(Exception):
    """Ends a command with a status word. It never leaves the card."""

    def __init__(self, status: StatusWord) -> None:
        super().__init__(str(status))
        self.status = status
