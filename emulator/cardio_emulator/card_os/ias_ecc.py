"""The instructions of an IAS-ECC card as a CPS3 takes them (facts: iasecc_opensc.md §3)."""

from collections.abc import Mapping

from cardio_emulator.card_os.binary import update_binary
from cardio_emulator.card_os.card import FILE_READING, PERFORM_SECURITY_OPERATION, Handler
from cardio_emulator.card_os.data_objects import get_data
from cardio_emulator.card_os.pin_commands import change, reset_retry_counter, verify
from cardio_emulator.card_os.security_environment import manage
from cardio_emulator.card_os.security_operations import (
    get_challenge,
    internal_authenticate,
    perform,
)

IAS_ECC: Mapping[int, Handler] = {
    **FILE_READING,
    0x20: verify,
    0x22: manage,
    0x24: change,
    PERFORM_SECURITY_OPERATION: perform,
    0x2C: reset_retry_counter,
    0x84: get_challenge,
    0x88: internal_authenticate,
    0xCB: get_data,
    0xD6: update_binary,
}
