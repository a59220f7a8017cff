"""macOS behind the seam. Not run on a real Mac yet: only on recorded facts."""

from cardio.probe.system.macos.platform import MacosPlatform

__all__ = ["MacosPlatform"]
