"""What the network lets through; looked at only when asked for."""
