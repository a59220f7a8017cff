"""Every check, in the order it is asked; a check comes after those it needs.

From below: plug, driver, service, rights, readers, who holds them, cards, what is on them, the
software that uses them, the session, the clock, the network.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cardio.probe.check import Check, Finding
from cardio.probe.checks import (
    chain,
    clock,
    cps,
    holders,
    mixture,
    network,
    pcsc,
    readers,
    registered,
    service,
    session,
    tested,
    usb,
    vitale,
)
from cardio.probe.checks.software import SOFTWARE_CHECKS
from cardio.probe.facts import WorkstationFacts
from cardio.probe.subjects import (
    each_asked_cps,
    each_card,
    each_cps,
    each_readable_cps,
    each_readable_vitale,
    each_reader,
    the_network,
    the_system,
    the_system_beside,
    the_workstation,
)
from cardio.probe.system.facts import SystemFacts

Cases = tuple[int, ...]


def _system(check: str, look: Callable[[SystemFacts], Finding], cases: Cases = ()) -> Check[Any]:
    """A check of the system alone: it explains, and others decide."""
    return Check(check, the_system, look, (), cases, decides=False)


def _beside(
    check: str, look: Callable[[WorkstationFacts, SystemFacts], Finding], cases: Cases = ()
) -> Check[Any]:
    """A check of the system beside the readers."""
    return Check(check, the_system_beside, lambda both: look(*both), (), cases, decides=False)


_BELOW: tuple[Check[Any], ...] = (
    _beside("usb.readers", usb.readers, (1, 2, 7)),
    _system("usb.driver", usb.driver, (1,)),
    _system("usb.power", usb.power, (3,)),
    Check("pcsc.library", the_workstation, pcsc.library),
    _beside("pcsc.start", service.start, (4, 16)),
    _beside("pcsc.rights", service.rights, (16,)),
    _system("pcsc.copies", service.copies),
    Check("pcsc.service", the_workstation, pcsc.service, ("pcsc.library",), (16,)),
)
_READERS: tuple[Check[Any], ...] = (
    Check("reader.present", the_workstation, pcsc.reader_present, ("pcsc.service",), (1, 15, 16)),
    Check("reader.twins", the_workstation, readers.twins, ("reader.present",), (8,)),
    _beside("reader.holders", holders.holders, (17, 19, 20)),
    Check("reader.state", each_reader, readers.state, ("reader.present",), (3, 4)),
    Check("reader.free", each_reader, readers.free, ("reader.state",), (17, 19, 20)),
    Check("card.answers", each_card, readers.card_answers, ("reader.free",), (5, 12)),
    Check("card.kind", each_card, readers.card_kind, ("card.answers",), (10, 13)),
    Check(
        "card.registered",
        registered.each_known_cps,
        registered.registered,
        ("card.kind",),
        (13, 19),
    ),
)
_CARDS: tuple[Check[Any], ...] = (
    Check("cps.present", the_workstation, cps.present, ("reader.present",), (6, 8, 13)),
    Check("cps.interface", the_workstation, cps.interface, ("reader.present",), (9,)),
    Check("cps.readable", each_readable_cps, cps.readable, ("cps.present",), (9, 24)),
    Check("cps.serial", each_cps, cps.serial, ("cps.readable",), (8, 10)),
    Check("cps.certificates", each_cps, cps.certificates, ("cps.readable",), (23,)),
    Check("cps.chain", each_cps, chain.chain, ("cps.certificates",), (23,)),
    Check("cps.revocation", each_asked_cps, cps.revocation, ("cps.certificates",)),
    Check("cps.validity", each_cps, cps.validity, ("cps.readable",)),
    Check("cps.pin", each_cps, cps.pin, ("cps.readable",), (14,)),
    Check("cps.puk", each_cps, cps.puk, ("cps.readable",), (14,)),
    Check("cps.views", each_cps, cps.views, ("cps.readable",), (10, 11)),
    Check("cps.speciality", each_cps, cps.speciality, ("cps.readable",), (26,)),
    Check("vitale.present", the_workstation, vitale.present, ("reader.present",), (8,)),
    Check("vitale.readable", each_readable_vitale, vitale.readable, ("vitale.present",), (27,)),
    Check("cards.mixture", the_workstation, mixture.mixture, ("reader.present",), (27,)),
)
_AROUND: tuple[Check[Any], ...] = (
    *(replace(check, decides=False) for check in SOFTWARE_CHECKS),
    _beside("system.tested", tested.tested),
    _beside("session.place", session.place, (15, 16, 17, 18)),
    _system("session.machine", session.machine, (15,)),
    _system("system.clock", clock.clock),
    _system("system.proxy", clock.proxy),
    Check("network.names", the_network, network.names, decides=False),
    Check("network.reach", the_network, network.reach, decides=False),
    Check("network.inspection", the_network, network.inspection, decides=False),
    Check("network.clock", the_network, network.clock, decides=False),
)

CHECKS = (*_BELOW, *_READERS, *_CARDS, *_AROUND)
