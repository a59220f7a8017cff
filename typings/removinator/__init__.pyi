"""Its one module is `removinator.removinator`: what the package itself exports is Python 2."""
