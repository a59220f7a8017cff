"""Recordings of real cards, played again as emulated ones."""

from cardio_emulator.recorded.card import Mismatch, RecordedCard, Replay

__all__ = ["Mismatch", "RecordedCard", "Replay"]
