"""ISO/IEC 7816-3 and -4 as values: commands, answers, status words, ATR, TLV, FCP, paths.

Pure: nothing here talks to a card. Every rule cites its clause.
"""

from cardio.iso7816.apdu import Case, CommandApdu, ResponseApdu
from cardio.iso7816.atr import Atr
from cardio.iso7816.fcp import Fcp
from cardio.iso7816.path import Path
from cardio.iso7816.status import StatusWord
from cardio.iso7816.tlv import Tlv

__all__ = ["Atr", "Case", "CommandApdu", "Fcp", "Path", "ResponseApdu", "StatusWord", "Tlv"]
