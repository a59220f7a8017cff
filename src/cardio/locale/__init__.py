"""What cardio says to people, in French and in English."""

from cardio.locale.catalogue import LANGUAGES, Language
from cardio.locale.translator import Translator, say, system_language, translator

__all__ = ["LANGUAGES", "Language", "Translator", "say", "system_language", "translator"]
