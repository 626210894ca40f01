"""How a measured program is asked: one JSON object a line in, one a line out."""

import json
import sys
from collections.abc import Callable
from typing import Any


def serve(solve: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answers lines of the input until there are no more."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(solve(json.loads(line))) + "\n")
        sys.stdout.flush()
