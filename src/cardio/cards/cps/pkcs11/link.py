"""The one session cardio has with a token: opened as needed, logged in or not, lost or not."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TypeVar

from cardio.cards.cps.pkcs11.cryptoki import LOCK, Session, Token, TokenState
from cardio.cards.cps.pkcs11.modules import Manner
from cardio.errors import (
    CardChanged,
    CardRemoved,
    Pkcs11Failure,
    SecurityStatusNotSatisfied,
)
from cardio.iso7816.status import SECURITY_STATUS_NOT_SATISFIED
from cardio.pin.outcomes import Secret

T = TypeVar("T")

_NOTICED_WITHIN, _LOOK_EVERY = 0.5, 0.05
"""Seconds in which the PC/SC service notices that a card left (facts: pcsc_vpcd.md §0.5)."""

_SUSPECT = frozenset({"CKR_DEVICE_ERROR", "CKR_FUNCTION_FAILED", "CKR_GENERAL_ERROR"})
"""What modules answer as well when card, reader or service are gone (OBSERVED: OpenSC 0.23)."""


class TokenLink:
    """A token by its serial number, wherever its module shows it; never by a slot's number."""

    def __init__(self, token: Token) -> None:
        self._token = token
        self._session: Session | None = None
        self._is_logged_in = False
        self._was_closed = False

    @property
    def reader(self) -> str:
        """The slot's description."""
        return self._token.state.reader

    @property
    def manner(self) -> Manner:
        """What is known of the module."""
        return self._token.manner

    @property
    def is_logged_in(self) -> bool:
        """Whether the PIN was given through this object, and not lost since, as far as known."""
        return self._is_logged_in

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Keep this program's other threads off; PKCS#11 has nothing against other programs."""
        with LOCK:
            yield

    def state(self) -> TokenState:
        """The token as it is now, its flags asked anew. Raises `CardRemoved`, `CardChanged`."""
        with LOCK:
            self.require_card()
            token = self._token.renewed()
            self._require_serial(token)
            self._token = token
            return token.state

    def mechanisms(self) -> frozenset[str]:
        """As `Token.mechanisms`."""
        return self._token.mechanisms()

    def require_card(self) -> None:
        """Some modules answer from what they remember of a card that is gone: ask before.

        Raises `CardRemoved`, `CardChanged`.
        """
        is_there = self._token.module.holds(self._token)
        if not is_there or (self._session and self._session.is_dead):
            self.close()
            self._find_again()

    def require_card_after(self, failure: Pkcs11Failure) -> None:
        """Raise `CardRemoved` where that is what the failure means."""
        if failure.reason in _SUSPECT:
            end = monotonic() + _NOTICED_WITHIN
            while self._token.module.holds(self._token) and monotonic() < end:
                sleep(_LOOK_EVERY)
            if not self._token.module.holds(self._token):
                raise self._removed() from failure

    def run(self, task: Callable[[Session], T]) -> T:
        """What `task` gives, in a new session where the one there was has died.

        The new one is not logged in, so that `task` sees nothing private: another program reset
        the card, or it was out and is back. Raises `CardRemoved`, `CardChanged`.
        """
        with LOCK:
            self.require_card()
            try:
                return task(self._opened())
            except Pkcs11Failure as error:
                self.require_card_after(error)
                raise

    def log_in(self, secret: Secret, code: bytes) -> Session:
        """Present the code, once, in a session that replaces the one there was."""
        with LOCK:
            self.close()
            self.require_card()
            self._session = self._token.log_in(secret, code)
            self._is_logged_in = secret is Secret.PIN
            return self._session

    def close(self) -> None:
        """Log out and end the session; the next `run` opens another."""
        with LOCK:
            session, self._session = self._session, None
            self._is_logged_in, self._was_closed = False, True
            if session:
                session.close()

    def closed(self) -> SecurityStatusNotSatisfied:
        """The error for what cannot be seen, or done, before the PIN is given."""
        status = int(SECURITY_STATUS_NOT_SATISFIED)
        message = "this wants the PIN first, or once more: the token shows nothing private"
        return SecurityStatusNotSatisfied(message, status=status).at(self.reader)

    def _opened(self) -> Session:
        if self._session is None:
            if self._was_closed:
                self.state()
            self._session = self._token.open()
        return self._session

    def _find_again(self) -> None:
        """The token by its serial, in whichever slot. Raises `CardRemoved`, `CardChanged`."""
        there = self._token.module.tokens()
        for token in there:
            if token.state.serial == self._token.state.serial:
                self._token = token
                return
        for token in there:
            if token.state.reader == self.reader:
                self._require_serial(token)
        raise self._removed()

    def _require_serial(self, token: Token) -> None:
        if token.state.serial != self._token.state.serial:
            raise CardChanged("another card is in the reader").at(self.reader)

    def _removed(self) -> CardRemoved:
        return CardRemoved("the card was taken out").at(self.reader)
