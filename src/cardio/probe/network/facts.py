"""What was found on the way to the services' hosts."""

from dataclasses import dataclass
from enum import StrEnum


class Reached(StrEnum):
    """How far a connection came; the last one is all the way."""

    NO_NAME = "no-name"
    NO_ANSWER = "no-answer"
    REFUSED = "refused"
    PROXY = "proxy"
    NO_TLS = "no-tls"
    UNTRUSTED = "untrusted"
    TRUSTED = "trusted"


@dataclass(frozen=True, slots=True)
class HostFacts:
    """One host. `issuer`: the organisation that issued the certificate it showed, `inspected`:
    whether that is a known inspection of TLS on the way. `offset` is in seconds, how far this
    workstation's clock is ahead of the host's; None where the host told no time.
    """

    host: str
    port: int
    reached: Reached
    issuer: str | None = None
    inspected: bool = False
    offset: float | None = None
    via_proxy: bool = False


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """All hosts that were tried."""

    hosts: tuple[HostFacts, ...] = ()
