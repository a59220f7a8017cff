"""Identifiers and code tables of French health care: values with their checks."""
