"""From a command's bytes to a card and back: the seam, its layers, PC/SC, replayed traces."""
