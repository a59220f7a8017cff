"""The CPS cards a PKCS#11 module shows."""

from dataclasses import dataclass, field
from pathlib import Path

from cardio.cards.cps.generation import GENERATIONS
from cardio.cards.cps.pkcs11.cryptoki import Module, Token
from cardio.cards.cps.pkcs11.identity import chip_number, match_of
from cardio.cards.cps.pkcs11.link import TokenLink
from cardio.cards.cps.pkcs11.token_contents import TokenContents
from cardio.cards.identify import Match


@dataclass(frozen=True, slots=True)
class CpsToken:
    """A token that is a CPS; `serial` is the chip's number, or the token's own if it has none."""

    reader: str
    serial: str = field(repr=False)
    match: Match
    token: Token = field(repr=False)

    def contents(self) -> TokenContents:
        """What `CpsCard` reads; asks nothing yet. Its `link` is to be closed."""
        return TokenContents(TokenLink(self.token), GENERATIONS[self.match.kind])


def cps_tokens(module: Path) -> tuple[CpsToken, ...]:
    """Those this module shows now, each card once.

    Raises `Pkcs11ModuleMissing` for a file that is no module, `Pkcs11Failure` for one that does
    not work.
    """
    found: dict[str, CpsToken] = {}
    for token in Module(module).tokens():
        match = match_of(token.state)
        if match:
            serial = chip_number(token.state.serial) or token.state.serial
            found.setdefault(serial, CpsToken(token.state.reader, serial, match, token))
    return tuple(found.values())
