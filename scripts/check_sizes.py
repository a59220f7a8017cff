"""Prints how large and how well annotated the code is, and fails where it leaves its limits.

The limits are those of the best smart-card code we measured; see CONTRIBUTING.md.
"""

import ast
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parent.parent
TREES = ("src", "emulator")
BROAD_EXCEPT_ALLOWED = frozenset({"src/cardio/probe/runner.py"})
BROAD = frozenset({"Exception", "BaseException"})

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One source file: its path from the root, its number of lines, its syntax tree."""

    path: str
    lines: int
    tree: ast.Module

    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


@dataclass(frozen=True, slots=True)
class Measure:
    """A number, its limit, and where it is worst."""

    name: str
    value: float
    limit: float
    worst: str = ""

    @property
    def held(self) -> bool:
        return self.value <= self.limit

    def __str__(self) -> str:
        mark = "ok  " if self.held else "FAIL"
        return f"{mark} {self.name:<28}{self.value:>7g}  limit {self.limit:>4g}  {self.worst}"


def load() -> list[Module]:
    paths = sorted(path for tree in TREES for path in (ROOT / tree).rglob("*.py"))
    texts = [(path, path.read_text(encoding="utf-8")) for path in paths]
    return [
        Module(path.relative_to(ROOT).as_posix(), len(text.splitlines()), ast.parse(text, path))
        for path, text in texts
    ]


def length(function: Function) -> int:
    """Lines from `def` to the end, docstring included, decorators not."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def percentile(values: list[int], share: float) -> int:
    return sorted(values)[round(share * (len(values) - 1))] if values else 0


def is_annotated(function: Function) -> bool:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    starred = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    bare = [a for a in named + starred if a.annotation is None and a.arg not in ("self", "cls")]
    return not bare and function.returns is not None


def is_broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in BROAD) for kind in caught)


def raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def broad_excepts(module: Module) -> list[str]:
    """Places that may swallow any error; one that cleans up and raises again does not."""
    if module.path in BROAD_EXCEPT_ALLOWED:
        return []
    handlers = [node for node in ast.walk(module.tree) if isinstance(node, ast.ExceptHandler)]
    return [
        f"{module.path}:{handler.lineno}"
        for handler in handlers
        if is_broad(handler) and not raises_again(handler)
    ]


def star_imports(module: Module) -> list[str]:
    return [
        f"{module.path}:{node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and any(name.name == "*" for name in node.names)
    ]


def sizes(modules: list[Module]) -> Iterator[Measure]:
    files = [module.lines for module in modules]
    largest = max(modules, key=lambda module: module.lines)
    found = [(length(f), f"{m.path}:{f.lineno} {f.name}") for m in modules for f in m.functions()]
    lengths = [size for size, _ in found]
    longest = max(found, default=(0, ""))
    yield Measure("file lines, median", statistics.median(files), 150)
    yield Measure("file lines, largest", largest.lines, 500, largest.path)
    yield Measure("function lines, median", percentile(lengths, 0.5), 8)
    yield Measure("function lines, p90", percentile(lengths, 0.9), 25)
    yield Measure("function lines, longest", longest[0], 50, longest[1])


def counted(name: str, places: list[str]) -> Measure:
    return Measure(name, len(places), 0, " ".join(places))


def habits(modules: list[Module]) -> Iterator[Measure]:
    bare = [
        f"{module.path}:{function.lineno}"
        for module in modules
        for function in module.functions()
        if not is_annotated(function)
    ]
    yield counted("functions not annotated", bare)
    yield counted("star imports", [place for m in modules for place in star_imports(m)])
    yield counted("broad excepts", [place for m in modules for place in broad_excepts(m)])


def main() -> int:
    modules = load()
    functions = sum(1 for module in modules for _ in module.functions())
    lines = sum(module.lines for module in modules)
    print(f"{len(modules)} files, {lines} lines, {functions} functions in {' and '.join(TREES)}")
    measures = [*sizes(modules), *habits(modules)]
    print(*measures, sep="\n")
    return 0 if all(measure.held for measure in measures) else 1


if __name__ == "__main__":
    sys.exit(main())
