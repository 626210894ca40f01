"""The tour with a real database and real events: order, new stops, old signs."""

from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.db import Database
from meguri.multilingual.v1 import multilingual_events_pb2 as said
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import sign_service_pb2 as sign_pb
from meguri.multilingual.v1 import sign_service_pb2_grpc as sign_grpc
from meguri.multilingual.v1 import tour_service_pb2 as pb
from meguri.multilingual.v1 import tour_service_pb2_grpc as pb_grpc
from services.multilingual.domain import stop_code as codes
from tests.service.multilingual.conftest import (
    TIMEOUT_S,
    World,
    new_id,
    paragraph,
    refused,
    small_area,
    text,
)


def tour(world: World, *roles: Role) -> Any:
    channel = world.it.channel(world.area, *(roles or (Role.EDITOR,)), principal="hanako")
    return pb_grpc.TourServiceStub(channel)


async def order(world: World) -> list[str]:
    """Returns the names on the way, as the studio lists them."""
    answer = await tour(world).ReadTour(pb.ReadTourRequest(), timeout=TIMEOUT_S)
    return [
        each.name for each in answer.stops
        if each.group == guide_pb.STOP_GROUP_ROUTE and not each.HasField("retire_time")
    ]  # fmt: skip


async def listed(world: World) -> guide_pb.ListStopsResponse:
    request = guide_pb.ListStopsRequest(chosen_locale="ja")
    answer: guide_pb.ListStopsResponse = await world.visitor.ListStops(request, timeout=TIMEOUT_S)
    return answer


async def move(world: World, name: str, after: str = "", request_id: str = "") -> Any:
    request = pb.MoveStopRequest(
        request_id=request_id or new_id(), stop_code=world.code(name),
        after_stop_code=world.code(after) if after else "",
    )  # fmt: skip
    return await tour(world).MoveStop(request, timeout=TIMEOUT_S)


async def retire(world: World, name: str, target: str = "", request_id: str = "") -> Any:
    request = pb.RetireStopRequest(
        request_id=request_id or new_id(), stop_code=world.code(name),
        target_stop_code=world.code(target) if target else "", reason=pb.RETIRE_REASON_MERGED,
    )  # fmt: skip
    return await tour(world).RetireStop(request, timeout=TIMEOUT_S)


async def bring_back(world: World, name: str) -> Any:
    request = pb.BringBackStopRequest(request_id=new_id(), stop_code=world.code(name))
    return await tour(world).BringBackStop(request, timeout=TIMEOUT_S)


async def changes(world: World, since: int, mark: str) -> guide_pb.ListStopChangesResponse:
    request = guide_pb.ListStopChangesRequest(since_change_number=since, since_mark=mark)
    answer: guide_pb.ListStopChangesResponse
    answer = await world.visitor.ListStopChanges(request, timeout=TIMEOUT_S)
    return answer


async def test_a_stop_moves_and_moves_back(world: World) -> None:
    await world.load()
    assert await order(world) == ["池", "滝", "広間"]
    done = await move(world, "hall")
    assert await order(world) == ["広間", "池", "滝"]
    stop = await world.read("pool")
    assert (stop.position, stop.previous.stop_code) == (2, world.code("hall"))
    assert done.before_after_stop_code == world.code("fall")
    await move(world, "hall", "fall")
    assert await order(world) == ["池", "滝", "広間"]


async def test_a_repeat_moves_once(world: World) -> None:
    await world.load()
    key = new_id()
    first = await move(world, "hall", request_id=key)
    await move(world, "pool")
    again = await move(world, "hall", request_id=key)
    assert again == first
    assert await order(world) == ["池", "広間", "滝"]


async def test_a_load_leaves_what_somebody_arranged(world: World) -> None:
    await world.load()
    await move(world, "hall")
    await retire(world, "fall", "pool")
    await world.admin.ImportStops(small_area(world.area), timeout=TIMEOUT_S)
    assert await order(world) == ["広間", "池"]


async def test_bad_moves_change_nothing(world: World) -> None:
    await world.load()
    before = (await listed(world)).change_number
    for stop, after, reason in (
        ("pool", "bat", "INVALID_FIELDS"), ("pool", "pool", "INVALID_FIELDS"),
        ("nothing", "", "STOP_CODE_UNKNOWN"),
    ):  # fmt: skip
        assert (await refused(move(world, stop, after)))[1] == reason
    assert (await listed(world)).change_number == before
    assert await order(world) == ["池", "滝", "広間"]


def new_stop(world: World, **more: Any) -> pb.AddStopRequest:
    given: dict[str, Any] = {
        "request_id": new_id(), "place_id": "cave/new", "group": guide_pb.STOP_GROUP_ROUTE,
        "kind": "column", "section_id": "first", "after_stop_code": world.code("pool"),
        "route_m": 20, "name": "新しい柱", "reading": "あたらしいはしら",
    }  # fmt: skip
    return pb.AddStopRequest(**(given | more))


async def test_a_new_stop_has_a_code_and_is_seen_once_its_text_is(world: World) -> None:
    await world.load()
    request = new_stop(world)
    stop = (await tour(world).AddStop(request, timeout=TIMEOUT_S)).stop
    assert codes.read(stop.stop_code) == stop.stop_code  # its check character holds
    assert (stop.published, stop.name, stop.route_m) == (False, "新しい柱", 20)
    assert (await tour(world).AddStop(request, timeout=TIMEOUT_S)).stop == stop
    assert await order(world) == ["池", "新しい柱", "滝", "広間"]
    assert len((await listed(world)).stops) == 4
    body = text("新しい柱", paragraph("高い柱です。"), reading="あたらしいはしら")
    saved = guide_pb.SaveDraftRequest(
        request_id=new_id(), stop_code=stop.stop_code, locale="ja", base_revision=1, text=body
    )
    await world.editor.SaveDraft(saved, timeout=TIMEOUT_S)
    shown = guide_pb.PublishNarrationRequest(
        request_id=new_id(), stop_code=stop.stop_code, locale="ja", revision=2, reviewed=True
    )
    await world.editor.PublishNarration(shown, timeout=TIMEOUT_S)
    assert (await world.read("fall")).previous.stop_code == stop.stop_code
    assert (await world.read("fall")).position == 3


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"kind": "castle"}, "INVALID_FIELDS"),
        ({"section_id": "nowhere"}, "INVALID_FIELDS"),
        ({"name": " "}, "INVALID_FIELDS"),
        ({"route_m": 100_001}, "INVALID_FIELDS"),
        ({"group": 0}, "INVALID_FIELDS"),
        ({"place_id": "../etc"}, "INVALID_FIELDS"),
        ({"place_id": "cave/pool"}, "PLACE_TAKEN"),
        ({"after_stop_code": "00000"}, "INVALID_FIELDS"),
        ({"after_stop_code": "00001"}, "STOP_CODE_MISTYPED"),
    ],
)
async def test_what_is_no_stop_is_not_added(
    world: World, more: dict[str, Any], reason: str
) -> None:
    await world.load()
    before = (await listed(world)).change_number
    call = tour(world).AddStop(new_stop(world, **more), timeout=TIMEOUT_S)
    assert (await refused(call))[1] == reason
    assert (await listed(world)).change_number == before


async def test_a_stop_gets_another_place_on_the_plan(world: World) -> None:
    await world.load()
    request = pb.PlaceStopRequest(
        request_id=new_id(), stop_code=world.code("fall"), kind="waterfall", route_m=55
    )
    done = await tour(world).PlaceStop(request, timeout=TIMEOUT_S)
    stop = await world.read("fall")
    assert (stop.kind, stop.route_m, stop.section.section_id) == ("waterfall", 55, "")
    assert (done.before.kind, done.before.route_m, done.before.section_id) == (
        "pool", 40, "first",
    )  # fmt: skip


async def test_an_old_code_leads_to_its_target_until_it_is_back(world: World) -> None:
    await world.load()
    done = await retire(world, "fall", "pool")
    assert done.stop.target_stop_code == world.code("pool")
    assert (await refused(world.read("fall")))[1] == "STOP_CODE_UNKNOWN"
    seen = await listed(world)
    assert world.code("fall") not in {each.stop_code for each in seen.stops}
    [old] = seen.retired
    assert (old.stop_code, old.target_stop_code) == (world.code("fall"), world.code("pool"))
    assert old.name.text == "滝"
    stop = await world.read("hall")
    assert (stop.position, stop.previous.stop_code) == (2, world.code("pool"))
    await bring_back(world, "fall")
    assert (await world.read("fall")).position == 2
    assert not (await listed(world)).retired
    assert await order(world) == ["池", "滝", "広間"]


async def test_a_target_that_is_retired_leads_on(world: World) -> None:
    await world.load()
    await retire(world, "fall", "pool")
    await retire(world, "pool", "hall")
    leads = {each.stop_code: each.target_stop_code for each in (await listed(world)).retired}
    assert leads == {world.code("fall"): world.code("hall"), world.code("pool"): world.code("hall")}


async def test_what_cannot_be_retired_stays(world: World) -> None:
    await world.load()
    assert (await refused(retire(world, "fall", "fall")))[1] == "INVALID_FIELDS"
    await retire(world, "fall")
    for name, target, reason in (
        ("fall", "pool", "STOP_RETIRED"), ("hall", "fall", "INVALID_FIELDS"),
        ("nothing", "", "STOP_CODE_UNKNOWN"),
    ):  # fmt: skip
        assert (await refused(retire(world, name, target)))[1] == reason
    assert (await refused(bring_back(world, "hall")))[1] == "STOP_NOT_RETIRED"
    assert (await refused(move(world, "fall")))[1] == "STOP_RETIRED"
    await retire(world, "hall")
    await retire(world, "bat")
    assert (await refused(retire(world, "pool")))[1] == "LAST_STOP"
    assert [each.stop_code for each in (await listed(world)).stops] == [world.code("pool")]


async def test_what_phones_read_before_they_heard_of_it_counts(world: World) -> None:
    await world.load()
    await retire(world, "fall", "pool")
    scan = guide_pb.Scan(
        scan_id=new_id(), stop_code=world.code("fall"), requested_locale="ja",
        served_locale="ja", offline=True,
    )  # fmt: skip
    request = guide_pb.RecordScansRequest(request_id=new_id(), scans=[scan])
    answer = await world.visitor.RecordScans(request, timeout=TIMEOUT_S)
    assert not answer.rejected


async def test_the_texts_of_a_retired_stop_are_kept_and_can_be_mended(world: World) -> None:
    await world.load()
    await retire(world, "fall")
    saved = await world.save(
        "fall", "ja", 1, text("大きな滝", paragraph("落ちます。"), reading="おおきなたき")
    )
    await world.publish("fall", "ja", saved.revision, 1)
    await bring_back(world, "fall")
    assert (await world.read("fall")).name.text == "大きな滝"


async def test_what_retiring_touches_is_told_before(world: World) -> None:
    await world.load()
    await world.save("fall", "en", 1, text("Falls", paragraph("It falls far.")))
    signs = sign_grpc.SignServiceStub(world.it.channel(world.area, Role.EDITOR))
    database = Database(world.database_url)
    await database.open()
    async with database.transaction(world.area) as tx:  # the address comes from directory
        await tx.execute("update areas set public_url = 'https://guide.example.org'", ())
    await database.close()
    made = sign_pb.PrintSignsRequest(request_id=new_id(), paper=sign_pb.PAPER_A4, force=True)
    await signs.PrintSigns(made, timeout=TIMEOUT_S)
    request = pb.PreviewRetirementRequest(stop_code=world.code("fall"))
    found = await tour(world).PreviewRetirement(request, timeout=TIMEOUT_S)
    assert (found.sheet_printed, found.sheet_hangs) == (True, False)
    assert list(found.renumbered_stop_codes) == [world.code("hall")]
    assert (found.previous_stop_code, found.next_stop_code) == (
        world.code("pool"), world.code("hall"),
    )  # fmt: skip
    assert list(found.draft_locales) == ["en"]
    assert list(found.published_locales) == ["en", "ja"]
    assert (await world.read("fall")).position == 2  # nothing was retired


async def test_a_reviewer_looks_and_does_not_arrange(world: World) -> None:
    await world.load()
    reader = tour(world, Role.REVIEWER)
    assert (await reader.ReadTour(pb.ReadTourRequest(), timeout=TIMEOUT_S)).stops
    request = pb.MoveStopRequest(request_id=new_id(), stop_code=world.code("hall"))
    code, _ = await refused(reader.MoveStop(request, timeout=TIMEOUT_S))
    assert code is grpc.StatusCode.PERMISSION_DENIED


async def test_each_act_is_said_once(world: World) -> None:
    await world.load()
    key = new_id()
    await retire(world, "fall", "pool", request_id=key)
    await retire(world, "fall", "pool", request_id=key)
    await bring_back(world, "fall")
    messages = await world.it.heard(world.area, "tour_changed", 2)
    told = [said.TourChanged.FromString(each.data) for each in messages]
    assert [(each.act, each.target_stop_code) for each in told] == [
        (pb.TOUR_ACT_RETIRED, world.code("pool")), (pb.TOUR_ACT_BROUGHT_BACK, ""),
    ]  # fmt: skip
    route = {world.code(each) for each in ("pool", "fall", "hall")}
    assert set(told[0].stop_codes) == route
    assert told[0].place_id == "cave/fall"


async def test_each_step_is_noted_with_who_did_it(world: World) -> None:
    await world.load()
    await move(world, "hall")
    await retire(world, "fall")
    answer = await tour(world).ReadTour(pb.ReadTourRequest(), timeout=TIMEOUT_S)
    assert [(each.stop_code, each.act, each.author) for each in answer.steps] == [
        (world.code("fall"), pb.TOUR_ACT_RETIRED, "hanako"),
        (world.code("hall"), pb.TOUR_ACT_MOVED, "hanako"),
    ]
    assert answer.stops[-1].stop_code == world.code("fall")  # retired ones last


async def test_the_mark_of_a_change_belongs_to_one_history(world: World) -> None:
    await world.load()
    first = await changes(world, 0, "")
    assert first.mark
    assert not first.since_known
    await move(world, "hall")
    second = await changes(world, first.change_number, first.mark)
    assert second.since_known
    assert second.mark != first.mark
    assert not (await changes(world, first.change_number, second.mark)).since_known
    assert not (await changes(world, second.change_number + 5, first.mark)).since_known


async def test_a_guide_from_a_backup_is_not_taken_for_the_one_before(world: World) -> None:
    """Back to an older change number, and on to the same one again: another guide all the same."""
    await world.load()
    start = await changes(world, 0, "")
    await retire(world, "fall")
    after = await changes(world, start.change_number, start.mark)
    database = Database(world.database_url)
    await database.open()
    async with database.transaction(world.area) as tx:
        await tx.execute("update areas set change_number = %s", (start.change_number,))
        await tx.execute("update stops set retire_time = null", ())
        await tx.execute("delete from tour_steps", ())
    await database.close()
    await move(world, "hall")
    again = await changes(world, after.change_number, after.mark)
    assert again.change_number == after.change_number
    assert again.mark != after.mark
    assert not again.since_known
    assert (await world.read("fall")).position == 3
