"""What moves cards in real readers."""
