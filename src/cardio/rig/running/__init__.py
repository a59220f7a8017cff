"""A bench at work, as `cardio emulate` runs it."""
