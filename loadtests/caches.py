"""Cold and warm: what is kept ready before a run begins, said in its report."""

import json
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import redis

from infra.local.home import Home
from loadtests import look_round
from loadtests.cpu import components
from loadtests.ground import Ground
from loadtests.playing import LoadFailed

BACK_WITHIN_S = 60.0
COLD = "cold: Valkey emptied and the edge started anew right before the first arrival"
WARM = "warm: every kept page was opened once in each language before the first arrival"
# Once for each version the planner compiles its search, half a minute of computing; until then it
# searches in plain Python, and cannot bear the plans of two buses.
SEARCH_READY, SEARCH_WITHIN_S = "the compiled search is ready", 300.0
PLAIN = "; the planner still searched in plain Python"


def cool(home: Home) -> str:
    """Empties Valkey and starts the edge anew. Returns what the report says of it.

    The edge ends in order and the supervisor starts it again: other visitors wait for a second.
    Errors: LoadFailed when it is not back in time.
    """
    state = home.run / "state.json"
    before = _edge(state)
    os.kill(before, signal.SIGTERM)
    redis.Redis.from_url(os.environ["MEGURI_VALKEY_URL"]).flushall()
    ends = time.monotonic() + BACK_WITHIN_S
    while time.monotonic() < ends:
        if _edge(state) not in (0, before) and _healthy(state):
            return COLD
        time.sleep(0.05)
    raise LoadFailed(f"the edge was not back within {BACK_WITHIN_S:.0f} s")


def warm(home: Home, edge_url: str, grounds: Sequence[Ground]) -> str:
    """Opens every page that is kept ready, and waits until the planner has compiled its search.
    Returns what the report says of it."""
    for each in grounds:
        look_round.warm(edge_url, each)
    return WARM if is_compiled(home, SEARCH_WITHIN_S) else WARM + PLAIN


def is_compiled(home: Home, within_s: float) -> bool:
    """Waits so long until the planner says that its search is compiled; tells whether it did."""
    ends = time.monotonic() + within_s
    while True:
        log = home.log / "itinerary.jsonl"
        if log.exists() and SEARCH_READY in log.read_text(encoding="utf-8", errors="replace"):
            return True
        if time.monotonic() > ends:
            return False
        time.sleep(0.5)


def _edge(state: Path) -> int:
    return next((each for each, name in components(state).items() if name == "edge"), 0)


def _healthy(state: Path) -> bool:
    try:
        known = json.loads(state.read_text())["components"]
    except (OSError, ValueError, KeyError):
        return False
    return any(each["name"] == "edge" and each["health"] == "ok" for each in known)
