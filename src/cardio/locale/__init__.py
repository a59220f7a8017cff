"""What cardio says to people, in French and in English."""

from cardio.locale.catalogue import LANGUAGES
from cardio.locale.translator import Translator, system_language, translator

__all__ = ["LANGUAGES", "Translator", "system_language", "translator"]
