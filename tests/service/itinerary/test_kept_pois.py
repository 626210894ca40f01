"""POIs that the staff types: versions, drafts, retired ones, and files that come again."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from meguri.itinerary.v1 import itinerary_events_pb2 as own
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import poi_service_pb2 as poi_pb
from meguri.itinerary.v1 import poi_service_pb2_grpc as poi_grpc
from tests import harness
from tests.service.itinerary.conftest import TIMEOUT_S, Mine, left_out, new_id, visited
from tests.service.itinerary.test_planning import change
from tests.service.itinerary.test_pois import listed, load, record

# A Saturday to come: what is retired now is gone from now on.
TODAY = datetime.now(UTC).date()
SOON = (TODAY + timedelta(days=13 - TODAY.weekday())).isoformat()
SATO = poi_pb.FieldConfirmation(
    field="opening", confirmed_by="Sato", confirmed_date="2026-11-20"
)  # fmt: skip


@pytest.fixture
def empty(service: harness.Running, area: str) -> Mine:
    """An area nobody has told anything of."""
    return Mine(service, area)


def staff(mine: Mine) -> Any:
    return poi_grpc.PoiServiceStub(mine.it.channel(mine.area, Role.EDITOR))


def stored(**more: Any) -> pb.PoiRecord:
    return record(place_id="pond", texts=pb.PoiTexts(), **more)


async def save(mine: Mine, poi: pb.PoiRecord, version: int, **more: Any) -> int:
    wanted = {"request_id": new_id()} | more
    answer = await staff(mine).SavePoi(
        poi_pb.SavePoiRequest(record=poi, expected_version=version, **wanted), timeout=TIMEOUT_S
    )
    return int(answer.version)


async def get(mine: Mine, poi_id: str = "pond") -> poi_pb.GetPoiResponse:
    answer: poi_pb.GetPoiResponse = await staff(mine).GetPoi(
        poi_pb.GetPoiRequest(poi_id=poi_id), timeout=TIMEOUT_S
    )
    return answer


async def retire(mine: Mine, poi_id: str, version: int, **more: Any) -> int:
    wanted = {"request_id": new_id()} | more
    answer = await staff(mine).RetirePoi(
        poi_pb.RetirePoiRequest(poi_id=poi_id, expected_version=version, **wanted),
        timeout=TIMEOUT_S,
    )
    return int(answer.version)


async def refused(call: Any) -> str:
    with pytest.raises(grpc.RpcError) as error:
        await call
    return problem_of(error.value).reason


async def told(mine: Mine, count: int) -> list[own.PoiPublished]:
    messages = await mine.it.heard(mine.area, "poi_published", count)
    return [own.PoiPublished.FromString(each.data) for each in messages]


async def ready(mine: Mine) -> Mine:
    await mine.load()
    return mine


async def test_a_save_counts_up_and_says_so_once(mine: Mine) -> None:
    request_id = new_id()
    first = await save(mine, record(), 0, request_id=request_id)
    assert await save(mine, record(), 0, request_id=request_id) == first == 1
    assert await save(mine, record(score=60), 1) == 2
    assert await save(mine, record(score=60), 1) == 2  # equal: nothing is changed, nothing is said
    events = await told(mine, 45)
    assert [e.score for e in events if e.poi_id == "pond"] == [50, 60]
    found = await get(mine)
    assert (found.poi.version, [v.version for v in found.versions]) == (2, [1])
    assert found.versions[0].record.score == 50
    assert not found.poi.from_file


async def test_who_read_an_older_one_overwrites_nobody(mine: Mine) -> None:
    await save(mine, record(), 0)
    await save(mine, record(score=60), 1)
    assert await refused(save(mine, record(score=70), 1)) == "VERSION_CONFLICT"
    assert await refused(save(mine, record(score=70), 0)) == "VERSION_CONFLICT"
    assert (await get(mine)).poi.record.score == 60


async def test_two_at_once_are_one_after_another(mine: Mine) -> None:
    await save(mine, record(), 0)
    found = await asyncio.gather(
        *(save(mine, record(score=score), 1) for score in range(10)), return_exceptions=True
    )
    assert found.count(2) == 1
    assert (await get(mine)).poi.version == 2


@pytest.mark.parametrize(
    ("wrong", "path", "reason"),
    [
        ({"opening": "nine to five"}, "opening", "BAD_OPENING"),
        ({"stay_min_minutes": 90}, "stay_min_minutes", "BAD_STAY"),
        ({"score": 101}, "score", "BAD_SCORE"),
        ({"last_entry": "late"}, "last_entry", "BAD_LAST_ENTRY"),
        ({"category": 0}, "record.category", "UNKNOWN_CATEGORY"),
    ],
)
async def test_what_cannot_be_kept_is_told_by_field(
    mine: Mine, wrong: dict[str, Any], path: str, reason: str
) -> None:
    with pytest.raises(grpc.RpcError) as error:
        await save(mine, record(**wrong), 0)
    [(field, why)] = problem_of(error.value).fields
    assert field == path
    assert f"[{reason}]" in why
    assert await refused(get(mine)) == "NOT_FOUND"


async def test_a_confirmation_is_told_to_the_staff_alone(mine: Mine) -> None:
    await save(mine, record(estimated_fields=["opening", "stay"]), 0, confirmations=[SATO])
    found = (await get(mine)).poi
    assert list(found.confirmations) == [SATO]
    assert list(found.record.estimated_fields) == ["stay"]
    visitors = (await listed(mine))["pond"]
    assert "Sato" not in str(visitors)
    await save(mine, record(estimated_fields=["stay"], opening="09:00-17:00"), 1)
    assert not (await get(mine)).poi.confirmations


async def test_a_draft_is_nobodys_business_until_it_is_listed(mine: Mine) -> None:
    await save(mine, record(), 0, draft=True)
    assert "pond" not in await listed(mine)
    assert await save(mine, record(), 1) == 2
    assert "pond" in await listed(mine)
    events = await told(mine, 44)
    assert [(e.poi_id, e.state) for e in events][-1] == ("pond", poi_pb.POI_STATE_LISTED)
    await save(mine, record(), 2, draft=True)
    assert "pond" not in await listed(mine)
    assert (await told(mine, 45))[-1].state == poi_pb.POI_STATE_DRAFT


@pytest.mark.usefixtures("few_are_told")
async def test_a_retired_poi_stays_in_kept_plans_and_they_say_so(mine: Mine) -> None:
    plan = await mine.plan(visit_date=SOON)
    gone = visited(plan)[0]
    before = await get(mine, gone)
    assert before.plan_count == 1
    request_id = new_id()
    version = await retire(mine, gone, 1, note="closed for good", request_id=request_id)
    assert await retire(mine, gone, 1, note="closed for good", request_id=request_id) == version
    assert await retire(mine, gone, 1) == version  # it is so already
    kept = await mine.get(plan.itinerary_id)
    assert visited(kept) == visited(plan)
    assert [(e.poi_id, e.reason) for e in kept.effects] == [(gone, "retired")]
    assert gone not in await listed(mine)
    anew = await mine.plan(visit_date=SOON)
    assert gone not in [*visited(anew), *left_out(anew)]
    answer = await mine.visitor.RepairItinerary(
        pb.RepairItineraryRequest(request_id=new_id(), itinerary_id=plan.itinerary_id),
        timeout=TIMEOUT_S,
    )
    assert gone in answer.dropped_poi_ids
    assert not answer.itinerary.effects
    found = (await get(mine, gone)).poi
    assert (found.state, found.retire_note) == (poi_pb.POI_STATE_RETIRED, "closed for good")
    assert (await told(mine, 44))[-1].state == poi_pb.POI_STATE_RETIRED


async def test_a_kept_day_with_a_poi_that_became_a_draft_can_still_be_changed(mine: Mine) -> None:
    for poi_id in ("akiyoshido-main", "benten-pond"):
        plan = await mine.plan(visit_date=SOON, must_poi_ids=[poi_id], less_poi_ids=[poi_id])
        assert poi_id in visited(plan)
        kept = (await get(mine, poi_id)).poi
        await save(mine, kept.record, kept.version, draft=True)
        after = await change(mine, plan, quieter=True)
        assert poi_id not in visited(after)
        assert poi_id in [each.poi_id for each in after.latest_change.dropped]
        assert await refused(mine.plan(visit_date=SOON, must_poi_ids=[poi_id])) == "INVALID_FIELDS"
        wrong = change(mine, after, must_poi_ids=[poi_id, "nobody"])
        assert await refused(wrong) == "INVALID_FIELDS"


async def test_who_asked_for_a_retired_poi_is_told(mine: Mine) -> None:
    await retire(mine, "karst-observatory", 1)
    plan = await mine.plan(visit_date=SOON, must_poi_ids=["karst-observatory"])
    assert plan.status == pb.ITINERARY_STATUS_CONFLICT
    [left] = [each for each in plan.left_out if each.poi_id == "karst-observatory"]
    assert (left.why, left.closure_reason) == (pb.WHY_OUT_CLOSURE, "retired")


async def test_a_retired_poi_comes_back_as_it_was(mine: Mine) -> None:
    before = (await get(mine, "karst-observatory")).poi.record
    await retire(mine, "karst-observatory", 1)
    assert await refused(retire(mine, "karst-observatory", 1, bring_back=True)) == (
        "VERSION_CONFLICT"
    )
    await retire(mine, "karst-observatory", 2, bring_back=True)
    assert (await listed(mine))["karst-observatory"].record == before


async def test_a_retired_poi_stays_retired_when_its_file_comes_again(mine: Mine) -> None:
    await retire(mine, "karst-observatory", 1)
    again = await mine.staff.ImportPois(
        pb.ImportPoisRequest(
            request_id=new_id(), records=[(await get(mine, "karst-observatory")).poi.record]
        ),
        timeout=TIMEOUT_S,
    )
    assert again.changed_count == 0
    assert "karst-observatory" not in await listed(mine)


async def test_a_file_that_comes_again_leaves_what_the_staff_typed(empty: Mine) -> None:
    await load(empty, record(phone="1"))
    await save(empty, record(phone="1", opening="09:00-17:00", score=70), 1)
    again = await load(empty, record(phone="2", opening="10:00-16:00"))
    assert [(note.row, note.field) for note in again.kept] == [(1, "opening")]
    found = (await listed(empty))["pond"]
    assert (found.record.opening, found.record.score) == ("09:00-17:00", 70)
    assert (found.record.phone, found.version) == ("2", 3)  # only the file changed it
    once_more = await load(empty, record(phone="2", opening="10:00-16:00"))
    assert (once_more.changed_count, list(once_more.kept)) == (0, [])
    assert (await listed(empty))["pond"].record == found.record


async def test_a_file_counts_again_where_somebody_says_so(empty: Mine) -> None:
    await load(empty, record())
    await save(empty, record(opening="09:00-17:00"), 1, confirmations=[SATO])
    answer = await empty.staff.ImportPois(
        pb.ImportPoisRequest(request_id=new_id(), records=[record(score=9)], overwrite=True),
        timeout=TIMEOUT_S,
    )
    assert (answer.changed_count, list(answer.kept)) == (1, [])
    assert (await listed(empty))["pond"].record == stored(score=9)
    await load(empty, record(score=8))
    assert (await listed(empty))["pond"].record.score == 8


async def test_a_dry_run_tells_what_would_stay(empty: Mine) -> None:
    await load(empty, record())
    await save(empty, record(score=70), 1)
    told_ = await load(empty, record(score=60), dry_run=True)
    assert [(note.field, note.reason) for note in told_.kept] == [("score", "STAFF_KEPT")]


async def test_a_poi_of_the_studio_is_not_written_over_by_a_file(mine: Mine) -> None:
    await save(mine, record(), 0)
    answer = await load(mine, record(score=1))
    assert [note.field for note in answer.kept] == ["poi_id"]
    assert (await listed(mine))["pond"].record.score == 50


async def test_what_fits_only_apart_stays_the_staffs(empty: Mine) -> None:
    await load(empty, record(stay_min_minutes=20, stay_max_minutes=40))
    await save(empty, record(opening="09:00-17:00"), 1)
    long = await load(empty, record(stay_min_minutes=90, stay_max_minutes=95))
    assert not long.kept
    found = (await listed(empty))["pond"].record
    assert (found.stay_min_minutes, found.stay_max_minutes) == (90, 95)


async def test_drafts_are_added_once_and_change_nobody(mine: Mine) -> None:
    request = poi_pb.AddDraftsRequest(
        request_id=new_id(), records=[record(), record(poi_id="karst-observatory")]
    )
    for _ in range(2):
        answer = await staff(mine).AddDrafts(request, timeout=TIMEOUT_S)
        assert list(answer.new_poi_ids) == ["pond"]
    assert "pond" not in await listed(mine)
    assert (await get(mine)).poi.state == poi_pb.POI_STATE_DRAFT
    assert (await get(mine, "karst-observatory")).poi.version == 1
    assert len(await told(mine, 43)) == 43


async def test_versions_are_kept_up_to_thirty(empty: Mine) -> None:
    mine = await ready(empty)
    await save(mine, record(), 0)
    for version in range(1, 34):
        await save(mine, record(score=version), version)
    kept = [each.version for each in (await get(mine)).versions]
    assert kept == list(range(33, 3, -1))


async def test_the_list_has_every_state_in_pages(mine: Mine) -> None:
    await save(mine, record(), 0, draft=True)
    await retire(mine, "karst-observatory", 1)
    found: dict[str, poi_pb.KeptPoi] = {}
    token = ""
    while True:
        answer = await staff(mine).ListKeptPois(
            poi_pb.ListKeptPoisRequest(page_size=20, page_token=token), timeout=TIMEOUT_S
        )
        found |= {each.record.poi_id: each for each in answer.pois}
        token = answer.next_page_token
        if not token:
            break
    assert len(found) == 44
    assert found["pond"].state == poi_pb.POI_STATE_DRAFT
    assert found["karst-observatory"].state == poi_pb.POI_STATE_RETIRED
    assert found["karst-observatory"].names["ja"]


async def test_a_preview_keeps_nothing_and_names_what_is_wrong(mine: Mine) -> None:
    days = await staff(mine).PreviewOpening(
        poi_pb.PreviewOpeningRequest(opening="Tu[3] off", first_date="2026-11-01", day_count=28),
        timeout=TIMEOUT_S,
    )
    assert len(days.days) == 28
    wrong = poi_pb.PreviewOpeningRequest(
        opening="nine", last_entry="late", first_date="2026-11-01", day_count=28
    )
    with pytest.raises(grpc.RpcError) as error:
        await staff(mine).PreviewOpening(wrong, timeout=TIMEOUT_S)
    assert {name for name, _ in problem_of(error.value).fields} == {"opening", "last_entry"}


CSV = (
    "名称,名称_英語,利用可能曜日,開始時間,終了時間,緯度,経度,料金(基本)\n"
    "弁天池,Benten Pond,月火水木金土日,00:00,00:00,34.25,131.30,無料\n"
    ",,,,,,,\n"
    "石の家,,,,,,,\n"
    "弁天池,Benten Pond,月火水木金土日,00:00,00:00,34.25,131.30,無料\n"
)


async def read(mine: Mine, content: bytes) -> poi_pb.ReadSightsResponse:
    answer: poi_pb.ReadSightsResponse = await staff(mine).ReadSights(
        poi_pb.ReadSightsRequest(file=content, name="観光施設一覧 test.csv"), timeout=30.0
    )
    return answer


async def test_a_list_is_read_row_by_row_and_keeps_nothing(mine: Mine) -> None:
    found = await read(mine, CSV.encode("cp932"))
    assert (found.encoding, found.is_occasions) == ("cp932", False)
    rows = {row.row: row for row in found.rows}
    assert list(rows) == [2, 4, 5]
    assert rows[2].record.poi_id == "benten-pond"
    assert rows[2].kept_poi_id == "benten-pond"  # of the area's own file
    assert rows[2].point.latitude == pytest.approx(34.25)
    assert rows[2].record.opening == "24/7"
    assert list(rows[5].refused) == ["TWICE"]
    assert {each.reason for each in rows[4].doubts} >= {"HOURS_UNKNOWN", "POINT_MISSING"}
    assert rows[4].record.source == "観光施設一覧 test.csv 4"
    again = await read(mine, CSV.encode())
    assert [row.record.poi_id for row in again.rows] == [row.record.poi_id for row in found.rows]
    assert len(await listed(mine)) == 43


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "NO_ROWS"),
        (b"\xff\xfe\x00\x01", "NO_TEXT"),
        (b"a,b\n1,2\n", "NO_HEADING"),
        ("名称,住所\n".encode(), "NO_ROWS"),
        ("名称,住所\n".encode() + "池,山\n".encode() * 2_001, "TOO_MANY_ROWS"),
        (b"x" * (3 * 1024 * 1024 + 1), "TOO_LARGE"),
    ],
)
async def test_a_file_that_is_no_list_is_refused(empty: Mine, content: bytes, reason: str) -> None:
    with pytest.raises(grpc.RpcError) as error:
        await read(empty, content)
    [(_, why)] = problem_of(error.value).fields
    assert problem_of(error.value).reason == "SIGHTS_UNUSABLE"
    assert why.rstrip(".").endswith(f"[{reason}]")


async def test_visitors_see_none_of_it(mine: Mine) -> None:
    visitor = poi_grpc.PoiServiceStub(mine.it.channel(mine.area, Role.VISITOR))
    with pytest.raises(grpc.RpcError) as error:
        await visitor.GetPoi(poi_pb.GetPoiRequest(poi_id="shotengai"), timeout=TIMEOUT_S)
    assert error.value.code() is grpc.StatusCode.PERMISSION_DENIED
