"""The layout of each kind of card that is read: what `cardio card layout` prints."""

from collections.abc import Mapping

from cardio.cards.cps import files as cps
from cardio.cards.identify import CardKind
from cardio.cards.layout import CardFile
from cardio.cards.vitale import layout as vitale

LAYOUTS: Mapping[CardKind, tuple[CardFile, ...]] = {
    CardKind.CPS3: cps.CPS3,
    CardKind.CPS3_CONTACTLESS: cps.CPS3_CONTACTLESS,
    CardKind.CPS4: cps.CPS4,
    CardKind.CPS2TER: cps.CPS2TER,
    CardKind.VITALE2: vitale.FILES,
}
