"""Loading and listing POIs, and forgetting an area."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from kit.db import ALL_AREAS, Database
from meguri.directory.v1 import directory_events_pb2 as said
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_events_pb2 as own
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary import cli, events
from services.itinerary.main import build
from tests import harness
from tests.service.itinerary.conftest import MINE, TIMEOUT_S, Mine, new_id, until


def record(**more: Any) -> pb.PoiRecord:
    values: dict[str, Any] = {
        "poi_id": "pond", "category": pb.POI_CATEGORY_NATURE, "status": pb.POI_STATUS_OPEN,
        "opening": "24/7", "stay_min_minutes": 20, "stay_max_minutes": 40, "score": 50,
        "fees": pb.Fees(adult_amount_yen=0), "source": "test",
    }  # fmt: skip
    return pb.PoiRecord(**values | more)


async def load(mine: Mine, *records: pb.PoiRecord, dry_run: bool = False) -> pb.ImportPoisResponse:
    answer: pb.ImportPoisResponse = await mine.staff.ImportPois(
        pb.ImportPoisRequest(request_id=new_id(), records=records, dry_run=dry_run),
        timeout=TIMEOUT_S,
    )
    return answer


async def listed(mine: Mine, **more: Any) -> dict[str, pb.Poi]:
    answer = await mine.visitor.ListPois(pb.ListPoisRequest(**more), timeout=TIMEOUT_S)
    return {poi.record.poi_id: poi for poi in answer.pois}


@pytest.fixture
def empty(service: harness.Running, area: str) -> Mine:
    """An area nobody has told anything of."""
    return Mine(service, area)


async def test_the_real_data_loads_without_a_rejected_row_and_only_once(
    service: harness.Running, area: str
) -> None:
    mine = Mine(service, area)
    first = await mine.load()
    assert (first.read_count, first.loaded_count, first.changed_count) == (43, 43, 43)
    assert not first.rejected
    assert {note.reason for note in first.warnings} <= {"FEE_UNKNOWN", "HOURS_UNKNOWN"}
    second = await load(mine, *cli.read_pois(MINE / "pois.csv"))
    assert (second.loaded_count, second.changed_count) == (43, 0)
    assert len(await mine.it.heard(area, "poi_published", 43)) == 43


async def test_each_bad_row_is_reported_and_the_others_are_loaded(empty: Mine) -> None:
    answer = await load(
        empty,
        record(),
        record(poi_id="Bad Id"),
        record(poi_id="no-category", category=0),
        record(poi_id="no-state", status=99),
        record(poi_id="bad-hours", opening="nine to five"),
        record(poi_id="bad-stay", stay_min_minutes=0),
        record(poi_id="bad-score", score=101),
        record(poi_id="bad-entry", last_entry="late"),
        record(poi_id="bad-fee", fees=pb.Fees(adult_amount_yen=-1)),
        record(),
        record(poi_id="hill", opening=""),
    )
    assert (answer.read_count, answer.loaded_count, answer.changed_count) == (11, 2, 2)
    assert [(note.row, note.reason) for note in answer.rejected] == [
        (2, "BAD_ID"), (3, "UNKNOWN_CATEGORY"), (4, "UNKNOWN_STATUS"),
        (5, "BAD_OPENING"), (6, "BAD_STAY"), (7, "BAD_SCORE"), (8, "BAD_LAST_ENTRY"),
        (9, "BAD_FEE"), (10, "DUPLICATE_ID"),
    ]  # fmt: skip
    assert [(note.row, note.reason) for note in answer.warnings] == [(11, "HOURS_UNKNOWN")]
    assert sorted(await listed(empty)) == ["hill", "pond"]


async def test_a_dry_run_reports_and_changes_nothing(empty: Mine) -> None:
    answer = await load(empty, record(), dry_run=True)
    assert (answer.loaded_count, answer.changed_count) == (1, 1)
    assert await listed(empty) == {}


async def test_a_changed_poi_counts_up_and_says_so(empty: Mine) -> None:
    await load(empty, record())
    await load(empty, record(score=60))
    assert (await listed(empty))["pond"].version == 2
    messages = await empty.it.heard(empty.area, "poi_published", 2)
    assert [own.PoiPublished.FromString(m.data).score for m in messages] == [50, 60]


async def test_pages_follow_one_another(mine: Mine) -> None:
    seen: list[str] = []
    token = ""
    while True:
        answer = await mine.visitor.ListPois(
            pb.ListPoisRequest(page_size=10, page_token=token), timeout=TIMEOUT_S
        )
        seen += [poi.record.poi_id for poi in answer.pois]
        token = answer.next_page_token
        if not token:
            break
    assert len(seen) == 43
    assert seen == sorted(set(seen))


async def test_a_date_says_when_each_is_open(mine: Mine) -> None:
    monday_holiday = await listed(mine, visit_date="2026-11-23")
    tuesday_after = await listed(mine, visit_date="2026-11-24")
    assert monday_holiday["science-museum"].open_spans
    assert tuesday_after["science-museum"].closed_why == pb.WHY_OUT_CLOSED_THAT_DAY
    [span] = tuesday_after["akiyoshido-main"].open_spans
    assert (span.open_minute, span.close_minute, span.last_entry_minute) == (510, 1110, 1050)
    assert tuesday_after["momonoki-openpit"].closed_why == pb.WHY_OUT_HOURS_UNKNOWN


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "20261121", "x"])
async def test_a_date_beyond_the_calendars_is_refused(mine: Mine, day: str) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        await listed(mine, visit_date=day)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_names_and_points_follow_directory(mine: Mine) -> None:
    before = (await listed(mine))["karst-observatory"]
    assert before.location.quality == pb.POINT_QUALITY_ESTIMATE
    better = directory.Place(
        place_id="karst-observatory", names={"ja": "展望台"}, latitude=34.2347, longitude=131.3052,
        coordinate_quality=directory.COORDINATE_QUALITY_SOURCE, version=2,
    )  # fmt: skip
    await mine.say("place_recorded", said.PlaceRecorded(place=better), "karst-observatory", 2)

    async def changed() -> bool:
        poi = (await listed(mine))["karst-observatory"]
        return bool(poi.location.quality == pb.POINT_QUALITY_SOURCE and poi.names["ja"] == "展望台")

    await until(changed)
    better.version, better.latitude = 1, 0.0
    await mine.say("place_recorded", said.PlaceRecorded(place=better), "karst-observatory", 1)
    plan = await mine.plan(mode=pb.TRAVEL_MODE_FOOT, start=pb.Location(place_id="akiyoshido-main"))
    assert "karst-observatory" in [visit.poi_id for visit in plan.visits]


async def test_visitors_cannot_load(mine: Mine) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await mine.visitor.ImportPois(
            pb.ImportPoisRequest(request_id=new_id(), records=[record()]), timeout=TIMEOUT_S
        )
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_dropped_area_leaves_no_row(
    service_database: Callable[[str], str], nats_url: str, area: str
) -> None:
    url = service_database("itinerary")
    async with harness.running("itinerary", events.ENCODERS, build, url, nats_url) as it:
        mine = Mine(it, area)
        await mine.load()
        await mine.plan()
        await mine.say("area_dropped", said.AreaDropped(), area, 2)

        async def gone() -> bool:
            return not await listed(mine)

        await until(gone)
    database = Database(url)
    await database.open()
    async with database.read(ALL_AREAS) as tx:
        tables = await tx.fetch_all(
            "select table_name from information_schema.columns"
            " where column_name = 'area' and table_schema = 'public'"
        )
        names = {row["table_name"] for row in tables} - {"areas", "inbox"}
        assert {"places", "headcounts", "spot_days", "requests", "outbox"} <= names
        for table in names:
            row = await tx.fetch_one(f"select count(*) as n from {table}")  # noqa: S608 - our own
            assert row == {"n": 0}, table
        row = await tx.fetch_one("select time_zone, dropped_time is not null as gone from areas")
        assert row == {"time_zone": None, "gone": True}
    await database.close()


async def test_a_late_drop_leaves_an_area_made_anew_alone(mine: Mine) -> None:
    """The drop of the first life arrives after the settings and places of the second."""
    now = datetime.now(UTC)
    anew = said.AreaConfigured(
        area=directory.Area(area=mine.area, time_zone="Europe/Berlin", version=1)
    )
    await mine.say("area_configured", anew, mine.area, occur_time=now + timedelta(seconds=20))

    async def wiped() -> bool:
        return not await listed(mine)

    await until(wiped)
    place = directory.Place(
        place_id="parking-city", names={"ja": "新"}, latitude=52.5, longitude=13.4,
        coordinate_quality=directory.COORDINATE_QUALITY_SOURCE, version=1,
    )  # fmt: skip
    later = now + timedelta(seconds=30)
    recorded = said.PlaceRecorded(place=place)
    await mine.say("place_recorded", recorded, "parking-city", occur_time=later)
    dropped = now + timedelta(seconds=10)
    await mine.say("area_dropped", said.AreaDropped(), mine.area, 9, occur_time=dropped)
    # Said in the first life, heard last of all: it must not come back.
    old = directory.Place(place_id="pond", names={"ja": "旧"}, version=7)
    await mine.say("place_recorded", said.PlaceRecorded(place=old), "pond", occur_time=now)
    # Heard after all the others: before it shows, the drop may still be to come.
    place.names["ja"], place.version = "後", 2
    last = said.PlaceRecorded(place=place)
    await mine.say("place_recorded", last, "parking-city", 2, occur_time=later)

    async def second_life() -> bool:
        await load(mine, record(poi_id="parking-city"))
        known = (await listed(mine)).get("parking-city")  # gone while the drop is under way
        return known is not None and known.names.get("ja") == "後"

    await until(second_life)
    assert (await mine.plan()).time_zone == "Europe/Berlin"
    assert not (await listed(mine))["parking-city"].location.error_m
