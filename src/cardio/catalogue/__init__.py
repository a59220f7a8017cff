"""Teleservices and what each asks for, as data with sources (facts: services.md)."""
