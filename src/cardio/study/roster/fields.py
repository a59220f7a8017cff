"""What a roster tells of somebody. The words are stable: reports and `--map` use them."""

from enum import StrEnum


class Field(StrEnum):
    """A column that means something.

    `FULL_NAME` and `NUMBER` are columns that hold one of two things: their cells are read into
    the names, and into `RPPS` or `ADELI`.
    """

    CIVILITY = "civility"
    FAMILY_NAME = "family_name"
    BIRTH_NAME = "birth_name"
    GIVEN_NAME = "given_name"
    FULL_NAME = "full_name"
    RPPS = "rpps"
    ADELI = "adeli"
    NUMBER = "rpps_or_adeli"
    FINESS = "finess"
    FUND = "fund"
    PROFESSION = "profession"
    ROLE = "role"
    STRUCTURE = "structure"
    EMAIL = "email"
    PHONE = "phone"
    START_DATE = "start_date"
    END_DATE = "end_date"
