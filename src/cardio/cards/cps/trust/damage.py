"""What `cryptography` raises for a certificate, list or answer that is damaged."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import DuplicateExtension, InvalidVersion

DAMAGED = (ValueError, TypeError, DuplicateExtension, InvalidVersion, UnsupportedAlgorithm)
"""To be caught around each load and each reading of a part, which are parsed when asked for."""
