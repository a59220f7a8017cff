"""Several readers as one workstation: find the right card, whichever reader it is in."""
