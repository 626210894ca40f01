"""Runs a program that ends with whoever started it: python -m kit.tied PARENT MODULE ARGUMENT…

A child that computes, or compiles for half a minute, looks at its input only afterwards: until then
it would outlive a service that was killed. Where the system knows no signal of a parent's death
(macOS), the end of its input is what is left.
"""

import ctypes
import os
import runpy
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie(parent: int) -> None:
    """Has this process killed when its parent ends; ends it where that was over already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:
            sys.exit(1)


if __name__ == "__main__":
    tie(int(sys.argv[1]))
    _, _, module, *arguments = sys.argv
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
