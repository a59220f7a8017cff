"""PKCS#11 modules in our own words. The only module that imports python-pkcs11.

Importing it raises `Pkcs11Missing` where python-pkcs11 is not installed.
"""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from threading import RLock
from typing import Any, Self

from cardio.cards.cps.pkcs11.failures import failure
from cardio.cards.cps.pkcs11.modules import Manner, manner_of
from cardio.errors import CardioError, CardRemoved, Pkcs11Missing, Pkcs11ModuleMissing
from cardio.pin.outcomes import Secret

try:
    import pkcs11
    from pkcs11 import MGF, Attribute, Mechanism, ObjectClass, TokenFlag
except ImportError as error:
    raise Pkcs11Missing(f"no PKCS#11 support in this Python: {error}") from error

LOCK = RLock()
"""Held for each call: python-pkcs11 starts modules without locks of their own (PKCS#11 v2.40
§5.4, CKF_OS_LOCKING_OK), so that no two threads may call one."""

PinFlag = TokenFlag


class Kind(Enum):
    """Classes of objects a CPS token has."""

    CERTIFICATE = ObjectClass.CERTIFICATE
    DATA = ObjectClass.DATA
    PRIVATE_KEY = ObjectClass.PRIVATE_KEY


@dataclass(frozen=True, slots=True)
class TokenState:
    """A token at one moment.

    `reader` is the slot's description, which modules over PC/SC take from the reader; `serial`
    is what the module shows as the token's number.
    """

    reader: str
    label: str = field(repr=False)
    serial: str = field(repr=False)
    model: str
    flags: PinFlag


@contextmanager
def _calling(reader: str | None = None) -> Generator[None]:
    """For one or more calls to a module: one thread at a time, with our errors."""
    with LOCK:
        try:
            yield
        except pkcs11.PKCS11Error as error:
            raise failure(type(error).__name__, str(error)).at(reader) from error


class Module:
    """One PKCS#11 module, loaded for the life of the process."""

    def __init__(self, path: Path) -> None:
        """Raises `Pkcs11ModuleMissing` for a file that is no module, or not for this Python.

        Raises `Pkcs11Failure` where other code of this process has started it already.
        """
        self.path = path
        with LOCK:
            try:
                self._library = pkcs11.lib(str(path))
            except pkcs11.PKCS11Error as error:
                if type(error) is pkcs11.PKCS11Error and "OS exception" in str(error):
                    raise Pkcs11ModuleMissing(f"{path} is no PKCS#11 module: {error}") from error
                raise failure(type(error).__name__, str(error)) from error

    def tokens(self) -> "tuple[Token, ...]":
        """The tokens in its slots now; one that cannot be read is left out."""
        with _calling():
            slots = self._library.get_slots(token_present=True)
        found: list[Token] = []
        for slot in slots:
            with suppress(CardioError), _calling(slot.slot_description):
                found.append(Token(self, slot.get_token()))
        return tuple(found)

    def holds(self, token: "Token") -> bool:
        """Whether some token is in that slot still; asks the reader, not the card."""
        with _calling(token.state.reader):
            slots = self._library.get_slots(token_present=True)
        return any(slot.slot_id == token.slot_id for slot in slots)

    def manner(self, model: str) -> Manner:
        """How it behaves where the standard leaves it free, for a token of this model."""
        library = self._library
        return manner_of(library.manufacturer_id, library.library_version, model)


class Token:
    """One token; `state` is that of the moment it was found."""

    def __init__(self, module: Module, token: pkcs11.Token) -> None:
        self.module = module
        self._token = token
        self.slot_id = token.slot.slot_id
        self.state = TokenState(
            reader=token.slot.slot_description,
            label=token.label,
            serial=token.serial.decode("ascii", "replace").strip(),
            model=token.model,
            flags=PinFlag(token.flags),
        )

    @property
    def manner(self) -> Manner:
        """What is known of its module."""
        return self.module.manner(self.state.model)

    def renewed(self) -> Self:
        """The token in the same slot now, with its present flags; spends nothing."""
        with _calling(self.state.reader):
            return type(self)(self.module, self._token.slot.get_token())

    def mechanisms(self) -> frozenset[str]:
        """Names of the mechanisms that its module offers, as `RSA_PKCS`."""
        with _calling(self.state.reader):
            offered = self._token.slot.get_mechanisms()
        known = {mechanism.value: mechanism.name for mechanism in Mechanism}
        return frozenset(known[number] for number in map(int, offered) if number in known)

    def open(self) -> "Session":
        """A session that is not logged in."""
        with _calling(self.state.reader):
            return Session(self._token.open(), self.state.reader)

    def log_in(self, secret: Secret, code: bytes) -> "Session":
        """Present the code once, in a new session, which is for writing where the token allows.

        Raises `Pkcs11Failure`, whose `reason` says what became of the code. python-pkcs11
        leaves the session of a wrong code open: it is not logged in, and harmless.
        """
        given = code.decode("utf-8", "replace")
        rw = PinFlag.WRITE_PROTECTED not in self.state.flags or secret is Secret.PUK
        with _calling(self.state.reader):
            if secret is Secret.PUK:
                session = self._token.open(rw=rw, so_pin=given)
            else:
                session = self._token.open(rw=rw, user_pin=given)
            return Session(session, self.state.reader)


class Session:
    """An open session."""

    def __init__(self, session: pkcs11.Session, reader: str) -> None:
        self._session = session
        self._reader = reader
        self._marks = self.objects(Kind.CERTIFICATE)[:1]

    @property
    def is_dead(self) -> bool:
        """Whether the module has ended it, by an object it showed at first.

        To be asked before a search: python-pkcs11 0.10 writes to standard error about one that
        could not even begin. Asks nothing of the card.
        """
        try:
            for mark in self._marks:
                mark.touch()
        except CardRemoved:
            return True
        return False

    def objects(
        self, kind: Kind, *, label: str | None = None, key_id: bytes | None = None
    ) -> "tuple[TokenObject, ...]":
        """Those that can be seen: private ones only after the PIN, without any error before."""
        wanted: dict[Attribute, Any] = {Attribute.CLASS: kind.value}
        if label is not None:
            wanted[Attribute.LABEL] = label
        if key_id is not None:
            wanted[Attribute.ID] = key_id
        with _calling(self._reader):
            found = tuple(self._session.get_objects(wanted))
            return tuple(TokenObject(one, self._reader) for one in found)

    def set_pin(self, old: bytes, new: bytes) -> None:
        """Change the code that is logged in."""
        with _calling(self._reader):
            self._session.set_pin(old.decode("utf-8", "replace"), new.decode("utf-8", "replace"))

    def initialize_pin(self, new: bytes) -> None:
        """Set the holder's PIN; the PUK must be logged in."""
        with _calling(self._reader):
            self._session.init_pin(new.decode("utf-8", "replace"))

    def close(self) -> None:
        """Log out and end; a session that is dead already is no error."""
        with suppress(CardioError), _calling(self._reader):
            self._session.close()


class TokenObject:
    """One object of a token, for as long as its session."""

    def __init__(self, found: pkcs11.Object, reader: str) -> None:
        self._object: Any = found
        self._reader = reader
        self.label: str = self._optional(Attribute.LABEL) or ""
        self.id: bytes = self._optional(Attribute.ID) or b""

    def touch(self) -> None:
        """Ask for what is known. Raises `CardRemoved` where its session is dead."""
        with _calling(self._reader):
            _ = self._object[Attribute.CLASS]

    def value(self) -> bytes:
        """The content of a certificate or data object."""
        with _calling(self._reader):
            return bytes(self._object[Attribute.VALUE])

    def write(self, content: bytes) -> None:
        """Replace the content of a data object."""
        with _calling(self._reader):
            self._object[Attribute.VALUE] = content

    def sign(self, mechanism: str, data: bytes, *, salt: "PssSalt | None" = None) -> bytes:
        """The private key's answer. Raises `Pkcs11Failure` where it does not do this."""
        with _calling(self._reader):
            if not hasattr(self._object, "sign"):
                raise pkcs11.KeyTypeInconsistent
            return self._object.sign(
                data,
                mechanism=Mechanism[mechanism],
                mechanism_param=salt and (Mechanism[salt.hash], MGF[salt.mgf], salt.size),
            )

    def decrypt(self, mechanism: str, data: bytes) -> bytes:
        """As `sign`."""
        with _calling(self._reader):
            if not hasattr(self._object, "decrypt"):
                raise pkcs11.KeyTypeInconsistent
            return self._object.decrypt(data, mechanism=Mechanism[mechanism])

    def _optional(self, attribute: Attribute) -> Any:  # noqa: ANN401
        try:
            return self._object[attribute]
        except pkcs11.AttributeTypeInvalid:
            return None


@dataclass(frozen=True, slots=True)
class PssSalt:
    """The parameter of PSS: hash and mask by the names PKCS#11 gives them, size in bytes."""

    hash: str
    mgf: str
    size: int
