"""Areas of one installation are apart in every table, in what is heard, and in Valkey."""

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import pytest
import redis
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from infra.local.table import SERVICES
from kit.bus import Bus, Consumer, Delivery, Hearing
from kit.clock import SystemClock
from kit.db import Database, Transaction
from kit.ids import new_id
from meguri.directory.v1 import directory_events_pb2 as told
from services.visitor_sense.gateways.live import ValkeyLive
from tests import harness
from tests.servers import ServiceDatabases
from tests.service.kit.parts import until

# Tables whose first key is not the area, and why that tells nobody of another area.
BY_ANOTHER_KEY = {
    "outbox": "a line in the order of its numbers, which the relay takes for all areas",
    "hosts": "the area is what is looked for: a host name belongs to one area of an installation",
    "sign_in_attempts": "no key",
    "sign_in_tries": "no key",
    "stops": "printed codes are unique in an installation: a sign leads where it says",
}
UNIQUE_ACROSS = {"stops_stop_code_key", "hosts_pkey", "outbox_pkey", "outbox_event_id_key"}
OWN = (
    "((area = current_setting('meguri.area'::text, true))"
    " OR (current_setting('meguri.area'::text, true) = '*'::text))"
)
TABLES = """
select c.relname, c.relrowsecurity and c.relforcerowsecurity,
    (select attnotnull from pg_attribute where attrelid = c.oid and attname = 'area'),
    (select array_agg(concat_ws(' | ', polcmd, polpermissive, pg_get_expr(polqual, polrelid),
        pg_get_expr(polwithcheck, polrelid))) from pg_policy where polrelid = c.oid)
from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
    and relname <> 'alembic_version' order by 1
"""
UNIQUE = """
select i.indexrelid::regclass::text, i.indrelid::regclass::text, a.attname
from pg_index i join pg_class c on c.oid = i.indrelid
    left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
where c.relnamespace = 'public'::regnamespace and i.indisunique
    and c.relname <> 'alembic_version'
"""
BESIDE = """
select (select count(*) from pg_class where relnamespace = 'public'::regnamespace
        and (relkind in ('m', 'f') or relowner <> current_user::regrole
            or relkind = 'v' and not coalesce('security_invoker=true' = any(reloptions), false))),
    (select count(*) from pg_proc where pronamespace = 'public'::regnamespace and prosecdef),
    (select rolsuper or rolbypassrls from pg_roles where rolname = current_user)
"""


@pytest.fixture(params=SERVICES)
def store(
    request: pytest.FixtureRequest, service_databases: ServiceDatabases
) -> Iterator["psycopg.Connection[Any]"]:
    """A connection to a service's database, as the service has it."""
    connection = psycopg.connect(service_databases.make(request.param), autocommit=True)
    yield connection
    connection.close()
    service_databases.drop_made()


def test_every_table_shows_and_takes_rows_of_one_area_alone(
    store: "psycopg.Connection[Any]",
) -> None:
    tables = store.execute(TABLES.encode()).fetchall()
    assert len(tables) > 10
    for name, forced, has_area, policies in tables:
        assert forced, name
        assert has_area, name
        assert policies == [f"* | t | {OWN} | {OWN}"], name
    # Nothing goes around them: no copy, no view or function with rights of its own, no role above.
    assert store.execute(BESIDE.encode()).fetchone() == (0, 0, False)


def test_nobody_writes_a_row_of_another_area(store: "psycopg.Connection[Any]") -> None:
    store.execute("select set_config('meguri.area', 'mine', false)")
    for name, *_ in store.execute(TABLES.encode()).fetchall():
        # What else the row lacks is only looked at afterwards.
        insert = sql.SQL("insert into {} (area) values ('other')").format(sql.Identifier(name))
        with pytest.raises(InsufficientPrivilege, match="row-level security"):
            store.execute(insert)


def test_without_an_area_there_is_nothing(store: "psycopg.Connection[Any]") -> None:
    name = sql.Identifier("outbox")
    for area in ("mine", "other"):
        store.execute("select set_config('meguri.area', %s, false)", (area,))
        store.execute(
            "insert into outbox (area, event_id, type, aggregate_id, version, occur_time,"
            " traceparent, body) values (%s, gen_random_uuid(), 'x', 'x', 1, now(), '', '')",
            (area,),
        )
        found = store.execute(sql.SQL("select area from {}").format(name)).fetchall()
        assert found == [(area,)]
        touched = store.execute(sql.SQL("update {} set version = version + 1").format(name))
        assert touched.rowcount == 1
    store.execute("select set_config('meguri.area', '', false)")
    assert store.execute(sql.SQL("select area from {}").format(name)).fetchall() == []


def test_the_area_leads_every_key(store: "psycopg.Connection[Any]") -> None:
    """Else a name taken in one area would be refused in another, which tells of it."""
    led = {name: (table, first) for name, table, first in store.execute(UNIQUE.encode())}
    odd = {name for name, (_, first) in led.items() if first != "area"}
    assert odd <= UNIQUE_ACROSS
    assert {led[name][0] for name in odd} <= set(BY_ANOTHER_KEY)


async def test_who_hears_an_event_is_in_its_area_whatever_the_event_says(
    database: Database, bus: Bus, area: str, nats_url: str
) -> None:
    seen: list[tuple[str, list[str]]] = []

    async def look(tx: Transaction, delivery: Delivery, _body: Any) -> None:
        rows = await tx.fetch_all("select area from inbox")
        seen.append((delivery.area, [row["area"] for row in rows]))

    hearing = Hearing("directory", "area_configured", told.AreaConfigured, look)
    consumer = Consumer(bus, database, "kit_test", "directory", [hearing])
    task = asyncio.create_task(consumer.run())
    try:
        body = told.AreaConfigured()
        body.area.area = "other"  # what it says of itself counts for nothing
        for where in (area, f"{area}x", area):
            await harness.say(nats_url, where, "directory", "area_configured", body)
        await until(lambda: len(seen) == 3)
    finally:
        task.cancel()
    assert {where for where, _ in seen} == {area, f"{area}x"}
    assert all(set(rows) == {where} for where, rows in seen)


async def test_live_figures_of_one_area_are_no_other_s(valkey_server: str) -> None:
    live, mine, other = ValkeyLive(valkey_server), f"a{new_id()[:8]}", f"b{new_id()[:8]}"
    now, client = SystemClock().now(), redis.Redis.from_url(valkey_server)
    minute, before = int(now.timestamp()) // 60, set(client.scan_iter())
    try:
        await live.add(mine, {("gate", minute): np.arange(40, dtype=np.uint64)})
        await live.add(other, {("gate", minute): np.arange(3, dtype=np.uint64)})
        made = set(client.scan_iter()) - before
        await live.mark_complete()
        counts = [await live.count(each, ["gate"], now) for each in (mine, other)]
    finally:
        await live.close()
        client.close()
    assert {key.split(b":")[1].decode() for key in made} == {mine, other}
    assert 36 <= counts[0]["gate"] <= 44  # an estimate
    assert counts[1] == {"gate": 3}
