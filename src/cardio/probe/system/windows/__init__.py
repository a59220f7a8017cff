"""Windows behind the seam. Not run on real Windows yet: only on recorded facts."""

from cardio.probe.system.windows.live import live_sources
from cardio.probe.system.windows.platform import WindowsPlatform

__all__ = ["WindowsPlatform", "live_sources"]
