"""Whom a card's certificates lead to: anchors, chains, dates, roles, revocation.

Nothing is loaded here: only who examines a chain needs `cryptography`.
"""
