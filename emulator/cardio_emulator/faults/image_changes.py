"""Card images with something else in them: other contents, certificates with other dates."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from cardio_emulator.certificates import hierarchy
from cardio_emulator.image import CardImage, DedicatedFile, ElementaryFile

_ISSUERS = frozenset({"ca", "root"})


def own_certificates(image: CardImage) -> tuple[bytes, ...]:
    """The certificates of the card itself, without those of its issuers."""
    return tuple(der for role, der in image.certificates.items() if role not in _ISSUERS)


def can_reissue(image: CardImage) -> bool:
    """Whether all of them come from the test authority of this process, and there are any."""
    issuer = hierarchy().persons.certificate.subject
    loaded = [x509.load_der_x509_certificate(der) for der in own_certificates(image)]
    return bool(loaded) and all(certificate.issuer == issuer for certificate in loaded)


def reissued(image: CardImage, start: datetime, end: datetime) -> CardImage:
    """The card with certificates that differ from its own in their dates alone."""
    anew = {der: _reissued(der, start, end) for der in own_certificates(image)}
    certificates = {role: anew.get(der, der) for role, der in image.certificates.items()}
    return replace(image, root=with_contents(image.root, anew), certificates=certificates)


def with_contents(folder: DedicatedFile, changes: Mapping[bytes, bytes]) -> DedicatedFile:
    """The tree with other contents in the files that hold a key of `changes` and no more."""
    return replace(folder, children=tuple(_changed(file, changes) for file in folder.children))


def with_file(folder: DedicatedFile, file: ElementaryFile) -> DedicatedFile:
    """The folder with this file, in the place of one that has its identifier."""
    others = (child for child in folder.children if child.fid != file.fid)
    return replace(folder, children=(*others, file))


def _changed(
    file: DedicatedFile | ElementaryFile, changes: Mapping[bytes, bytes]
) -> DedicatedFile | ElementaryFile:
    if isinstance(file, DedicatedFile):
        return with_contents(file, changes)
    return replace(file, content=changes.get(file.content, file.content))


def _reissued(der: bytes, start: datetime, end: datetime) -> bytes:
    before = x509.load_der_x509_certificate(der)
    builder = (
        x509.CertificateBuilder()
        .subject_name(before.subject)
        .issuer_name(before.issuer)
        .public_key(before.public_key())
        .serial_number(before.serial_number)
        .not_valid_before(start)
        .not_valid_after(end)
    )
    for extension in before.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(hierarchy().persons.key, hashes.SHA256()).public_bytes(Encoding.DER)
