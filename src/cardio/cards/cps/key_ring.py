"""`card.keys`: the private keys of one CPS."""

from typing import Protocol

from cardio.cards.cps.contents import Certified
from cardio.cards.cps.generation import Generation
from cardio.cards.cps.key_layout import CardKey, KeyMethod
from cardio.cards.cps.key_operations import CardKeyOperations
from cardio.cards.cps.key_site import Entrance, InChipDoc, InDirectory, KeySite, Unlocked
from cardio.cards.cps.signing_cps3 import HashOnCard, InternalAuthentication
from cardio.cards.cps.signing_cps4 import BareOperation, GivenHash
from cardio.errors import KeyMissing
from cardio.iasecc.application import Application
from cardio.iasecc.chipdoc import CHIPDOC
from cardio.iasecc.pkcs15 import PrivateKeyEntry
from cardio.iasecc.read_once import ReadOnce
from cardio.keys.abilities import KeyRole
from cardio.keys.operations import KeyOperations
from cardio.keys.private_key import CardPrivateKey
from cardio.transport.channel import Channel

_OPERATIONS: dict[KeyMethod, type[CardKeyOperations]] = {
    KeyMethod.INTERNAL_AUTHENTICATE: InternalAuthentication,
    KeyMethod.HASH_ON_CARD: HashOnCard,
    KeyMethod.GIVEN_HASH: GivenHash,
    KeyMethod.BARE_OPERATION: BareOperation,
}

_INSTEAD = {
    KeyRole.AUTHENTICATION: "contactless, use card.keys.technical; or use a contact reader",
    KeyRole.SIGNATURE: "the holder signs with the card in a contact reader only",
    KeyRole.TECHNICAL: "it answers contactless only; use card.keys.authentication",
}
_NO_KEYS = "of a CPS2ter no key is known; use a CPS3 or a CPS4"


class KeySource(Protocol):
    """Where the keys of a card are: behind its own commands, or in its PKCS#11 token."""

    @property
    def reader(self) -> str:
        """Name of the reader."""
        ...

    @property
    def keys(self) -> tuple[CardKey, ...]:
        """Those this kind of card has, through this interface."""
        ...

    def operations(self, key: CardKey) -> KeyOperations:
        """One of `keys`, to be used; reads nothing yet."""
        ...


class CardKeys:
    """The keys of a card, each a `cryptography` key: nothing is read before one is used."""

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._keys = {key.role: key for key in source.keys}

    @property
    def roles(self) -> tuple[KeyRole, ...]:
        """The keys this kind of card has, through this interface."""
        return tuple(self._keys)

    @ReadOnce
    def authentication(self) -> CardPrivateKey:
        """The key that says who is there: TLS, tokens; it deciphers, too. Wants the PIN.

        Raises `KeyMissing` on a card that has none, as the two others.
        """
        return self._key(KeyRole.AUTHENTICATION)

    @ReadOnce
    def signature(self) -> CardPrivateKey:
        """The key the holder signs with (non-repudiation). Wants the PIN."""
        return self._key(KeyRole.SIGNATURE)

    @ReadOnce
    def technical(self) -> CardPrivateKey:
        """The contactless key, which wants no PIN and tells nothing of the holder."""
        return self._key(KeyRole.TECHNICAL)

    def _key(self, role: KeyRole) -> CardPrivateKey:
        key = self._keys.get(role)
        if key is None:
            instead = _INSTEAD[role] if self._keys else _NO_KEYS
            message = f"this card has no {role.value} key here: {instead}"
            raise KeyMissing(message).at(self._source.reader)
        return CardPrivateKey(self._source.operations(key))


class CommandKeys:
    """`KeySource` through the card's own commands."""

    def __init__(
        self,
        channel: Channel,
        generation: Generation,
        application: Application,
        certified: Certified,
        unlocked: Unlocked,
    ) -> None:
        """`certified` and `unlocked` read the card."""
        self.reader = channel.reader
        self.keys = generation.keys
        self._application = application
        self._certified = certified
        self._site = KeySite(channel, _entrance(generation), unlocked)

    def operations(self, key: CardKey) -> KeyOperations:
        """See `KeySource.operations`."""
        return _OPERATIONS[key.method](self._site, key, self._certified, lambda: self._listed(key))

    def _listed(self, key: CardKey) -> PrivateKeyEntry | None:
        """The key in the card's PrKDF: by its label, else by its usage."""
        entries = self._application.private_keys.entries
        labelled = (entry for entry in entries if entry.label == key.label)
        fitting = (entry for entry in entries if entry.usage & key.usage)
        return next(labelled, None) or next(fitting, None)


def _entrance(generation: Generation) -> Entrance:
    if generation.dialect is CHIPDOC or generation.home is None:
        return InChipDoc()
    return InDirectory(generation.home.path)
