"""How old the live page is: from a phone's report at the edge to the page that counts it.

The report goes the whole way: edge, multilingual and its outbox, NATS, insights, edge.
"""

import json
import random
import statistics
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from bench.insights.pages import Analyst

BEATS = 100
LOOK_S = 0.02
LONGEST_S = 30.0


def measure(analyst: Analyst, tell: Callable[[str], None]) -> dict[str, float]:
    """Returns percentiles in seconds. Errors: RuntimeError when a report is never counted."""
    tell("reports of phones until the live page counts them")
    stop = json.loads(analyst.get("/api/v1/stops"))["stops"][0]["stop_code"]
    chance, found = random.Random(1), []
    for _ in range(BEATS):
        seen = analyst.get("/insights/live")
        said = json.dumps({"scans": [{
            "scan_id": str(uuid.uuid4()), "stop_code": stop, "requested_locale": "ja",
            "served_locale": "ja", "scan_time": datetime.now(UTC).isoformat(timespec="seconds"),
        }]})  # fmt: skip
        began = time.monotonic()
        analyst.post_json("/api/v1/scans", said.encode())
        while analyst.get("/insights/live") == seen:
            if time.monotonic() - began > LONGEST_S:
                raise RuntimeError("a report was never counted")
            time.sleep(LOOK_S)
        found.append(time.monotonic() - began)
        time.sleep(chance.uniform(0.05, 0.3))
    quantiles = statistics.quantiles(found, n=20)
    return {
        "live_page_p50_s": quantiles[9], "live_page_p95_s": quantiles[18],
        "live_page_worst_s": max(found), "live_page_beats": BEATS,
    }  # fmt: skip
