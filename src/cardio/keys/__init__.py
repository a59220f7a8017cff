"""A card's private keys as `cryptography` keys, over any signer below."""
