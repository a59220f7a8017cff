"""The program that calls a teleservice, as it names itself there."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SoftwareIdentity:
    """Name and version, and what was granted to this program. What it has not is None.

    `instance` is this installation's own UUID, kept for good. `idam` is the authorisation number
    that the CNDA gives (INSi refuses an unknown one); `dmp_homologation` goes into a VIHF as
    LPS_ID_HOMOLOGATION_DMP (facts: certificates_identifiers_services.md §4).
    """

    name: str
    version: str
    instance: UUID | None = None
    idam: str | None = None
    dmp_homologation: str | None = None
