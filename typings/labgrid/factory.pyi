from collections.abc import Mapping
from typing import TypeVar

from labgrid.target import Target

_T = TypeVar("_T")

class TargetFactory:
    def reg_resource(self, cls: type[_T]) -> type[_T]: ...
    def reg_driver(self, cls: type[_T]) -> type[_T]: ...
    def make_target(self, name: str, config: Mapping[str, object]) -> Target: ...

target_factory: TargetFactory
