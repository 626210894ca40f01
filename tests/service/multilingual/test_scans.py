"""Scans are counted exactly once and keep nothing of the person."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from google.protobuf.timestamp_pb2 import Timestamp

from kit.auth import Role
from kit.db import Database
from kit.migrate import migrate
from meguri.multilingual.v1 import multilingual_events_pb2 as said
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from tests.servers import ServiceDatabases
from tests.service.multilingual.conftest import TIMEOUT_S, World, new_id, refused

HEADER = "zh-Hant-TW-u-nu-hanidec,zh;q=0.9"


def scan(world: World, name: str = "pool", **more: Any) -> pb.Scan:
    given = {"scan_id": new_id(), "stop_code": world.code(name), "requested_locale": HEADER,
             "served_locale": "zh-Hant", **more}  # fmt: skip
    return pb.Scan(**given)


async def record(world: World, *scans: pb.Scan, request_id: str = "") -> pb.RecordScansResponse:
    request = pb.RecordScansRequest(request_id=request_id or new_id(), scans=scans)
    answer: pb.RecordScansResponse = await world.visitor.RecordScans(request, timeout=TIMEOUT_S)
    return answer


async def test_a_scan_sent_twice_counts_once(world: World) -> None:
    await world.load()
    first, second = scan(world), scan(world, "fall")
    assert (await record(world, first)).recorded_count == 1
    answer = await record(world, first, second, second)
    assert (answer.recorded_count, answer.repeated_count) == (1, 2)
    heard = await world.it.heard(world.area, "scan_recorded", 2)
    bodies = [said.ScanRecorded.FromString(each.data) for each in heard]
    assert {each.scan_id for each in bodies} == {first.scan_id, second.scan_id}
    assert bodies[0].requested_locale == "zh-Hant"
    assert bodies[0].served_locale == "zh-Hant"
    assert bodies[0].place_id == "cave/pool"


async def test_the_same_request_gets_the_first_answer(world: World) -> None:
    await world.load()
    one, request_id = scan(world), new_id()
    answers = [await record(world, one, request_id=request_id) for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0].recorded_count == 1
    other = pb.RecordScansRequest(request_id=request_id, scans=[scan(world)])
    assert (await refused(world.visitor.RecordScans(other, timeout=TIMEOUT_S)))[1] == (
        "REQUEST_ID_REUSED"
    )


async def test_only_our_own_programs_count_many_as_one(world: World) -> None:
    await world.load()
    many = scan(world, scan_count=40)
    [rejected] = (await record(world, many)).rejected
    assert rejected.reason == "SCAN_COUNT_INVALID"
    request = pb.RecordScansRequest(request_id=new_id(), scans=[many])
    answer = await world.stub(Role.SERVICE).RecordScans(request, timeout=TIMEOUT_S)
    assert answer.recorded_count == 1
    [heard] = await world.it.heard(world.area, "scan_recorded", 1)
    assert said.ScanRecorded.FromString(heard.data).scan_count == 40


async def test_many_clients_with_the_same_scans_at_once(world: World) -> None:
    await world.load()
    scans = [scan(world, ("pool", "fall", "hall")[at % 3]) for at in range(60)]
    answers = await asyncio.gather(*(record(world, *scans) for _ in range(6)))
    assert sum(answer.recorded_count for answer in answers) == 60
    assert sum(answer.repeated_count for answer in answers) == 300


async def test_bad_scans_are_told_apart_and_the_rest_is_kept(world: World) -> None:
    await world.load()
    old = Timestamp()
    old.FromDatetime(datetime.now(UTC) - timedelta(days=40))
    code = world.code("pool")
    answer = await record(
        world,
        scan(world),
        scan(world, scan_id="not-a-uuid"),
        scan(world, stop_code=code[1] + code[0] + code[2:] if code[0] != code[1] else "11111"),
        scan(world, stop_code="00000"),
        scan(world, scan_time=old),
    )
    assert answer.recorded_count == 1
    assert [each.reason for each in answer.rejected] == [
        "SCAN_ID_INVALID", "STOP_CODE_MISTYPED", "STOP_CODE_UNKNOWN", "SCAN_TOO_OLD",
    ]  # fmt: skip
    assert [bool(each.scan_id) for each in answer.rejected] == [False, True, True, True]
    database = Database(world.database_url)
    await database.open()
    async with database.read(world.area) as tx:
        kept = await tx.fetch_all("select answer::text from requests")
    await database.close()
    assert any("SCAN_ID_INVALID" in each["answer"] for each in kept)
    assert not any("not-a-uuid" in each["answer"] for each in kept)


async def test_a_scan_with_a_card_s_number_holds_up_no_other_and_leaves_nothing(
    world: World,
) -> None:
    await world.load()
    card = "4111 1111 1111 1111"
    answer = await record(
        world,
        scan(world, scan_id=card),
        scan(world, stop_code=card),
        scan(world, requested_locale=card),
        scan(world),
    )
    assert answer.recorded_count == 2
    assert [each.reason for each in answer.rejected] == ["SCAN_ID_INVALID", "STOP_CODE_MISTYPED"]
    # The ids of the other scans are random, and some have these digits in them.
    assert "4111" not in re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", str(answer))


async def test_a_phone_with_a_clock_ahead_counts_as_now(world: World) -> None:
    await world.load()
    ahead = Timestamp()
    ahead.FromDatetime(datetime.now(UTC) + timedelta(hours=3))
    await record(world, scan(world, scan_time=ahead, offline=True))
    [message] = await world.it.heard(world.area, "scan_recorded", 1)
    body = said.ScanRecorded.FromString(message.data)
    assert body.offline
    assert body.scan_time.ToDatetime(tzinfo=UTC) <= datetime.now(UTC)


async def test_a_batch_has_a_bound(world: World) -> None:
    await world.load()
    request = pb.RecordScansRequest(request_id=new_id(), scans=[scan(world) for _ in range(501)])
    assert (await refused(world.visitor.RecordScans(request, timeout=TIMEOUT_S)))[1] == (
        "INVALID_FIELDS"
    )


async def test_nothing_of_the_person_is_stored(world: World) -> None:
    """Neither table nor outbox keeps what a header says beyond a language we know."""
    await world.load()
    await record(world, scan(world))
    database = Database(world.database_url)
    await database.open()
    async with database.read(world.area) as tx:
        [row] = await tx.fetch_all("select * from scans")
        bodies = await tx.fetch_all("select body from outbox where type = 'scan_recorded'")
    await database.close()
    assert set(row) == {
        "area", "scan_id", "stop_code", "requested_locale", "served_locale", "scan_time", "offline",
        "scan_count",
    }  # fmt: skip
    assert row["requested_locale"] == "zh-Hant"
    assert all(b"hanidec" not in bytes(each["body"]) for each in bodies)


def test_what_was_kept_before_is_cut_too(service_databases: ServiceDatabases) -> None:
    """Rows of the revision before, with tags as phones sent them."""
    sent = {"zh-Hant-TW": "zh-Hant", "zh-TW": "zh-Hant", "zh-CN": "zh-Hans", "en-GB": "en",
            "pt-BR": "pt", "xx-Hanako": "other", "": ""}  # fmt: skip
    try:
        url = service_databases.make_at("multilingual", "0008")
        with psycopg.connect(url) as old:
            old.execute("select set_config('meguri.area', '*', true)")
            old.execute("insert into areas (area, locales) values ('mine', '{ja,pt}')")
            for tag in sent:
                old.execute(
                    "insert into scans (area, scan_id, stop_code, requested_locale, served_locale,"
                    " scan_time, offline) values ('mine', %s, 'K7Q2X', %s, %s, now(), false)",
                    (new_id(), tag, tag),
                )
            old.execute(
                "insert into replies (area, reply_id, locale, answers, reply_time)"
                " values ('mine', %s, 'xx-Hanako', '{}', now())", (new_id(),),
            )  # fmt: skip
        assert migrate("multilingual", url)
        with psycopg.connect(url) as new:
            new.execute("select set_config('meguri.area', '*', true)")
            rows = new.execute("select requested_locale, served_locale from scans").fetchall()
            assert sorted(rows) == sorted((each, each) for each in sent.values())
            assert new.execute("select locale from replies").fetchall() == [("und",)]
    finally:
        service_databases.drop_made()
