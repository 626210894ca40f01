"""Golden Week, the burst after two buses: the design load of one area for a minute.

83 page requests a second, 33 of them scans of a stop's code; besides, each second, 2.5 plans,
1.3 payments, two batches of scans from phones that come out of the cave, and one open page of
figures. Arrivals are constant: a slow answer does not slow the next visitor down.
The gate: no failure, p95 of all requests at most 150 ms, and the arrivals kept up.

Environment: LOAD_HOST_HEADER, LOAD_CLERK_COOKIE, LOAD_ANALYST_COOKIE, LOAD_FORM_TOKEN, LOAD_SHOP,
LOAD_PAY (value of a till button), LOAD_TRIP (JSON), LOAD_REPORT (file for the result).
"""

import json
import os
import random
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from locust import FastHttpUser, events, task
from locust.env import Environment

P95_LIMIT_MS = 150
# Constant arrival is only true when it was reached: below this share the generator fell behind.
ARRIVALS_LEAST = 0.97
PAGES_PER_S, PLANS_PER_S, PAYMENTS_PER_S, REPORTS_PER_S = 83.0, 2.5, 1.3, 2.0
VISITORS, PLANNERS, TILLS, LEAVERS = 83, 5, 4, 4
LANGUAGES = (
    "ja", "ja,en-US;q=0.8", "zh-TW,zh;q=0.9,en;q=0.8", "ko-KR,ko;q=0.9", "en-US,en;q=0.9",
    "zh-CN,zh;q=0.9", "th-TH,th;q=0.9",
)  # fmt: skip
HOST = os.environ.get("LOAD_HOST_HEADER", "")
stops: list[str] = []
assets: list[str] = []


def _headers(language: str = "ja", **more: str) -> dict[str, str]:
    headers = {"Accept-Language": language, "Accept-Encoding": "gzip", **more}
    return {**headers, "Host": HOST} if HOST else headers


class _User(FastHttpUser):
    abstract = True
    network_timeout = connection_timeout = 10.0
    rate_per_s: float

    def on_start(self) -> None:
        """Takes a place of its own within the period.

        Locust starts users in bunches, and its own constant_throughput brings all of a bunch back
        to the moment of their start: each bunch would knock at once, every second anew, and
        measure its own queue.
        """
        now_s = time.monotonic()
        self._due_s = now_s + random.uniform(0, 1 / self.rate_per_s)
        time.sleep(self._due_s - now_s)

    def wait_time(self) -> float:
        """Returns the seconds until the next arrival of this user is due."""
        self._due_s += 1 / self.rate_per_s
        return max(0.0, self._due_s - time.monotonic())

    def open(self, path: str, name: str, **headers: str) -> Any:
        """Opens a page in one of the guests' languages."""
        language = random.choice(LANGUAGES)
        return self.client.get(path, name=name, headers=_headers(language, **headers))


class Visitor(_User):
    """Reads stops, looks at the home page, the plan page and how full it is."""

    fixed_count = VISITORS
    rate_per_s = PAGES_PER_S / VISITORS

    @task(33)
    def scan(self) -> None:
        """A code on the wall."""
        self.open(f"/G/{random.choice(stops)}", "/g/{stop_code}")

    @task(16)
    def style(self) -> None:
        """Style sheets, icons and scripts of a first visit."""
        self.open(random.choice(assets), "/static/…")

    @task(12)
    def home(self) -> None:
        """The first page."""
        self.open("/", "/")

    @task(8)
    def occupancy(self) -> None:
        """How full the zones are."""
        self.open("/api/v1/occupancy", "/api/v1/occupancy")

    @task(6)
    def list_stops(self) -> None:
        """All stops."""
        self.open("/g/", "/g/")

    @task(6)
    def plan_page(self) -> None:
        """The empty plan."""
        self.open("/plan", "/plan")

    @task(2)
    def stops_for_programs(self) -> None:
        """The stops as JSON."""
        self.open("/api/v1/stops", "/api/v1/stops")


class Planner(_User):
    """Plans a day."""

    fixed_count = PLANNERS
    rate_per_s = PLANS_PER_S / PLANNERS

    @task
    def plan(self) -> None:
        """One plan; parties differ, so that none is answered from memory."""
        trip = {
            **json.loads(os.environ["LOAD_TRIP"]),
            "seed": random.randrange(1_000_000),
            "start_time": f"{random.randrange(9, 12):02}:{random.randrange(60):02}",
            "interests": random.sample(("cave", "nature", "view", "history", "food"), 2),
        }
        self.client.post(
            "/api/v1/itineraries", name="POST /api/v1/itineraries", json=trip, headers=_headers()
        )


class Till(_User):
    """Takes payments as a signed-in clerk; the money is practice money."""

    fixed_count = TILLS
    rate_per_s = PAYMENTS_PER_S / TILLS

    @task
    def take(self) -> None:
        """One payment, up to the page that says what became of it."""
        cookie = {"Cookie": os.environ["LOAD_CLERK_COOKIE"]}
        with self.client.post(
            "/till/payments", name="POST /till/payments", allow_redirects=False,
            headers=_headers(Origin=f"http://{HOST}", **cookie),
            data={
                "form_token": os.environ["LOAD_FORM_TOKEN"], "request_id": str(uuid.uuid4()),
                "shop": os.environ["LOAD_SHOP"], "pay": os.environ["LOAD_PAY"],
                "amount_yen": str(random.randrange(100, 5_000)),
            },
            catch_response=True,
        ) as answer:  # fmt: skip
            path = answer.headers.get("Location", "") if answer.status_code == 303 else ""
            if not path:
                answer.failure(f"no payment: {answer.status_code}")
                return
        self.client.get(path, name="/till/payments/{id}", headers=_headers(**cookie))


class Leaver(_User):
    """Comes out of the cave: the phone reports what was read without signal."""

    fixed_count = LEAVERS
    rate_per_s = REPORTS_PER_S / LEAVERS

    @task
    def report(self) -> None:
        """One batch."""
        now = datetime.now(UTC)
        scans = [
            {
                "scan_id": str(uuid.uuid4()), "stop_code": random.choice(stops),
                "requested_locale": "zh-TW", "served_locale": "zh-Hant", "offline": True,
                "scan_time": (now - timedelta(minutes=4 * i)).isoformat(),
            }
            for i in range(4)
        ]  # fmt: skip
        with self.client.post(
            "/api/v1/scans", name="POST /api/v1/scans", json={"scans": scans},
            headers=_headers(), catch_response=True,
        ) as answer:  # fmt: skip
            if answer.status_code != 200 or answer.json()["recorded"] != len(scans):
                answer.failure(f"scans not recorded: {answer.status_code}")


class Analyst(_User):
    """Leaves the page of figures open."""

    fixed_count = 1
    rate_per_s = 0.2

    @task
    def watch(self) -> None:
        """The poll of its script."""
        cookie = {"Cookie": os.environ["LOAD_ANALYST_COOKIE"]}
        self.client.get("/insights/live", name="/insights/live", headers=_headers(**cookie))


@events.test_start.add_listener  # type: ignore[untyped-decorator] # a hook of locust
def _learn(**_: Any) -> None:
    stops.extend(json.loads(os.environ["LOAD_STOPS"]))
    assets.extend(json.loads(os.environ["LOAD_ASSETS"]))


@events.quitting.add_listener  # type: ignore[untyped-decorator] # a hook of locust
def _gate(environment: Environment, **_: Any) -> None:
    total = environment.stats.total
    elapsed_s = max((total.last_request_timestamp or 0) - total.start_time, 1.0)
    expected = (PAGES_PER_S + PLANS_PER_S + 2 * PAYMENTS_PER_S + REPORTS_PER_S + 0.2) * elapsed_s
    p50_ms, p95_ms, p99_ms = (
        round(total.get_response_time_percentile(share) or 0) for share in (0.5, 0.95, 0.99)
    )
    kept_up = total.num_requests >= ARRIVALS_LEAST * expected
    passed = total.num_failures == 0 and p95_ms <= P95_LIMIT_MS and kept_up
    report = {
        "scenario": "golden_week",
        "passed": passed,
        "requests": total.num_requests,
        "failures": total.num_failures,
        "requests_per_s": round(total.num_requests / elapsed_s, 1),
        "expected_per_s": round(expected / elapsed_s, 1),
        "duration_s": round(elapsed_s, 1),
        "p50_ms": p50_ms,
        "p95_ms": p95_ms,
        "p99_ms": p99_ms,
        "max_ms": round(total.max_response_time),
        "limit_p95_ms": P95_LIMIT_MS,
        "by_request": {entry.name: _figures(entry) for entry in environment.stats.entries.values()},
        "errors": [
            f"{e.name}: {e.error} ({e.occurrences}×)" for e in environment.stats.errors.values()
        ],
    }
    Path(os.environ["LOAD_REPORT"]).write_text(json.dumps(report, ensure_ascii=False))
    environment.process_exit_code = 0 if passed else 1


def _figures(entry: Any) -> dict[str, Any]:
    return {
        "requests": entry.num_requests,
        "failures": entry.num_failures,
        "p50_ms": round(entry.get_response_time_percentile(0.5) or 0),
        "p95_ms": round(entry.get_response_time_percentile(0.95) or 0),
        "p99_ms": round(entry.get_response_time_percentile(0.99) or 0),
    }
