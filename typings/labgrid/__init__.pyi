from labgrid.factory import target_factory as target_factory
from labgrid.target import Target as Target
