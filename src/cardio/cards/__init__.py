"""What each card is, as data, and how it is read."""
