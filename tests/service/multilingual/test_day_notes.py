"""Day notes with a real database and real events: said once, seen at once, over at midnight."""

import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import grpc
import pytest

from kit.auth import Role
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import day_note_service_pb2 as pb
from meguri.multilingual.v1 import day_note_service_pb2_grpc as pb_grpc
from meguri.multilingual.v1 import multilingual_events_pb2 as said
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from tests.service.multilingual.conftest import TIMEOUT_S, World, new_id, refused
from tests.service.multilingual.test_hearing import until

JA = pb.DayNoteText(locale="ja", text="本日の最終バスは16時20分です。")
EN = pb.DayNoteText(locale="en", text="The last bus leaves at 16:20.", machine_draft=True)


def notes(world: World, role: Role = Role.EDITOR) -> Any:
    return pb_grpc.DayNoteServiceStub(world.it.channel(world.area, role, principal="hanako"))


def wanted(*texts: pb.DayNoteText, place: str = "", **more: Any) -> pb.WriteDayNoteRequest:
    return pb.WriteDayNoteRequest(
        request_id=new_id(), place_id=place, texts=texts or (JA, EN), **more
    )


async def write(world: World, *texts: pb.DayNoteText, place: str = "", **more: Any) -> pb.DayNote:
    request = wanted(*texts, place=place, **more)
    note: pb.DayNote = (await notes(world).WriteDayNote(request, timeout=TIMEOUT_S)).note
    return note


async def withdraw(world: World, note_id: str) -> Any:
    request = pb.WithdrawDayNoteRequest(request_id=new_id(), note_id=note_id)
    return await notes(world).WithdrawDayNote(request, timeout=TIMEOUT_S)


async def test_a_note_is_on_every_page_with_its_language_and_its_end(world: World) -> None:
    await world.load()
    before = await world.read("pool")
    note = await write(world)
    for name in ("pool", "fall", "hall", "bat"):
        [shown] = (await world.read(name, "en")).day_notes
        assert (shown.text.text, shown.text.locale) == (EN.text, "en")
        assert shown.text.machine_draft
    stop = await world.read("pool", "zh-TW")
    [shown] = stop.day_notes
    assert (shown.text.locale, shown.text.fallback) == ("en", True)  # English before Japanese
    assert shown.as_of_time == note.create_time
    assert stop.fresh_until_time == note.until_time == shown.until_time
    local = note.until_time.ToDatetime(tzinfo=UTC).astimezone(ZoneInfo("Asia/Tokyo"))
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    assert stop.etag_basis != before.etag_basis
    request = guide_pb.ListStopsRequest(chosen_locale="ja")
    listed = await world.visitor.ListStops(request, timeout=TIMEOUT_S)
    assert [each.text.text for each in listed.day_notes] == [JA.text]
    assert listed.fresh_until_time == note.until_time


async def test_a_change_of_notes_counts_for_the_pages_it_touches(world: World) -> None:
    await world.load()
    listed = await world.visitor.ListStops(guide_pb.ListStopsRequest(), timeout=TIMEOUT_S)

    async def changed() -> tuple[int, set[str]]:
        request = guide_pb.ListStopChangesRequest(since_change_number=listed.change_number)
        answer = await world.visitor.ListStopChanges(request, timeout=TIMEOUT_S)
        return answer.change_number, {each.stop_code for each in answer.stops}

    note = await write(world, place="cave/pool", affected_place_ids=["cave/fall"])
    codes = {world.code("pool"), world.code("fall")}
    assert await changed() == (listed.change_number + 1, codes)
    assert set(note.stop_codes) == codes
    assert not (await world.read("hall")).day_notes
    await withdraw(world, note.note_id)
    assert await changed() == (listed.change_number + 2, codes)
    assert not (await world.read("pool")).day_notes


async def test_it_is_said_once_with_its_event_and_taken_back_once(world: World) -> None:
    await world.load()
    request = wanted()
    first = await notes(world).WriteDayNote(request, timeout=TIMEOUT_S)
    assert await notes(world).WriteDayNote(request, timeout=TIMEOUT_S) == first
    back = await withdraw(world, first.note.note_id)
    again = await withdraw(world, first.note.note_id)  # another request: nothing left to take back
    assert back.note.withdraw_time == again.note.withdraw_time
    messages = await world.it.heard(world.area, "day_note_changed", 2)
    told = [said.DayNoteChanged.FromString(each.data) for each in messages]
    assert [each.withdrawn for each in told] == [False, True]
    assert {each.note_id for each in told} == {first.note.note_id}
    assert list(told[0].locales) == ["ja", "en"]
    assert len(told[0].stop_codes) == 4
    assert told[0].until_time == first.note.until_time
    listed = await notes(world).ListDayNotes(pb.ListDayNotesRequest(), timeout=TIMEOUT_S)
    assert [each.HasField("withdraw_time") for each in listed.notes] == [True]
    assert listed.until_time == first.note.until_time


async def test_midnight_is_that_of_the_area(world: World) -> None:
    await world.load()
    area = directory_pb.Area(
        area=world.area, time_zone="America/St_Johns", locales=["ja", "en"], version=1
    )
    said_area = directory.AreaConfigured(area=area)
    await world.it.say(world.area, "directory", "area_configured", said_area)

    async def there() -> bool:
        found = await notes(world).ListDayNotes(pb.ListDayNotesRequest(), timeout=TIMEOUT_S)
        at: datetime = found.until_time.ToDatetime(tzinfo=UTC)
        return at.astimezone(ZoneInfo("America/St_Johns")).hour == 0 and at.minute == 30

    await until(there)


async def test_what_cannot_be_kept_changes_nothing(world: World) -> None:
    await world.load()
    before = await world.visitor.ListStops(guide_pb.ListStopsRequest(), timeout=TIMEOUT_S)
    for texts in ((), (EN,), (JA, JA), (pb.DayNoteText(locale="ja", text="あ" * 201),)):
        request = pb.WriteDayNoteRequest(request_id=new_id(), texts=texts)
        problem = await refused(notes(world).WriteDayNote(request, timeout=TIMEOUT_S))
        assert problem == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS")
    card = pb.DayNoteText(locale="ja", text="4242 4242 4242 4242")
    problem = await refused(notes(world).WriteDayNote(wanted(card), timeout=TIMEOUT_S))
    assert problem[1] == "CARD_NUMBER_TYPED"
    for note_id in ("", "x", str(uuid.uuid4())):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await withdraw(world, note_id)
        assert error.value.code() is grpc.StatusCode.NOT_FOUND
    after = await world.visitor.ListStops(guide_pb.ListStopsRequest(), timeout=TIMEOUT_S)
    assert after == before


async def test_an_area_has_no_more_than_a_page_of_them(world: World) -> None:
    await world.load()
    made = [await write(world, JA) for _ in range(20)]
    full = await refused(notes(world).WriteDayNote(wanted(), timeout=TIMEOUT_S))
    assert full == (grpc.StatusCode.FAILED_PRECONDITION, "DAY_NOTES_FULL")
    await withdraw(world, made[0].note_id)
    await write(world)


async def test_visitors_write_nothing_and_no_area_sees_another_ones(world: World) -> None:
    await world.load()
    await write(world)
    for role in (Role.VISITOR, Role.CLERK, Role.ANALYST):
        problem = await refused(notes(world, role).WriteDayNote(wanted(), timeout=TIMEOUT_S))
        assert problem[0] is grpc.StatusCode.PERMISSION_DENIED
    other = pb_grpc.DayNoteServiceStub(world.it.channel("another", Role.EDITOR))
    listed = await other.ListDayNotes(pb.ListDayNotesRequest(), timeout=TIMEOUT_S)
    assert not listed.notes
