"""What is looked at while the cards are read: system, software and, if asked for, the network."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from cardio.probe.network.facts import NetworkFacts
from cardio.probe.network.hosts import hosts
from cardio.probe.network.reaching import look_at_network
from cardio.probe.runner import Running
from cardio.probe.system.facts import SystemFacts
from cardio.probe.system.gathering import gather_system
from cardio.probe.system.platform import Platform, this_platform
from cardio.probe.system.software.facts import SoftwareFacts
from cardio.probe.system.software.gathering import software_facts

AROUND_LIMIT = 25.0
"""Seconds, counted from when the cards are read; each part has its own shorter limit."""


@dataclass(frozen=True, slots=True)
class Around:
    """What was found; None where nobody looked, or where nothing came back in time."""

    system: SystemFacts | None = None
    software: SoftwareFacts | None = None
    network: NetworkFacts | None = None


class Surroundings:
    """Begins to look when it is made.

    `platform` stands for this machine. Without it the machine itself is looked at, but only where
    the readers are real: beside emulated ones its faults would be nobody's.
    """

    def __init__(self, platform: Platform | None, *, is_real: bool, network: bool) -> None:
        self._tasks: dict[str, Callable[[], object]] = {}
        if platform or is_real:
            self._tasks["system"] = lambda: gather_system(platform or this_platform())
            self._tasks["software"] = partial(_software, platform)
        if network:
            self._tasks["network"] = lambda: look_at_network(hosts())
        self._running = Running(tuple(self._tasks.values()))

    def result(self, progress: Callable[[int, int], None]) -> Around:
        """What was found; waits for it. `progress` is told how many parts of how many are done."""
        total = len(self._tasks)
        outcomes = self._running.outcomes(AROUND_LIMIT, lambda done: progress(done, total))
        found: dict[str, Any] = {
            name: outcome.value for name, outcome in zip(self._tasks, outcomes, strict=True)
        }
        return Around(**found)


def _software(platform: Platform | None) -> SoftwareFacts:
    looked_at = platform or this_platform()
    return software_facts(looked_at.sources, looked_at.name)
