"""Takes identities out of what cards told: invented ones come in, of the same length and shape."""
