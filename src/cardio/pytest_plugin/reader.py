"""A reader with its card, as a test handles it."""

from cardio.rig.robots.robot import CardHandler, Robot
from cardio.trace.recorder import Recorder
from cardio.transport.base import Connection, ResourceManager, ShareMode
from cardio.transport.stack import stack


class CardReader:
    """One reader, emulated or real, by its full PC/SC `name`; its card goes out and in.

    `insert` and `remove` are done by the bench or by the robot, and return once PC/SC shows it;
    they raise `RobotFailed`.
    """

    def __init__(
        self, name: str, robot: Robot, manager: ResourceManager, recorder: Recorder
    ) -> None:
        self.name = name
        self._manager = manager
        self._recorder = recorder
        self._connections: list[Connection] = []
        handler = CardHandler(robot, manager, name)
        self.insert = handler.insert
        self.remove = handler.remove
        self.has_card = handler.has_card

    def __str__(self) -> str:
        return self.name

    def connect(self, share: ShareMode = ShareMode.SHARED) -> Connection:
        """Open the card; what is sent is in `apdu_trace`. Ends with the test at the latest."""
        opened = stack(self._manager.connect(self.name, share), recorder=self._recorder)
        self._connections.append(opened)
        return opened

    def close(self) -> None:
        """End the connections, leaving the card as it is."""
        while self._connections:
            self._connections.pop().close()
        self._manager.close()
