"""Every check, in the order it is asked; a check comes after those it needs."""

from typing import Any

from cardio.probe.check import Check
from cardio.probe.checks import chain, cps, mixture, pcsc, readers, vitale
from cardio.probe.subjects import (
    each_card,
    each_cps,
    each_readable_cps,
    each_readable_vitale,
    each_reader,
    the_workstation,
)

CHECKS: tuple[Check[Any], ...] = (
    Check("pcsc.library", the_workstation, pcsc.library),
    Check("pcsc.service", the_workstation, pcsc.service, ("pcsc.library",), (16,)),
    Check("reader.present", the_workstation, pcsc.reader_present, ("pcsc.service",), (1, 15, 16)),
    Check("reader.state", each_reader, readers.state, ("reader.present",), (3, 4)),
    Check("reader.free", each_reader, readers.free, ("reader.state",), (17, 19, 20)),
    Check("card.answers", each_card, readers.card_answers, ("reader.free",), (5, 12)),
    Check("card.kind", each_card, readers.card_kind, ("card.answers",), (10, 13)),
    Check("cps.present", the_workstation, cps.present, ("reader.present",), (6, 8, 13)),
    Check("cps.readable", each_readable_cps, cps.readable, ("cps.present",), (9, 24)),
    Check("cps.certificates", each_cps, cps.certificates, ("cps.readable",), (23,)),
    Check("cps.chain", each_cps, chain.chain, ("cps.certificates",), (23,)),
    Check("cps.validity", each_cps, cps.validity, ("cps.readable",)),
    Check("cps.pin", each_cps, cps.pin, ("cps.readable",), (14,)),
    Check("cps.puk", each_cps, cps.puk, ("cps.readable",), (14,)),
    Check("cps.views", each_cps, cps.views, ("cps.readable",), (10, 11)),
    Check("vitale.present", the_workstation, vitale.present, ("reader.present",), (8,)),
    Check("vitale.readable", each_readable_vitale, vitale.readable, ("vitale.present",), (27,)),
    Check("cards.mixture", the_workstation, mixture.mixture, ("reader.present",), (27,)),
)
