"""A bench as a labgrid resource, and the driver that moves its cards: docs/how-to/labgrid.md.

Importing this package registers both with labgrid (extra `rig`), as `imports:` of an environment
does.
"""

from cardio.rig.labgrid.driver import CardioReaderDriver
from cardio.rig.labgrid.resource import CardioBench

__all__ = ["CardioBench", "CardioReaderDriver"]
