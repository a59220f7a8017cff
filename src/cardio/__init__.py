"""Hardware abstraction for French health cards."""
