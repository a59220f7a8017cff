"""Benches whose readers are those of a real PC/SC service."""
