"""Programs that may hold a reader: Windows names nobody, so these are candidates only.

facts: workstation_systems.md §3.
"""

from collections.abc import Iterator, Sequence

from cardio.probe.system.facts import Certainty, HeldBy, Holder, Holders
from cardio.probe.system.known import Known, NotReadable, Why, is_known
from cardio.probe.system.known_programs import known_program
from cardio.probe.system.sources import Sources
from cardio.probe.system.windows.values import Record, asked_text, records

WORD = "processes"
"""What `Sources.ask` is asked: `[{"name", "winscard"}]`, without this process. `winscard`: whether
it has winscard.dll loaded, null if it does not show.
"""


def holders(sources: Sources) -> Known[Holders]:
    """Programs with the PC/SC library, and those known to use cards that run."""
    processes = records(sources.ask(WORD))
    if not is_known(processes):
        return processes
    return Holders(
        tuple(dict.fromkeys(_found(processes))),
        lines=NotReadable(Why.NO_WAY, "Windows shows no lines to the service"),
        hidden=sum(one.get("winscard") is None for one in processes),
    )


def _found(processes: Sequence[Record]) -> Iterator[Holder]:
    """Known to use cards, and with the library: probable."""
    for process in processes:
        name = asked_text(process, "name")
        is_known_one = known_program(name) is not None
        if process.get("winscard") is True:
            certainty = Certainty.PROBABLE if is_known_one else Certainty.POSSIBLE
            yield Holder(name, HeldBy.LIBRARY, certainty)
        elif is_known_one:
            yield Holder(name, HeldBy.RUNNING, Certainty.POSSIBLE)
