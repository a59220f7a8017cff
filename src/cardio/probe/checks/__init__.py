"""The checks of a workstation, one small function each: facts in, finding out."""
