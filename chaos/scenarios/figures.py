"""A week of scans, plans and sales while parts are killed: what is counted is what its owners hold.

Phones without a signal report scans of the last seven days, visitors plan days, registers sell. At
the end the totals that pages tell are those of the services that own them, of each day, exactly.
"""

import http.client
import random
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chaos.crowd import Crowd
from chaos.databases import database_owner
from chaos.peers import owner_peers
from chaos.sales import make_sales
from chaos.scenarios.kills import BACK_WITHIN_S, strike
from chaos.stage import Broken, Size, Stage
from demo.play import trip
from demo.web import Browser, Unexpected
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub

KILLED = ("insights", "nats", "insights", "postgres", "insights")
DAYS = 7
BATCH = 40  # scans in a report
SAME_WITHIN_S = 90.0
ZONE = ZoneInfo("Asia/Tokyo")
AREA = "mine"

Totals = dict[tuple[str, str], int]  # (date, what) -> count


class Visitors:
    """Phones that report and plan until they are told to stop; each report until it is taken."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self._stage, self._chance = stage, random.Random(seed)
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, args=(each,), daemon=True)
            for each in (self._report, self._plan)
        ]
        self.acknowledged: Totals = {}
        self.failures: list[str] = []
        self.longest_s, self.refused = 0.0, 0  # of one question; how often the answer was none

    def __enter__(self) -> "Visitors":
        with self._browser() as browser:
            stops = browser.get("/api/v1/stops").json()["stops"]
        self._stops = [stop["stop_code"] for stop in stops]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _browser(self) -> Browser:
        url = self._stage.platform.url
        return Browser(url, url.removeprefix("http://"))

    def _keep(self, act: Any) -> None:
        while not self._ended.is_set():
            act()
            time.sleep(self._chance.uniform(0.05, 0.2))

    def _report(self) -> None:
        """Scans of any of the days; sent again, with the same ids, until they are taken."""
        now = datetime.now(UTC)
        times = [now - timedelta(hours=self._chance.uniform(0, 24 * DAYS)) for _ in range(BATCH)]
        scans = [
            {
                "scan_id": str(uuid.uuid4()), "stop_code": self._chance.choice(self._stops),
                "requested_locale": self._chance.choice(("ja", "ko", "en")),
                "served_locale": "ja", "scan_time": at.isoformat(timespec="seconds"),
                "offline": True,
            }
            for at in times
        ]  # fmt: skip
        if self._until_taken("/api/v1/scans", {"scans": scans}):
            for at in times:
                key = at.astimezone(ZONE).date().isoformat(), "scans"
                self.acknowledged[key] = self.acknowledged.get(key, 0) + 1

    def _plan(self) -> None:
        """A day by car. Not sent again: a plan that nobody was told of is there all the same."""
        asked = trip(datetime.now(ZONE), self._chance.randint(1, 4), self._chance.randrange(10**6))
        status = self._post("/api/v1/itineraries", asked)
        if status in {200, 201}:
            key = datetime.now(ZONE).date().isoformat(), "plans"
            self.acknowledged[key] = self.acknowledged.get(key, 0) + 1
        elif 400 <= status < 500 and status != 429:
            self.failures.append(f"a plan was answered with {status}")
            self._ended.wait(1.0)

    def _until_taken(self, path: str, body: dict[str, Any]) -> bool:
        while True:
            status = self._post(path, body)
            if status == 200:
                return True
            if 400 <= status < 500 and status != 429:
                self.failures.append(f"{path} was answered with {status}")
                return False
            time.sleep(0.3)

    def _post(self, path: str, body: dict[str, Any]) -> int:
        asked = time.monotonic()
        try:
            with self._browser() as browser:
                return browser.post_json(path, body).status
        except (OSError, http.client.HTTPException, Unexpected):
            self.refused += 1
            return 0  # no answer, or that something is away
        finally:
            self.longest_s = max(self.longest_s, time.monotonic() - asked)


def week(stage: Stage, size: Size) -> None:
    """Kills insights three times, NATS and PostgreSQL once. Errors: Broken."""
    sales = make_sales(size.payments, size.seed)
    with Visitors(stage, size.seed) as visitors, Crowd(stage, size, sales) as crowd:
        crowd.start()
        for number, name in enumerate(KILLED, 1):
            crowd.allow((number + 1) / (len(KILLED) + 1))
            crowd.wait_for_share(number / (len(KILLED) + 1))
            before = stage.platform.process(name)
            stage.fault(name)
            strike(stage, name)
            stage.platform.wait_healthy(name, after=before, timeout_s=BACK_WITHIN_S)
        crowd.allow(1)
        crowd.finish()
    if visitors.failures:
        raise Broken("; ".join(visitors.failures[:3]))
    stage.wait_ready()
    stage.figures["kills"] = len(KILLED)
    expect_same(stage, visitors.acknowledged)


def expect_same(stage: Stage, acknowledged: Totals) -> None:
    """Waits until what insights counts is what its owners hold. Errors: Broken."""
    ends = time.monotonic() + SAME_WITHIN_S
    while True:
        owned, counted = _owned(stage), _counted(stage)
        if owned == counted:
            break
        if time.monotonic() > ends:
            apart = {key: (owned.get(key, 0), counted.get(key, 0))
                     for key in owned.keys() | counted.keys()
                     if owned.get(key, 0) != counted.get(key, 0)}  # fmt: skip
            raise Broken(f"owned and counted: {apart}"[:600])
        time.sleep(0.5)
    lost = {key: n - owned.get(key, 0) for key, n in acknowledged.items() if n > owned.get(key, 0)}
    scans = sum(n for (_date, what), n in acknowledged.items() if what == "scans")
    stage.also += sum(acknowledged.values())
    stage.figures |= {
        "scans": scans,
        "plans": sum(n for (_date, what), n in owned.items() if what == "plans"),
        "days": len({date for date, _what in owned}),
    }  # fmt: skip
    if lost or scans != sum(n for (_date, what), n in owned.items() if what == "scans"):
        raise Broken(f"acknowledged and owned are not the same: {lost}, {scans} acknowledged")


def _owned(stage: Stage) -> Totals:
    """What the guide and the planner hold in their own tables."""
    found: Totals = {}
    for database, what, time_of, count_of in (
        ("multilingual", "scans", "scan_time", "sum(scan_count) from scans"),
        ("itinerary", "plans", "create_time", "count(*) from itineraries"),
    ):
        statement = (
            f"select ({time_of} at time zone 'Asia/Tokyo')::date, {count_of}"
            " where area = %s group by 1"
        )
        with database_owner(stage.platform, database) as owner:
            for date, count in owner.execute(statement.encode(), (AREA,)).fetchall():
                found[str(date), what] = int(str(count))
    return found


def _counted(stage: Stage) -> Totals:
    """What the pages of days tell."""
    today = datetime.now(ZONE).date()
    wanted = pb.ReadRangeRequest(
        from_date=(today - timedelta(days=DAYS + 2)).isoformat(), until_date=today.isoformat()
    )
    with owner_peers(stage.platform, AREA) as peers:
        stub = InsightsServiceStub(peers.channel("insights"))
        days = stub.ReadRange(wanted, timeout=20).days
    found: Totals = {}
    for day in days:
        for what, count in (("scans", day.scan_count), ("plans", day.plan_count)):
            if count:
                found[day.date, what] = count
    return found
