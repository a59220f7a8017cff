from typing import Any

import attr

@attr.s(eq=False)
class ResourceExport:
    data: dict[str, Any] = attr.ib()  # noqa: PYI015
    host: str = attr.ib()  # noqa: PYI015
    proxy: str | None = attr.ib()  # noqa: PYI015
    proxy_required: bool = attr.ib()  # noqa: PYI015
    local: Any = attr.ib(init=False)  # noqa: PYI015
    local_params: dict[str, Any] = attr.ib(init=False)  # noqa: PYI015
    @property
    def params(self) -> dict[str, Any]: ...
    def __attrs_post_init__(self) -> None: ...
    def poll(self) -> bool: ...
    def acquire(self, place_name: str) -> None: ...
    def release(self) -> None: ...

exports: dict[str, type[ResourceExport]]

def main() -> None: ...
