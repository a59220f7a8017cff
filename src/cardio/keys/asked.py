"""What callers ask in the words of `cryptography`, as requests to a key."""

from cryptography.hazmat.primitives.asymmetric import padding, utils
from cryptography.hazmat.primitives.asymmetric.padding import MGF, MGF1, OAEP, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import HashAlgorithm

from cardio.errors import KeyMisuse
from cardio.keys.abilities import Padding
from cardio.keys.operations import DecipheringRequest, SigningRequest

_NO_DIGEST_INFO: type | tuple[()] = getattr(utils, "NoDigestInfo", ())
"""Not in every version of `cryptography`: the bytes go under the padding as they are."""


def signing(data: bytes, how: object, algorithm: object, modulus_bits: int) -> SigningRequest:
    """Raises `TypeError` where `cryptography` does, and `KeyMisuse`."""
    content = bytes(memoryview(data))
    kind = _padding(how, {PKCS1v15: Padding.PKCS1, PSS: Padding.PSS})
    if isinstance(algorithm, _NO_DIGEST_INFO):
        if kind is not Padding.PKCS1:
            raise KeyMisuse("bytes that are no hash are signed with PKCS1v15 only")
        return SigningRequest(kind, None, content)
    function = _function(algorithm)
    is_hashed = isinstance(algorithm, Prehashed)
    if is_hashed and len(content) != function.digest_size:
        raise KeyMisuse(f"a {function.name} hash has {function.digest_size} bytes")
    salt_size = _salt_size(how, function, modulus_bits) if isinstance(how, PSS) else 0
    return SigningRequest(kind, function.name, content, is_hashed, salt_size)


def deciphering(ciphertext: bytes, how: object) -> DecipheringRequest:
    """Raises as `signing`."""
    cryptogram = bytes(memoryview(ciphertext))
    kind = _padding(how, {PKCS1v15: Padding.PKCS1, OAEP: Padding.OAEP})
    if not isinstance(how, OAEP):
        return DecipheringRequest(kind, cryptogram)
    label = how._label or b""  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    names = how.algorithm.name, _mgf_function(how.mgf).name
    return DecipheringRequest(kind, cryptogram, *names, label)


def _padding(how: object, known: dict[type, Padding]) -> Padding:
    if not isinstance(how, padding.AsymmetricPadding):
        raise TypeError("padding is not an AsymmetricPadding")
    for kind, meant in known.items():
        if isinstance(how, kind):
            return meant
    names = " or ".join(kind.__name__ for kind in known)
    raise KeyMisuse(f"{how.name} does not serve here: use {names}")


def _function(algorithm: object) -> HashAlgorithm:
    if isinstance(algorithm, Prehashed):
        algorithm = algorithm._algorithm  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    if not isinstance(algorithm, HashAlgorithm):
        raise TypeError("algorithm is not a HashAlgorithm")
    return algorithm


def _salt_size(how: PSS, function: HashAlgorithm, modulus_bits: int) -> int:
    if _mgf_function(how.mgf).name != function.name:
        raise KeyMisuse(f"sign with PSS(MGF1(…)) of the same hash, {function.name}")
    size = how._salt_length  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    if isinstance(size, int):
        return size
    if size is PSS.DIGEST_LENGTH:
        return function.digest_size
    if size is PSS.MAX_LENGTH:
        return (modulus_bits + 6) // 8 - function.digest_size - 2
    raise KeyMisuse("PSS.AUTO is for verifying: sign with PSS.DIGEST_LENGTH")


def _mgf_function(mgf: MGF) -> HashAlgorithm:
    if not isinstance(mgf, MGF1):
        raise KeyMisuse("no other mask than MGF1 is known")
    return mgf._algorithm  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
