"""`python -m cardio`."""

from cardio.cli import main

main()
