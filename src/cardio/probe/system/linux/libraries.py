"""Copies of libpcsclite: two of different age speak different protocols with the service.

facts: workstation_systems.md §1.3 ("Service was stopped").
"""

from collections.abc import Iterator

from cardio.probe.system.known import ABSENT, Known, NotReadable, is_known
from cardio.probe.system.sources import Sources

LIBRARY = "libpcsclite.so.1"
_ROOTS = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64")
_SEARCH_VARIABLE = "LD_LIBRARY_PATH"
_MULTIARCH = "-linux-gnu"


def copies(sources: Sources) -> Known[tuple[str, ...]]:
    """The folders that hold a copy; those of LD_LIBRARY_PATH under the variable's name only, as
    they may lie in somebody's home. `ABSENT`: no copy in the usual places.
    """
    found: list[str] = []
    refused: Known[tuple[str, ...]] = ABSENT
    for folder, shown in _folders(sources).items():
        names = sources.list_dir(folder)
        if is_known(names) and LIBRARY in names:
            found.append(shown)
        elif isinstance(names, NotReadable):
            refused = names
    return tuple(found) or refused


def _folders(sources: Sources) -> dict[str, str]:
    """What to call each folder, by its path."""
    folders = {folder: folder for root in _ROOTS for folder in _below(sources, root)}
    searched = sources.environment.get(_SEARCH_VARIABLE, "").split(":")
    return {folder: f"${_SEARCH_VARIABLE}" for folder in searched if folder} | folders


def _below(sources: Sources, root: str) -> Iterator[str]:
    """A root and its folders for single architectures; one that is a link is another root."""
    if is_known(sources.read_link(root)):
        return
    yield root
    names = sources.list_dir(root)
    for name in names if is_known(names) else ():
        if name.endswith(_MULTIARCH):
            yield f"{root}/{name}"
