"""Benches driven by commands, a JSON object a line, here or from another machine."""
