"""cardio's own reader driver for pcscd, built on demand (docs/explanation/own-driver.md)."""
