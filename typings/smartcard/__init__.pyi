"""Private stubs: only what `cardio.transport.pcsc` uses of pyscard, which has no types."""
