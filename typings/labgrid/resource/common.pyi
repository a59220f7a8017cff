from typing import Any

import attr

@attr.s(eq=False)
class Resource:
    target: Any = attr.ib()  # noqa: PYI015
    name: str | None = attr.ib()  # noqa: PYI015
    avail: bool = attr.ib(init=False)  # noqa: PYI015
    def __attrs_post_init__(self) -> None: ...

@attr.s(eq=False)
class NetworkResource(Resource):
    host: str = attr.ib()  # noqa: PYI015
