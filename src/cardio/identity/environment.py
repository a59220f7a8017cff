"""Where an identity is used: with real patients, or not."""

from enum import Enum


class Environment(Enum):
    """What is a harmless test value in one is a leak in the other."""

    PRODUCTION = "production"
    TEST = "test"
