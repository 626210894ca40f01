"""Days that have begun, changed and taken back: what somebody has seen already stays."""

from datetime import UTC, date, datetime, timedelta

import pytest

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary.app import changing
from tests.service.itinerary.conftest import Mine, visited
from tests.service.itinerary.test_planning import LATER, change, undo


class Watch:
    """The minute of the day that is changed; other days are as far off as they are."""

    def __init__(self) -> None:
        self.minute = -1

    def minute_of_day(self, _now: datetime, day: date, _zone: str) -> int:
        ahead = (day - date.fromisoformat(LATER["visit_date"])).days
        return self.minute - ahead * 1440


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    found = Watch()
    monkeypatch.setattr(changing, "minute_of_day", found.minute_of_day)
    return found


def minute(visit: pb.PlannedVisit) -> int:
    local = visit.start_time.ToDatetime(tzinfo=UTC) + timedelta(hours=9)
    return local.hour * 60 + local.minute


async def test_what_has_begun_since_a_change_stays_when_it_is_taken_back(
    mine: Mine, watch: Watch
) -> None:
    before = await mine.plan(**LATER)
    gone = before.visits[0].poi_id
    after = await change(mine, before, never_poi_ids=[gone])
    seen = after.visits[1]
    watch.minute = minute(seen)
    again = await undo(mine, after)
    assert visited(again)[:2] == visited(after)[:2]
    assert [minute(visit) for visit in again.visits[:2]] == [minute(v) for v in after.visits[:2]]
    assert all(minute(visit) > watch.minute for visit in again.visits[2:])
    assert not again.trip.never_poi_ids
    assert len(set(visited(again))) == len(again.visits)


async def test_a_change_of_what_is_to_come_is_taken_back_as_it_was(
    mine: Mine, watch: Watch
) -> None:
    before = await mine.plan(**LATER)
    watch.minute = minute(before.visits[0])
    after = await change(mine, before, never_poi_ids=[before.visits[-1].poi_id])
    again = await undo(mine, after)
    assert list(again.visits) == list(before.visits)


async def test_nothing_of_a_day_has_begun_that_was_another_day(mine: Mine, watch: Watch) -> None:
    before = await mine.plan(visit_date="2028-11-25")
    watch.minute = 12 * 60
    moved = await change(mine, before, **LATER)
    already = [pb.WHY_IN_ALREADY_BEGUN in [r.why for r in v.reasons] for v in moved.visits]
    assert moved.visits
    assert not any(already)
    back = await undo(mine, moved)
    assert (back.trip.visit_date, list(back.visits)) == ("2028-11-25", list(before.visits))
