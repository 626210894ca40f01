"""Runs a service whose clock is wrong: python -m chaos.skewed SECONDS MODULE.

Only what asks kit.clock is misled: business dates, leases, time-outs of authorizations. Tokens and
certificates keep the machine's time, since all processes of one machine share it.
"""

import runpy
import sys
from datetime import UTC, datetime, timedelta

from kit import clock


def main(seconds: str, module: str) -> None:
    """Moves the clock and runs the module as a program."""
    error = timedelta(seconds=float(seconds))

    def now(self: clock.SystemClock) -> datetime:  # noqa: ARG001 - it stands in for a method
        return datetime.now(UTC) + error

    clock.SystemClock.now = now  # type: ignore[method-assign]  # this is what the program is for
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
