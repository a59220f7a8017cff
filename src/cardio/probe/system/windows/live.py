"""The doors of this Windows: its registry, and questions to its system calls.

Not run on real Windows yet.
"""

from collections.abc import Callable, Mapping
from importlib import import_module

from cardio.probe.system.known import ABSENT, Known
from cardio.probe.system.live import LiveSources, unreadable
from cardio.probe.system.windows import (
    devices_api,
    holders,
    nodes,
    processes_api,
    services,
    services_api,
    session,
    session_api,
)
from cardio.probe.system.windows.registry import WindowsRegistry

_QUESTIONS: Mapping[str, Callable[[], Known[object]]] = {
    nodes.WORD: devices_api.ask,
    services.WORD: services_api.ask,
    session.WORD: session_api.ask,
    holders.WORD: processes_api.ask,
}


class WindowsSources(LiveSources):
    """Files, commands and environment as everywhere; registry and system calls besides."""

    def ask(self, what: str) -> Known[object]:
        """The answer of a system call, in the shape the platform's modules name."""
        question = _QUESTIONS.get(what)
        if question is None:
            return ABSENT
        try:
            return question()
        except OSError as error:
            return unreadable(error)


def live_sources() -> WindowsSources:
    """The doors of the machine this program runs on; on Windows only."""
    return WindowsSources(WindowsRegistry(import_module("winreg")))
