"""Bounds of the process that calls: for programs that kit/child.py starts, and that start fast."""

import contextlib
import os
import resource


def keep_within(memory_bytes: int, cpu_s: int) -> None:
    """Bounds this process, a child of ask_once, and lets others go before it. A system that cannot
    bound is left as it is: the deadline holds everywhere."""
    os.nice(5)
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_CORE, 0),  # what was read must not lie about on a disk
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
