"""`./meguri bench sense`: parsing, counting, age, memory and accuracy, each beside its rival."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import psycopg

from bench import platform, rounds
from bench.sense import accuracy, forecast, growth, live, parse, stage, stream
from services.visitor_sense.domain.sketch import Distinct

# What the figures are held against: the issue and the design of visitor sensing.
LIMITS = {
    "parse_vs_dpkt": (">=", 10.0),
    "parse_vs_yardstick": (">=", 1.2),
    "aggregate_vs_fetch": (">=", 0.2),
    "live_age_p99_s": ("<=", 2.0),
    "memory_many_vs_few": ("<=", 1.1),
    "time_many_vs_few": ("<=", 1.15),
    "bytes_per_zone_hour": ("<=", 2_253.0),  # 2.2 KB
}
SIDES = {
    "parse": "frames in memory to signed batches, nothing remembered at the start",
    "dpkt": "frames in memory to the same hashes by dpkt's objects; no batches",
    "yardstick": "frames in memory to the same hashes by struct, remembering nothing; no batches",
    "aggregate": "batches of 500 in JetStream to counts committed in PostgreSQL and shown in"
    " Valkey; every batch's signature is proved",
    "fetch": "the same batches fetched by a pull consumer and acknowledged; not looked at",
    "live": "from a frame heard by a sensor, which sends once a second, to a level that can be"
    " read, while other sensors hear 10,000 frames a second",
    "many": "1,000,000 phones, a burst of two frames each, to counts without SQL; few: 10,000",
}
MINUTE_S = 60
# What `--only` may name.
PARTS = {"forecast": forecast.run}


def run(count: int, seconds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Returns ratios, figures, number of rounds and the machine. Errors: RuntimeError.

    Each measurement has its own amount of work: seconds is not looked at.
    """
    del seconds
    paths = parse.captures(parse.DATA)
    found: dict[str, list[float]] = {}
    skipped = []
    if paths:
        found |= rounds.interleave(parse.measures(parse.read_all(paths)), count, tell)
    else:
        skipped.append(f"parse: no captures in {parse.DATA}")
    found |= rounds.interleave(
        {
            "few": lambda: growth.measure(growth.FEW, "few"),
            "many": lambda: growth.measure(growth.MANY, "many"),
        },
        count, tell,
    )  # fmt: skip
    with platform.running("visitor_sense") as bench:
        on = stage.set_up(bench, live.LOADED + live.BEATS)
        _await_room_in_the_day()
        found |= rounds.interleave(stream.Rivals(on).measures(), count, tell)
        tell("live figures at 10,000 observations a second")
        lived = live.measure(on)
        found["bytes_per_zone_hour"] = [_bytes_per_zone_hour(bench)]
    tell("how right the figures are")
    exact = accuracy.measure(parse.DATA) if paths else []
    return _answer(found, lived, exact, skipped, count)


def _await_room_in_the_day() -> None:
    """Observations around midnight in Japan would be of two days: 15:00 UTC is waited for."""
    while (now := datetime.now(UTC)).hour == 14 and now.minute >= 55:
        time.sleep(MINUTE_S)


def _bytes_per_zone_hour(bench: platform.Bench) -> float:
    """Returns the bytes of a crowded zone's row as its day leaves it."""
    with psycopg.connect(bench.admin_url("visitor_sense"), autocommit=True) as connection:
        row = connection.execute(
            "select devices, pg_column_size(h.*) - octet_length(devices)"
            " - octet_length(addresses) from zone_hours h order by frames desc limit 1"
        ).fetchone()
    if row is None:
        raise RuntimeError("no hour was counted")
    devices = Distinct.from_bytes(bytes(row[0]))
    devices.forget_values()
    return float(len(devices.to_bytes()) + len(Distinct().to_bytes()) + row[1])


def _answer(
    found: Mapping[str, list[float]],
    lived: Mapping[str, float],
    exact: list[accuracy.Figure],
    skipped: list[str],
    count: int,
) -> dict[str, Any]:
    pairs = {
        "parse_vs_dpkt": ("parse_per_second", "dpkt_per_second"),
        "parse_vs_yardstick": ("parse_per_second", "yardstick_per_second"),
        "parse_new_addresses_vs_yardstick": (
            "parse_new_addresses_per_second", "yardstick_per_second",
        ),
        "aggregate_vs_fetch": ("aggregate_per_second", "fetch_per_second"),
        "memory_many_vs_few": ("many_memory_mb", "few_memory_mb"),
        "time_many_vs_few": ("many_us", "few_us"),
    }  # fmt: skip
    ratios = {
        name: rounds.ratio(found, above, below)
        for name, (above, below) in pairs.items()
        if above in found
    }
    ratios["live_age_p99_s"] = round(lived["live_age_p99_s"], 3)
    ratios["bytes_per_zone_hour"] = found["bytes_per_zone_hour"][0]
    return {
        "ratios": ratios,
        "limits": rounds.held(ratios, LIMITS),
        "figures": {
            name: round(value, 3) for name, value in {**rounds.medians(found), **lived}.items()
        },
        "accuracy": [asdict(one) for one in exact],
        "sides": SIDES,
        "skipped": skipped,
        "runs": count,
        "machine": rounds.machine(),
    }
