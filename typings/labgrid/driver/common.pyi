from collections.abc import Callable
from typing import Any, ClassVar, ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")

class Driver:
    bindings: ClassVar[dict[str, Any]]
    target: Any
    name: str | None
    def __attrs_post_init__(self) -> None: ...
    def on_activate(self) -> None: ...
    def on_deactivate(self) -> None: ...
    @classmethod
    def check_active(cls, func: Callable[_P, _R]) -> Callable[_P, _R]: ...
