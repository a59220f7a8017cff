"""The PIN commands of a CPS through its PKCS#11 token (facts: vendor_library.md §2)."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from cardio.cards.cps.pkcs11.cryptoki import PinFlag, Session
from cardio.cards.cps.pkcs11.link import TokenLink
from cardio.cards.cps.pkcs11.modules import Manner
from cardio.errors import Pkcs11Failure, UnsupportedCard
from cardio.iso7816.status import (
    AUTHENTICATION_BLOCKED,
    CONDITIONS_NOT_SATISFIED,
    SUCCESS,
    WRONG_DATA,
    StatusWord,
)
from cardio.pin.commands import PinCounters, ReplacementStatus
from cardio.pin.outcomes import Secret
from cardio.pin.policy import PUK_POLICY, PinPolicy

_TRIES_MAX = 3
"""Of the code porteur (facts: cps.md §3)."""

_WRONG = StatusWord(0x6300)

_STATUS = {
    "CKR_PIN_INCORRECT": _WRONG,
    "CKR_PIN_LOCKED": AUTHENTICATION_BLOCKED,
    "CKR_PIN_INVALID": WRONG_DATA,
    "CKR_PIN_LEN_RANGE": WRONG_DATA,
    "CKR_PIN_TOO_WEAK": WRONG_DATA,
    "CKR_USER_ALREADY_LOGGED_IN": CONDITIONS_NOT_SATISFIED,
    "CKR_USER_ANOTHER_ALREADY_LOGGED_IN": CONDITIONS_NOT_SATISFIED,
}
"""PKCS#11's words as the card's own. ALREADY_LOGGED_IN: by other code of this program."""


class TokenPin:
    """Log-in as `PinCommands`, its counter read from token flags, its codes sent once each.

    A session has one user, so each command begins by logging out. Flags that count against the
    code are always believed; that there is none only of modules known to set them.
    """

    def __init__(self, link: TokenLink) -> None:
        self.policy = PinPolicy()
        self.puk_policy = PUK_POLICY
        self._link = link

    def transaction(self) -> AbstractContextManager[None]:
        """See `PinCommands.transaction`; other programs are not kept off."""
        return self._link.transaction()

    def counters(self) -> PinCounters:
        """See `PinCommands.counters`. COUNT_LOW of three tries is two, as FINAL_TRY is one."""
        flags = self._link.state().flags
        tells = Manner.TELLS_TRIES in self._link.manner
        tries = _tries_left(flags, PinFlag.USER_PIN_LOCKED, PinFlag.USER_PIN_FINAL_TRY)
        if tries is None and tells:
            tries = _TRIES_MAX - (PinFlag.USER_PIN_COUNT_LOW in flags)
        is_verified = self._link.is_logged_in
        return PinCounters(tries, _TRIES_MAX if tells else None, is_verified=is_verified)

    def puk_counters(self) -> PinCounters:
        """See `PinCommands.puk_counters`. No module is known to tell more than the worst."""
        flags = self._link.state().flags
        return PinCounters(
            _tries_left(flags, PinFlag.SO_PIN_LOCKED, PinFlag.SO_PIN_FINAL_TRY),
        )

    def verify(self, pin: bytes) -> StatusWord:
        """See `PinCommands.verify`."""
        return _status(lambda: self._link.log_in(Secret.PIN, pin))

    def change(self, old: bytes, new: bytes) -> ReplacementStatus:
        """See `PinCommands.change`. The old PIN is proven first, by logging in."""
        return self._replace(Secret.PIN, old, lambda session: session.set_pin(old, new))

    def unblock(self, puk: bytes, new: bytes) -> ReplacementStatus:
        """See `PinCommands.unblock`: the PUK is the security officer's PIN.

        Raises `UnsupportedCard`, with nothing sent, unless the module is known to do it.
        """
        if Manner.UNBLOCKS not in self._link.manner:
            message = "this PKCS#11 module is not known to unblock a PIN: open the card directly"
            raise UnsupportedCard(message).at(self._link.reader)
        try:
            return self._replace(Secret.PUK, puk, lambda session: session.initialize_pin(new))
        finally:
            self._link.close()

    def log_out(self) -> None:
        """See `PinCommands.log_out`. What the module then does with the card is its own."""
        self._link.close()

    def _replace(
        self, secret: Secret, proof: bytes, replace: Callable[[Session], None]
    ) -> ReplacementStatus:
        sessions: list[Session] = []
        proven = _status(lambda: sessions.append(self._link.log_in(secret, proof)))
        if not proven.is_success:
            return ReplacementStatus(proven)
        return ReplacementStatus(proven, _status(lambda: replace(sessions[0])))


def _status(send: Callable[[], object]) -> StatusWord:
    """What the module's answer would have been from a card. Raises what is no word on a code."""
    try:
        send()
    except Pkcs11Failure as error:
        if error.reason not in _STATUS:
            raise
        return _STATUS[error.reason]
    return SUCCESS


def _tries_left(flags: PinFlag, locked: PinFlag, final: PinFlag) -> int | None:
    """0 or 1 where the flags say so; else there is no telling by them alone."""
    if locked in flags:
        return 0
    return 1 if final in flags else None
