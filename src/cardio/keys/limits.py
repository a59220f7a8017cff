"""What a key refuses before its card is asked, and what to use instead."""

from cardio.errors import KeyMisuse
from cardio.keys.abilities import MODERN_HASHES, SHA1, KeyAbilities, KeyRole, Padding
from cardio.keys.operations import DecipheringRequest, SigningRequest

_OAEP_HASHES = MODERN_HASHES | {SHA1}

_SIGN_OTHERWISE = {
    KeyRole.AUTHENTICATION: "to sign a document, use card.keys.signature",
    KeyRole.SIGNATURE: "to authenticate (TLS, tokens), use card.keys.authentication",
    KeyRole.TECHNICAL: "the holder's keys need the card in a contact reader",
}


def require_signing(
    able: KeyAbilities, asked: SigningRequest, modulus_bits: int, *, allows_sha1: bool
) -> None:
    """Raise `KeyMisuse` where the key does not sign this."""
    if asked.padding not in able.paddings:
        raise _misuse(
            able, "does not sign with PSS: use PKCS1v15 (TLS 1.2), or a CPS4 opened directly"
        )
    if asked.hash_name is None:
        if not able.signs_bare:
            raise _misuse(able, f"signs hashes only: {_SIGN_OTHERWISE[able.role]}")
    elif asked.hash_name == SHA1:
        if not allows_sha1:
            raise _misuse(able, "refuses SHA-1, which is broken: use SHA-256 or allowing_sha1()")
    elif asked.hash_name not in able.hashes:
        names = ", ".join(sorted(able.hashes))
        is_known = asked.hash_name in MODERN_HASHES
        instead = _SIGN_OTHERWISE[able.role] if is_known else "no key of a card signs others"
        raise _misuse(able, f"signs {names} only; {instead}")
    _require_size(able, asked, modulus_bits)


def _require_size(able: KeyAbilities, asked: SigningRequest, modulus_bits: int) -> None:
    if asked.padding is Padding.PSS:
        if not able.any_salt and asked.salt_size != len(asked.digest):
            raise _misuse(able, "takes a salt as long as the hash: use PSS.DIGEST_LENGTH")
        return
    size, limit = len(asked.digest_info), able.input_limit(modulus_bits)
    if size > limit:
        raise _misuse(able, f"signs at most {limit} bytes, not {size}: sign a shorter hash")


def require_deciphering(able: KeyAbilities, asked: DecipheringRequest, modulus_bits: int) -> None:
    """Raise `KeyMisuse` where the key does not decipher this."""
    if not able.deciphers:
        raise _misuse(able, "does not decipher: use card.keys.authentication, in a contact reader")
    if asked.padding not in able.deciphers:
        raise _misuse(
            able,
            f"does not decipher {asked.padding.value}: use PKCS1v15, or a CPS4 opened directly",
        )
    if asked.padding is Padding.OAEP and not {asked.hash_name, asked.mgf_hash_name} <= _OAEP_HASHES:
        raise _misuse(able, f"knows OAEP with {', '.join(sorted(_OAEP_HASHES))} only")
    if 8 * len(asked.cryptogram) != modulus_bits:
        raise _misuse(able, f"deciphers {modulus_bits // 8} bytes, not {len(asked.cryptogram)}")


def _misuse(able: KeyAbilities, why: str) -> KeyMisuse:
    return KeyMisuse(f"the {able.role.value} key of this card {why}")
