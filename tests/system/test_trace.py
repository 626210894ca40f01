"""`./meguri trace` shows one request at the page, in the service and where its event is heard."""

import json
import time
from typing import Any

import httpx

from tests.platform import Platform

TRIES = 200  # one request in ten is recorded: that none of so many is happens once in a billion
WAIT_S = 20.0
DAY = {
    "visit_date": "2030-06-01", "start": {"place_id": "bus-center"}, "start_time": "09:00",
    "end_time": "12:00", "mode": "car",
}  # fmt: skip


def steps_of(platform: Platform, trace_id: str) -> list[dict[str, Any]]:
    found = json.loads(platform.run("trace", trace_id, "--json").stdout)
    assert len(found) == 1
    steps: list[dict[str, Any]] = found[0]["steps"]
    return steps


def test_a_plan_is_followed_from_the_page_to_where_it_is_heard_of(platform: Platform) -> None:
    recorded = ""
    for _ in range(TRIES):
        answer = httpx.post(f"{platform.url}/api/v1/itineraries", json=DAY, timeout=20)
        assert answer.status_code == 201
        listed = json.loads(platform.run("trace", "--json").stdout) if _ % 10 == 9 else []
        mine = [each for each in listed if each["name"] == "POST /api/v1/itineraries"]
        if mine:
            recorded = mine[0]["trace_id"]
            break
    assert recorded
    until = time.monotonic() + WAIT_S
    while len(steps := steps_of(platform, recorded)) < 3 and time.monotonic() < until:
        time.sleep(0.2)
    assert [(each["depth"], each["service"]) for each in steps[:3]] == [
        (0, "edge"), (1, "itinerary"), (2, "insights"),
    ]  # fmt: skip
    assert steps[2]["name"] == "hear itinerary_planned"
    assert not any(each["failed"] for each in steps)
