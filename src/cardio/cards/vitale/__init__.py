"""The carte Vitale, as far as public sources tell it (facts: vitale.md)."""
