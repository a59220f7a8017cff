"""Benches over a real PC/SC service: CARD-190x."""

from cardio.errors.base import CardioError


class RigUnavailable(CardioError):
    code, hint = "CARD-1900", "Run the command that the message names, then start again."
