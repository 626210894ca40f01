"""A week of scans, plans and sales while parts are killed: what is counted is what its owners hold.

Phones without a signal report scans of the last seven days, visitors plan days, registers sell. At
the end the totals that pages tell are those of the services that own them, of each day, exactly.
"""

import time
from datetime import datetime, timedelta

from chaos.crowd import Crowd
from chaos.databases import database_owner
from chaos.left import missing, too_few, too_many
from chaos.peers import owner_peers
from chaos.sales import make_sales
from chaos.scenarios.kills import kill_and_wait
from chaos.stage import Broken, Size, Stage
from chaos.visitors import BATCH, DAYS, LEAST, LOG, ZONE, Visitors
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub

KILLED = ("insights", "nats", "insights", "postgres", "insights")
SAME_WITHIN_S = 90.0
AREA = "mine"

# What visitors left -> database, the statement that lists its ids and how often each counts.
KEPT = {
    "scans": ("multilingual", b"select scan_id::text, scan_count from scans where area = %s"),
    "plans": ("itinerary", b"select itinerary_id::text, 1 from itineraries where area = %s"),
}

Totals = dict[tuple[str, str], int]  # (date, what) -> count


def week(stage: Stage, size: Size) -> None:
    """Kills insights three times, NATS and PostgreSQL once. Errors: Broken."""
    sales = make_sales(size.payments, size.seed)
    with Visitors(stage, size.seed), Crowd(stage, size, sales) as crowd:
        crowd.start()
        for number, name in enumerate(KILLED, 1):
            crowd.allow((number + 1) / (len(KILLED) + 1))
            crowd.wait_for_share(number / (len(KILLED) + 1))
            kill_and_wait(stage, name)
        crowd.allow(1)
        crowd.finish()
    stage.wait_ready()
    stage.figures["kills"] = len(KILLED)
    expect_same(stage)


def expect_same(stage: Stage) -> None:
    """Waits until what insights counts is what its owners hold, and compares what they hold with
    what visitors were told, id by id. Errors: Broken."""
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
    told: dict[str, list[str]] = {what: [] for what in KEPT}
    for line in stage.lines(LOG):
        told[line["what"]] += line["ids"]
    stage.also += sum(map(len, told.values()))
    stage.figures |= {
        **{what: len(ids) for what, ids in told.items()},
        "days": len({date for date, _what in owned}),
    }
    few = too_few({"reports": len(told["scans"]) // BATCH, "plans": len(told["plans"])}, LEAST)
    for what, ids in told.items():
        kept = _kept(stage, what)
        stage.lost += missing(what, ids, kept)
        stage.doubled += too_many(what, ids, kept)
    if few:
        raise Broken("; ".join(few))


def _kept(stage: Stage, what: str) -> dict[str, int]:
    database, statement = KEPT[what]
    with database_owner(stage.platform, database) as owner:
        return {str(name): int(str(count))
                for name, count in owner.execute(statement, (AREA,)).fetchall()}  # fmt: skip


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
