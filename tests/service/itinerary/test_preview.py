"""What a closure would touch, told from the plans that are kept."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import grpc
import pytest

from kit.client import problem_of
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from tests.service.itinerary.conftest import (
    TIMEOUT_S,
    Mine,
    area,
    mine,
    service,
    visited,
)
from tests.service.itinerary.test_planning import stamp

__all__ = ["area", "mine", "service"]

CAVE = ("akiyoshido", "akiyoshido-main", "akiyoshido-kurotani", "akiyoshido-elevator")


async def preview(
    mine: Mine, *place_ids: str, until: datetime | None = None
) -> pb.PreviewClosureResponse:
    request = pb.PreviewClosureRequest(place_ids=place_ids)
    if until is not None:
        request.until_time.CopyFrom(stamp(until))
    answer: pb.PreviewClosureResponse = await mine.staff.PreviewClosure(request, timeout=TIMEOUT_S)
    return answer


@pytest.mark.usefixtures("few_are_told")
async def test_plans_and_sights_at_a_place_are_counted(mine: Mine) -> None:
    now = datetime.now(UTC)
    day = now.astimezone(ZoneInfo("Asia/Tokyo")).date() + timedelta(days=7)
    past = day - timedelta(days=14)
    wishes = {"must_poi_ids": ["akiyoshido-main"]}
    plan = await mine.plan(visit_date=day.isoformat(), **wishes)
    await mine.plan(visit_date=past.isoformat(), **wishes)
    away = await mine.plan(visit_date=day.isoformat(), never_poi_ids=list(CAVE[1:]))
    assert "akiyoshido-main" in visited(plan)
    assert "akiyoshido-main" not in visited(away)

    found = await preview(mine, *CAVE)
    assert found.plan_count == 1  # none of a day that is over, none that goes elsewhere
    assert found.plan_count_today == 0
    assert list(found.poi_ids) == sorted(CAVE[1:])
    assert list(found.poi_place_ids) == sorted(CAVE[1:])
    soon = await preview(mine, *CAVE, until=now + timedelta(days=1))
    assert soon.plan_count == 0  # open again before that day
    late = await preview(mine, *CAVE, until=now + timedelta(days=9))
    assert late.plan_count == 1
    assert (await mine.get(plan.itinerary_id)) == plan  # nothing was closed


async def test_only_who_may_close_asks_and_a_place_is_needed(mine: Mine) -> None:
    request = pb.PreviewClosureRequest(place_ids=CAVE)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await mine.visitor.PreviewClosure(request, timeout=TIMEOUT_S)
    assert problem_of(refused.value).reason == "NOT_ALLOWED"
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await preview(mine)
    assert problem_of(refused.value).reason == "INVALID_FIELDS"


async def test_few_plans_are_not_told(mine: Mine) -> None:
    """Else whoever closes a hut on paper learns that one party will be there today."""
    day = datetime.now(UTC).astimezone(ZoneInfo("Asia/Tokyo")).date() + timedelta(days=7)
    await mine.plan(visit_date=day.isoformat(), must_poi_ids=["akiyoshido-main"])
    found = await preview(mine, *CAVE)
    assert not found.HasField("plan_count")
    assert not found.HasField("plan_count_today")
    assert found.poi_ids
