"""The bench of another machine, as labgrid's coordinator tells of it."""

import attr
from attr.validators import instance_of, optional
from labgrid.factory import target_factory
from labgrid.resource.common import NetworkResource


@target_factory.reg_resource
@attr.s(eq=False)
class CardioBench(NetworkResource):
    """The control socket of a bench: TCP `port` of `host`, None while it does not run.

    `reader` is the name of the reader that is meant, or a part of it.
    """

    port: int | None = attr.ib(default=None, validator=optional(instance_of(int)))
    reader: str = attr.ib(default="", validator=instance_of(str))
