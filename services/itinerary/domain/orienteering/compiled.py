"""The decorators of the inner loops: compiled where a process asks for it, plain Python elsewhere.

Only a worker process and the bench set ORIENTEERING_COMPILED=1 before they import this package:
numba takes too much time and memory for any other. Both ways run the same code and give the same
answers; unit tests run the plain one.

Machine code is kept in NUMBA_CACHE_DIR. numba sees a change of a function's own file only, not of
what it calls: whoever sets that variable puts `sources_digest()` into it.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

NEVER_COMPILED = {"__init__.py", "engine.py", "habits.py", "problem.py", "toptw.py"}

COMPILED = os.environ.get("ORIENTEERING_COMPILED") == "1"

if COMPILED:
    import numba

    _njit: Any = numba.njit  # its types know nothing of _nrt

    # _nrt=False: nothing is allocated in the loops, and counting references to the arrays at every
    # call would take nine tenths of the time.
    _OPTIONS = {"error_model": "numpy", "nogil": True, "_nrt": False}

    def compiled(function: Function) -> Function:
        """Compiles a function at its first call and keeps the machine code."""
        made: Function = _njit(cache=True, **_OPTIONS)(function)
        return made

    def inlined(function: Function) -> Function:
        """Copies a function into those that call it."""
        made: Function = _njit(inline="always", **_OPTIONS)(function)
        return made

else:

    def compiled(function: Function) -> Function:
        """Leaves a function as it is."""
        return function

    inlined = compiled


def sources_digest() -> str:
    """Returns a name for what is compiled of this package as it stands."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.name not in NEVER_COMPILED:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
