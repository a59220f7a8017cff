from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")

def step(*, args: Sequence[str] = ...) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]: ...
