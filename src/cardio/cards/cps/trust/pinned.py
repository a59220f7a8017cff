"""The authorities of IGC-Santé: fingerprints, names, and where the vendor's software puts them.

Facts: certificates_identifiers_services.md §1.1, V: computed from the files the vendor installs.
No authority's certificate is shipped with cardio; one that is given counts by its fingerprint.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

_ROOT, _ISSUING = "AC RACINE IGC-SANTE", "AC IGC-SANTE"

_PINNED = {
    f"{_ROOT} ELEMENTAIRE": "2D9E22CA19F777C6B745257C723ECB8DF3C35FA6F1F6EC36B83600C97346967F",
    f"{_ROOT} STANDARD": "5891815E864506C662AFB32F8DE5B8DE38BFFA1AF721780B69E19A0C050386C3",
    f"{_ROOT} FORT": "53D30A19570826BDE0C0762501F1F1C7A659F976C6C023123DF5239DF34A4EEA",
    f"{_ISSUING} ELEMENTAIRE PERSONNES": (
        "19C1EAEAB477B6FBC233CDA3B53FBDBC3F4E9BF6CF6973E46F7DFAEF89C06C6C"
    ),
    f"{_ISSUING} ELEMENTAIRE ORGANISATIONS": (
        "D834EE5B40686B73573F60547BF6052C6D404D942A5665CDB2C0B9137B5D27B2"
    ),
    f"{_ISSUING} STANDARD PERSONNES": (
        "6C339EBCB3E1B0102B143C9694225C2A4AB2EF6FEDF7D364DA8DB305E7F7D997"
    ),
    f"{_ISSUING} STANDARD ORGANISATIONS": (
        "C0520A2B14FB68836A807BF86AB2B3E07D1B6061D91BC9C7B86A6F8DE4B5638E"
    ),
    f"{_ISSUING} FORT PERSONNES": (
        "38284E4F6107456E70C7439C85DA7D564D0FE1FE1A968C9EB6D43E1FC0D63C3A"
    ),
    f"{_ISSUING} FORT ORGANISATIONS": (
        "23F69674002D1DD4B018BAECD908DC92687942BB48E5140FF895E2F56BC49C0D"
    ),
}

PINNED: Mapping[str, bytes] = MappingProxyType(
    {name: bytes.fromhex(fingerprint) for name, fingerprint in _PINNED.items()}
)
"""SHA-256 of the nine production certificates, by their common name: three roots, six issuers."""

TEST_ROOT, TEST_UNIT = f"TEST {_ROOT} ", "IGC-SANTE TEST"
"""How the common name of a TEST root starts, and one of its organisational units. The TEST roots
have no published fingerprint."""

PRODUCTION_VARIABLE, TEST_VARIABLE = "CARDIO_ANCHORS", "CARDIO_TEST_ANCHORS"
"""Environment variables that name files and folders of authorities. Setting the second is to
allow test cards."""


def installed(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where the vendor's software may have put them, whether or not it is there.

    Windows: PUBLISHED for the folder. Linux: the folder above is PUBLISHED, the last part
    INFERRED from Windows. macOS: INFERRED (facts: certificates_identifiers_services.md §3,
    cps.md §5, workstation_systems.md).
    """
    places = [
        Path("/etc/opt/santesocial/CPS/coffre"),
        Path("/Library/Application Support/santesocial/CPS/coffre"),
    ]
    if home := environ.get("SANTESOCIAL"):
        places.insert(0, Path(home) / "CPS" / "coffre")
    return tuple(places)
