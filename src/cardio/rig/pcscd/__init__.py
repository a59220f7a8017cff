"""Private PC/SC services: a pcscd of its own in a namespace of its own, and nothing left behind."""
