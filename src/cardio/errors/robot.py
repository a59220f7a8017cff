"""What moves cards: CARD-191x."""

from cardio.errors.base import CardioError


class RobotFailed(CardioError):
    code, hint = "CARD-1910", "Check the robot: its cable, its slot, and that a card lies in it."
