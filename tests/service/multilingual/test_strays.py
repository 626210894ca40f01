"""Codes that lead nowhere, with a real database: each batch once, bounded, forgotten."""

import pytest

from meguri.multilingual.v1 import asked_service_pb2 as pb
from services.multilingual.domain import stop_code as codes
from services.multilingual.domain import stray
from tests.service.multilingual.asking import (
    CODE,
    LOST,
    listed,
    met,
    rows,
    send,
)
from tests.service.multilingual.conftest import World, new_id, paragraph, text


async def test_a_code_that_leads_nowhere_is_told_from_ten_times_on(world: World) -> None:
    await world.load()
    await send(world, met(LOST, 4), met(LOST.lower(), 5))
    assert not (await listed(world)).items
    await send(world, met(LOST, 6, days_ago=3))
    [item] = (await listed(world)).items
    assert (item.matter, item.least_views) == (CODE, 10)  # fifteen times, told by step
    assert len(item.last_date) == len("2026-11-21")
    assert not item.stop_without_text
    assert not item.HasField("earlier_mark")


async def test_a_batch_that_is_sent_again_counts_once(world: World) -> None:
    await world.load()
    request_id, batch = new_id(), (met(LOST, 9), met("no code at all", 2), met("", 3))
    first = await send(world, *batch, request_id=request_id)
    assert (first.recorded_count, first.mistyped_count) == (9, 5)
    assert await send(world, *batch, request_id=request_id) == first
    assert (
        sum(count for _, count in rows(world, "select stop_code, seen_count from stray_codes"))
        == 14
    )


async def test_what_is_no_code_is_one_number_and_none_of_its_letters_is_kept(world: World) -> None:
    await world.load()
    await send(world, met("HANAKO", 6), met("秋芳洞", 6), met(world.code("pool"), 50))
    found = await listed(world)
    assert (found.least_mistyped, list(found.items)) == (10, [])
    assert rows(world, "select stop_code, seen_count from stray_codes") == [("", 12)]


async def test_a_code_leaves_the_list_when_its_stop_has_a_text(world: World) -> None:
    await world.load()
    hide = "update narrations set published_revision = 0 where stop_code = %s"
    rows(world, hide, world.code("hall"))
    rows(world, "update areas set change_number = change_number + 1")
    await send(world, met(world.code("hall"), 20))
    [item] = (await listed(world)).items
    assert (item.matter.stop_code, item.stop_without_text) == (world.code("hall"), True)
    revision = (
        await world.save("hall", "ja", 1, text("広間", paragraph("広い。"), reading="ひろま"))
    ).revision
    await world.publish("hall", "ja", revision, 0)
    assert not (await listed(world)).items


async def test_the_table_has_a_bound_and_forgets(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.load()
    monkeypatch.setattr("services.multilingual.store.strays.MAX_ROWS", 3)
    others = [codes.make("lost", f"sign {n}", 0) for n in range(4)]
    await send(world, met("", 1, days_ago=1), met(LOST, 5, days_ago=29))
    await send(world, *(met(code, count) for count, code in enumerate(others, start=2)))
    kept = {code for (code,) in rows(world, "select stop_code from stray_codes")}
    assert kept == {"", others[2], others[3], LOST}, "the rarest have gone"
    rows(world, "update stray_codes set seen_date = seen_date - 10")
    await send(world, met("", 1))
    assert LOST not in {code for (code,) in rows(world, "select stop_code from stray_codes")}
    await send(world, met(LOST, 5, days_ago=stray.KEEP_DAYS + 2))
    assert LOST not in {code for (code,) in rows(world, "select stop_code from stray_codes")}


async def test_nothing_of_a_visitor_can_be_kept_of_a_code(world: World) -> None:
    """The table has these columns and no others; the message these fields."""
    columns = rows(
        world,
        "select column_name from information_schema.columns"
        " where table_schema = 'public' and table_name = 'stray_codes' order by 1",
    )
    assert [name for (name,) in columns] == ["area", "seen_count", "seen_date", "stop_code"]
    assert list(pb.StrayCode.DESCRIPTOR.fields_by_name) == ["stop_code", "seen_time", "count"]
