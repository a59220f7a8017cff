"""What one CPS card holds, read from the objects of its PKCS#11 token (facts: cps.md §2.4)."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from cardio.cards.cps.contents import Certified, Contents, StoredCertificate
from cardio.cards.cps.generation import Generation
from cardio.cards.cps.key_site import Unlocked
from cardio.cards.cps.pkcs11.cryptoki import Kind, Session, TokenObject
from cardio.cards.cps.pkcs11.identity import card_key
from cardio.cards.cps.pkcs11.keys import TokenKeys
from cardio.cards.cps.pkcs11.link import TokenLink
from cardio.cards.cps.pkcs11.pin import TokenPin
from cardio.errors import UnsupportedCard
from cardio.iasecc.application import Application
from cardio.iasecc.pkcs15 import TokenInfo
from cardio.iasecc.read_once import ReadOnce
from cardio.transport.pinpad import PadLanguage


class TokenContents(Contents):
    """`Contents` through a module, which tells neither ATR, directories nor EF_ACTUA.

    Before the PIN is given private objects are not refused but unseen: one that is missing then
    counts as closed, never as absent (facts: certificates_identifiers_services.md §6, case 30).
    """

    def __init__(self, link: TokenLink, generation: Generation) -> None:
        super().__init__()
        self.link = link
        self._generation = generation
        self._free_labels = frozenset(generation.free_labels)

    @property
    def reader(self) -> str:
        """The slot's description."""
        return self.link.reader

    @property
    def atr(self) -> bytes:
        """Nothing: PKCS#11 has no word for it."""
        return b""

    @property
    def application(self) -> Application:
        """See `Contents.application`."""
        message = "over PKCS#11 the card's directories are not to be had: open it directly"
        raise UnsupportedCard(message).at(self.reader)

    @property
    def certificates(self) -> Sequence[StoredCertificate]:
        """See `Contents.certificates`."""
        return self._certificates

    @property
    def tells_all(self) -> bool:
        """See `Contents.tells_all`: of the free ones, a module does."""
        return True

    def present(self, labels: Sequence[str]) -> Sequence[str]:
        """See `Contents.present`."""
        if not labels:
            return ()
        seen = self.link.run(lambda session: session.objects(Kind.DATA))
        found = {one.label for one in seen}
        visible = [label for label in labels if label in found]
        if not visible:
            self._require_open()
        return visible

    def data_object(self, label: str) -> bytes | None:
        """See `Contents.data_object`."""
        content = self.link.run(lambda session: _content(session, label))
        if content is None and label not in self._free_labels:
            self._require_open()
        return content

    def write(self, label: str, content: bytes) -> None:
        """See `Contents.write`."""
        self._require_open()
        if not self.link.run(lambda session: _write(session, label, content)):
            raise UnsupportedCard(f"the card has no {label}").at(self.reader)

    def token_info(self) -> TokenInfo:
        """The token's label and number; OpenSC adds the PIN's name to the label."""
        state = self.link.state()
        return TokenInfo(state.serial.encode(), None, state.label.partition(" (")[0])

    def update(self) -> None:
        """Nothing: EF_ACTUA is hidden from PKCS#11 (facts: cps.md §2.2)."""

    def serial(self) -> bytes:
        """See `Contents.serial`."""
        return self.serial_anew()

    def serial_anew(self) -> bytes:
        """See `Contents.serial_anew`."""
        return card_key(self.link.state().serial)

    def transaction(self) -> AbstractContextManager[None]:
        """Other threads are kept off; against other programs PKCS#11 has nothing."""
        return self.link.transaction()

    @property
    def pin(self) -> TokenPin | None:
        """See `Contents.pin`."""
        return self._pin

    def pin_entries(self) -> tuple[()]:
        """Nothing: the usual lengths are taken."""
        return ()

    def pin_pad(self, language: PadLanguage) -> None:
        """None is driven through PKCS#11."""

    def keys(self, certified: Certified, unlocked: Unlocked) -> TokenKeys:
        """See `Contents.keys`."""
        return TokenKeys(self.link, self._generation.keys, certified, unlocked)

    @ReadOnce
    def _pin(self) -> TokenPin | None:
        return TokenPin(self.link) if self._generation.pin else None

    @ReadOnce
    def _certificates(self) -> tuple[StoredCertificate, ...]:
        found = self.link.run(lambda session: session.objects(Kind.CERTIFICATE))
        return tuple(self._stored(certificate) for certificate in found)

    def _stored(self, found: TokenObject) -> StoredCertificate:
        label, key_id = found.label, found.id
        return StoredCertificate(
            label, lambda: self.link.run(lambda session: _certificate(session, label, key_id))
        )

    def _require_open(self) -> None:
        """Raise `SecurityStatusNotSatisfied` unless the PIN was given."""
        if self._pin and not self.link.is_logged_in:
            raise self.link.closed()


def _content(session: Session, label: str) -> bytes | None:
    found = session.objects(Kind.DATA, label=label)
    return found[0].value() if found else None


def _write(session: Session, label: str, content: bytes) -> bool:
    found = session.objects(Kind.DATA, label=label)
    if found:
        found[0].write(content)
    return bool(found)


def _certificate(session: Session, label: str, key_id: bytes) -> bytes:
    """Found anew: a handle lives no longer than its session."""
    found = session.objects(Kind.CERTIFICATE, label=label, key_id=key_id)
    return found[0].value() if found else b""
