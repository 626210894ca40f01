"""A year of made-up facts, and how long its pages take.

The facts are made inside the server, month by month, evenly over the days and nine open hours: the
mix of kinds of bench.insights.mix, 40 stops, 8 languages, 60 shops, 7 tenders, 3 gates, 8 origins,
60 sights. The roll-ups are made of them by the service's own rebuilding.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import psycopg

from bench.insights.mix import ZONE
from bench.insights.pages import Analyst, times_ms
from bench.platform import Bench
from kit.auth import Caller, Minter, Role
from kit.client import sync_channel
from kit.db import Database
from kit.ids import new_id
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.insights.v1 import kpi_service_pb2 as kpi_pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub
from meguri.insights.v1.kpi_service_pb2_grpc import KpiServiceStub
from services.edge.insights.kpi.usual import usual
from services.insights.domain.months import plus
from services.insights.store import areas, facts

MONTHS = 12
AT_ONCE = 3  # months that are made side by side
TIMES = 100
DEADLINE_S = 60.0
# h: even, of the number of a fact. Values are those of the services' own words.
_MONTH = """
insert into {table}
select %(area)s, (lpad(to_hex(ms), 12, '0') || '7' || substr(digest, 1, 3) || '8'
                  || substr(digest, 4, 15))::uuid,
    case when k < 63 or k >= 97 and k < 99 or k = 99 then 'multilingual'
         when k < 94 then 'payments' else 'itinerary' end,
    case when k < 63 then 'scan_recorded' when k < 85 then 'payment_captured'
         when k = 85 then 'payment_refunded' when k = 86 then 'payment_voided'
         when k = 87 then 'payment_declined' when k < 94 then 'ticket_admitted'
         when k < 97 then 'itinerary_planned' when k < 99 then 'rating_given'
         else 'survey_answered' end,
    false, to_timestamp(ms / 1000.0), case when k between 63 and 93 then day end, day,
    extract(hour from to_timestamp(ms / 1000.0) at time zone 'Asia/Tokyo'), false,
    to_timestamp(ms / 1000.0), case when k between 63 and 87 then 100 * (1 + h %% 90) else 0 end,
    case when k between 88 and 96 then 1 + h %% 5 else 0 end,
    (case when k < 63 then '[["locale_asked", "' || asked || '"], ["locale_served", "'
              || case when h / 320 %% 10 = 0 then 'en' else asked end || '"], ["stop", "STOP-'
              || h %% 40 || '"]' || case when h / 320 %% 10 = 0 and asked <> 'en'
              then ', ["locale_missed", "' || asked || '"]' else '' end || ']'
          when k < 88 then '[["tender", "' || (array['card', 'transit_ic', 'id', 'quicpay',
              'code_payment', 'points', 'cash_record'])[1 + h %% 7] || '"], ["shop", "shop-'
              || h / 7 %% 60 || '"]]'
          when k < 94 then '[["shop", "gate-' || h %% 3 || '"], ["origin", "' || (array['JP', 'KR',
              'TW', 'US', 'HK', 'CN', 'TH', 'FR'])[1 + h / 3 %% 8] || '"]]'
          when k < 97 then '[["chosen", "poi-' || h %% 60 || '"], ["chosen", "poi-'
              || (h + 7) %% 60 || '"], ["chosen", "poi-' || (h + 19) %% 60
              || '"], ["left_out", "not_enough_time"]]'
          when k < 99 then '[["face", "STOP-' || h %% 40 || '/' || asked || '/good"]]'
          else '[["answer", "q1/o' || h %% 5 || '"], ["answer", "q2/o' || h / 5 %% 5 || '"]]'
     end)::jsonb,
    to_timestamp(ms / 1000.0), case when k < 63 then 1 + h %% 3 else 1 end
from (
    select i, md5(i::text) as digest, hashint8(i) & 2147483647 as h,
        (hashint8(i + 7) & 2147483647) %% 100 as k,
        %(first)s::date + (i / %(per_day)s)::int as day,
        (extract(epoch from (%(first)s::date + (i / %(per_day)s)::int + time '09:00')
            at time zone 'Asia/Tokyo') * 1000)::bigint
            + (i %% %(per_day)s) * 32400000 / %(per_day)s as ms,
        (array['ja', 'en', 'ko', 'zh-Hans', 'zh-Hant', 'th', 'fr', 'de'])[1 +
            (hashint8(i) & 2147483647) / 40 %% 8] as asked
    from generate_series(0::bigint, %(count)s - 1) as i
) as made
"""


def prepare(bench: Bench, count: int, tell: Callable[[str], None]) -> dict[str, float]:
    """Makes so many facts of the last twelve whole months. Returns seconds and bytes."""
    area = bench.state["area"]
    this = datetime.now(ZONE).date().replace(day=1)
    began = time.monotonic()

    def make(first: date) -> None:
        tell(f"facts of {first:%Y-%m}")
        with psycopg.connect(bench.admin_url("insights"), autocommit=True) as own:
            _make_month(own, area, first, count // MONTHS)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(make, [plus(this, -number) for number in range(MONTHS, 0, -1)]))
    made_s = time.monotonic() - began
    with psycopg.connect(bench.admin_url("insights"), autocommit=True) as connection:
        tell("roll-ups of the year are made anew from the facts")
        began = time.monotonic()
        asyncio.run(_roll_up(bench, area))
        rolled_s = time.monotonic() - began
        tell("the tables are looked over for the planner, as by itself at night")
        began = time.monotonic()
        connection.execute("vacuum (analyze) facts, day_rollups, hour_rollups")
        tell(f"made in {made_s:.0f} s, rolled up in {rolled_s:.0f} s")
        sizes = connection.execute(
            "select (select count(*) from facts where area = %(area)s),"
            " (select sum(pg_relation_size(relid)) from pg_partition_tree('facts')),"
            " (select sum(pg_total_relation_size(relid)) from pg_partition_tree('facts')),"
            " pg_total_relation_size('day_rollups') + pg_total_relation_size('hour_rollups'),"
            " (select count(*) from day_rollups where area = %(area)s)",
            {"area": area},
        ).fetchone()
    if sizes is None:
        raise RuntimeError("sizes are not told")
    return {
        "year_facts": sizes[0], "year_make_s": made_s, "year_roll_up_s": rolled_s,
        "year_vacuum_s": time.monotonic() - began, "year_facts_gb": float(sizes[1]) / 1e9,
        "year_facts_and_indexes_gb": float(sizes[2]) / 1e9,
        "year_roll_ups_mb": float(sizes[3]) / 1e6, "year_roll_up_rows": sizes[4],
    }  # fmt: skip


def _make_month(connection: psycopg.Connection, area: str, first: date, count: int) -> None:
    """Loads a part before it has indexes and hangs it in: a third of the time."""
    days = (plus(first, 1) - first).days
    part = f"facts_{first:%Y_%m}"
    connection.execute("set synchronous_commit to off")
    connection.execute("set maintenance_work_mem to '512MB'")
    connection.execute("select facts_month(%s)", (first,))
    connection.execute(f"alter table facts detach partition {part}".encode())
    indexes = connection.execute(
        "select indexrelid::regclass::text, pg_get_indexdef(indexrelid), conname from pg_index"
        " left join pg_constraint on conindid = indexrelid where indrelid = %s::regclass", (part,),
    ).fetchall()  # fmt: skip
    for name, _definition, constraint in indexes:
        drop = f"alter table {part} drop constraint {constraint}" if constraint else ""
        connection.execute((drop or f"drop index {name}").encode())
    connection.execute(
        _MONTH.format(table=part).encode(),
        {"area": area, "first": first, "count": count, "per_day": -(-count // days)},
    )
    for _name, definition, constraint in indexes:
        connection.execute(definition.encode())
        if constraint:
            connection.execute(
                f"alter table {part} add primary key using index {constraint}".encode()
            )
    connection.execute(
        f"alter table facts attach partition {part} for values from (facts_from('{first}'))"
        f" to (facts_from('{plus(first, 1)}'))".encode()
    )


async def _roll_up(bench: Bench, area: str) -> None:
    database = Database(bench.admin_url("insights"), pool_max=1)
    await database.open()
    try:
        async with database.transaction(area) as tx:
            await areas.change(tx)
            await tx.execute("set local statement_timeout = '60min'")
            await facts.rebuild_roll_ups(tx)
    finally:
        await database.close()


def _begin_book(stub: KpiServiceStub) -> None:
    """Follows the KPIs that towns usually do, four of them counted from events."""
    for kpi_id, settings in usual():
        request = kpi_pb.SaveKpiRequest(request_id=new_id(), kpi_id=kpi_id, settings=settings)
        stub.SaveKpi(request, timeout=DEADLINE_S)


def measure(bench: Bench, analyst: Analyst, tell: Callable[[str], None]) -> dict[str, float]:
    """Returns how long a month and a year of days take, as calls and as pages, and the KPI book."""
    last = datetime.now(ZONE).date().replace(day=1) - timedelta(days=1)
    spans = {"month": last.replace(day=1), "year": plus(last.replace(day=1), -(MONTHS - 1))}
    found: dict[str, float] = {}
    minter = Minter(bench.token_key.read_bytes())
    caller = Caller(bench.state["area"], "bench", frozenset({Role.ANALYST}))
    address = bench.state["grpc"]["insights"]
    with sync_channel(address, bench.tls_dir, minter.tokens_of(caller)) as channel:
        stub = InsightsServiceStub(channel)
        _begin_book(KpiServiceStub(channel))
        asked: dict[str, Callable[[], object]] = {}
        for name, first in spans.items():
            request = pb.ReadRangeRequest(from_date=first.isoformat(), until_date=last.isoformat())
            asked[f"{name}_call"] = lambda request=request: stub.ReadRange(  # type: ignore[misc] # a default
                request, timeout=DEADLINE_S
            )
            path = f"/insights/days?from={first}&until={last}"
            asked[f"{name}_page"] = lambda path=path: analyst.get(path)  # type: ignore[misc] # as above
        asked["day_page"] = lambda: analyst.get(f"/insights/days/{last}")
        asked["kpi_page"] = lambda: analyst.get("/insights/kpi")
        for name, ask in asked.items():
            found |= {f"{name}_{key}": value for key, value in times_ms(ask, TIMES).items()}
            tell(f"{name}: p95 {found[f'{name}_p95_ms']:.1f} ms")
    return found
