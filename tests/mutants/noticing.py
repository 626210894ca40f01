"""Whether a command noticed a mistake: a check that failed, not a program that could not run."""

import re
from collections.abc import Sequence

FAILED = 1  # pytest: tests were run and some failed; 2 to 5 are breaks, usage and no tests
# Of `./meguri chaos` a traceback ends with the same code; a scenario that was played and judged
# tells this line on stderr.
_JUDGED = re.compile(r"^  FAILED: \d+ acknowledged,", re.MULTILINE)


def noticed(command: Sequence[str], code: int, stderr: str) -> bool:
    """Tells whether a check failed. command: after the interpreter's name. code: its exit code."""
    if code != FAILED:
        return False
    return "pytest" in command or bool(_JUDGED.search(stderr))
