"""Foretelling in a process of its own: its libraries take a second and 150 MB, once an hour.

Run as a program it reads {"now": …, "zones": {zone: [[hour, figure], …]}} and writes what
domain.forecast makes of it. Hours are seconds since 1970.
"""

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kit.bounded import keep_within
from kit.child import Bounds, ChildEnded, ask_once

BOUNDS = Bounds(memory_bytes=6 * 1024**3, cpu_s=300, wait_s=300.0)

Figures = Mapping[datetime, float]


class ForecasterDown(Exception):
    """Nothing could be foretold now; it is tried again."""


async def foretell(now: datetime, zones: Mapping[str, Figures]) -> dict[str, dict[str, Any]]:
    """Returns what is foretold by zone, as `told` writes it. Errors: ForecasterDown."""
    asked = {
        "now": now.timestamp(),
        "zones": {
            zone: [[hour.timestamp(), value] for hour, value in known.items()]
            for zone, known in zones.items()
        },
    }
    try:
        answer = await ask_once(__name__, json.dumps(asked).encode(), BOUNDS)
        found: dict[str, dict[str, Any]] = json.loads(answer)
    except (ChildEnded, TimeoutError, OSError, ValueError) as error:
        raise ForecasterDown(type(error).__name__) from error
    return found


def told(asked: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Returns by zone: days, reason (null where it is foretold), judged and hours."""
    from services.visitor_sense.domain.forecast import forecast  # noqa: PLC0415 - the bounds first

    now = datetime.fromtimestamp(asked["now"], UTC)
    found = {}
    for zone, rows in asked["zones"].items():
        one = forecast({datetime.fromtimestamp(at, UTC): value for at, value in rows}, now)
        found[zone] = {
            "days": one.days,
            "reason": one.reason and str(one.reason),
            "judged": one.judged and {
                "hours": one.judged.hours, "error_share": one.judged.error_share,
                "plain_error_share": one.judged.plain_error_share,
                "coverage": one.judged.coverage,
            },
            "hours": [
                [each.hour.timestamp(), round(each.estimate, 1), round(each.low, 1),
                 round(each.high, 1)]
                for each in one.hours
            ],
        }  # fmt: skip
    return found


def main() -> None:
    """Answers one question."""
    # Threads of BLAS would take all cores for matrices that are small.
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    keep_within(int(sys.argv[1]), int(sys.argv[2]))
    asked = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(told(asked)))


if __name__ == "__main__":
    main()
