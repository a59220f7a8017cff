"""Files and settings the user gives: CARD-16xx."""

from cardio.errors.base import CardioError


class ConfigurationError(CardioError):
    code, hint = "CARD-1600", "Correct the file or option named in the message."
