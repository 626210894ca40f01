"""`./meguri bench insights`: events taken in and heard anew, a year of facts read, a live page, and
how honestly effects of actions are told."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from bench import platform, rounds
from bench.insights import effects, live, stream, year
from bench.insights.pages import Analyst

# Events through the streams, and facts of the year: a usual run, and one with --full.
EVENTS, EVENTS_FULL = 200_000, 1_000_000
FACTS, FACTS_FULL = 2_000_000, 40_000_000
# What the figures are held against: the issue.
LIMITS = {
    "ingest_per_second": (">=", 5_000.0),
    "replay_1m_s": ("<=", 60.0),
    "replay_differs": ("<=", 0.0),
    "again_1m_s": ("<=", 60.0),
    "again_differs": ("<=", 0.0),
    "month_call_p95_ms": ("<=", 300.0),
    "month_page_p95_ms": ("<=", 300.0),
    "live_page_p95_s": ("<=", 2.0),
}
SIDES = {
    "ingest": "events of a busy day that lie in JetStream, heard by the service until facts,"
    " roll-ups and inbox are committed",
    "fetch": "the same messages fetched and acknowledged in one process; not looked at",
    "batched SQL": "the same rows of facts and inbox made up inside the server, as many a"
    " transaction as insights hears; no roll-ups",
    "…_us": "microseconds an event, by the clock at each step of the four consumers side by side,"
    " and of CPU in each process",
    "replay": "the same events heard anew by a store without a fact; its roll-ups are compared byte"
    " by byte",
    "again": "the same events said again, as ./meguri replay does after a loss of NATS, to a store"
    " that knows them; its roll-ups must not change by a byte",
    "year": "facts of twelve months and their roll-ups, made inside the server; calls through mTLS"
    " and token, pages as an analyst's browser asks for them, one after the other",
    "live": "from a phone's report at the edge to the page of the running day that counts it, every"
    " 20 ms looked at",
}


_Figures = dict[str, float]


def run(
    _count: int, _seconds: int, tell: Callable[[str], None], *, full: bool = False,
    parts: Sequence[str] = ("live", "stream", "year"),
) -> dict[str, Any]:  # fmt: skip
    """Returns figures, limits and the machine. Errors: RuntimeError.

    Each measurement has its own amount of work and is done once: rounds and seconds are not looked
    at. full: a million events and forty million facts, which takes most of an hour.
    """
    found: _Figures = {}
    with platform.running() as bench:
        before = rounds.machine()
        analyst = Analyst(bench)
        if "live" in parts:
            found |= live.measure(analyst, tell)
        if "stream" in parts:
            found |= stream.measure(bench, EVENTS_FULL if full else EVENTS, tell)
        if "year" in parts:
            found |= year.prepare(bench, FACTS_FULL if full else FACTS, tell)
            found |= year.measure(bench, analyst, tell)
    return _answer(found, before)


# What `--only` may name. Effects need no server, and eleven minutes; they are measured alone.
PARTS: dict[str, Callable[..., dict[str, Any]]] = {
    **{name: partial(run, parts=(name,)) for name in ("live", "stream", "year")},
    "effects": effects.run,
}


def _answer(found: _Figures, before: dict[str, Any]) -> dict[str, Any]:
    ratios = {name: round(found[name], 3) for name in LIMITS if name in found}
    if "ingest_per_second" in found:
        per_second = found["ingest_per_second"]
        ratios["ingest_vs_fetch"] = round(per_second / found["fetch_per_second"], 3)
        ratios["ingest_vs_batched_sql"] = round(per_second / found["batched_sql_per_second"], 3)
    if found.get("stream_events") == EVENTS_FULL:
        ratios |= {f"{name}_1m_s": round(found[f"{name}_s"], 2) for name in ("replay", "again")}
    return {
        "ratios": ratios,
        "limits": rounds.held(ratios, LIMITS),
        "figures": {name: round(value, 3) for name, value in found.items()},
        "sides": SIDES,
        "runs": 1,
        "machine": {**rounds.machine(), "load_average_before": before["load_average"]},
    }
