"""Prints the fault matrix, or writes docs/reference/fault-matrix.md with `--write`.

    python scripts/fault_matrix.py            # the counts of every flow and fault
    python scripts/fault_matrix.py --write

Takes ten minutes of CPU, over all processors. Stops where a check fails, and says on which APDU.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.faults.flows import ROWS
from tests.faults.matrix_faults import FAULTS
from tests.faults.matrix_page import PAGE, page
from tests.faults.matrix_run import STEP, strip


def strips(name: str) -> dict[str, str]:
    """All lines of one flow on one kind of card."""
    return {fault: strip(ROWS[name], fault) for fault in FAULTS}


def main() -> None:
    """Run everything."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        found = dict(zip(ROWS, pool.map(strips, ROWS), strict=True))
    text = page(found, STEP)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
