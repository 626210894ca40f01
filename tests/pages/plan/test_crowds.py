"""What visitors are told of crowds, recommendations and weights; and a quieter day by a tap."""

import json
import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask.testing import FlaskClient

from services.itinerary.domain.crowd import SLOTS, Crowd
from services.itinerary.domain.spot import Promotion, SpotSettings
from tests.pages.plan.conftest import PLAN_ID, Planner
from tests.pages.plan.test_pages import ENGLISH, WISHES, page_of
from tests.unit.itinerary.samples import ZONE

CAVE, QUIETER = "akiyoshido-main", f"/plan/{PLAN_ID}/quieter"
REASON = {"ja": "紅葉が見ごろ", "en": "Autumn leaves"}
AUTUMN = Promotion(15, "2026-11-01", "2099-11-30", REASON)


def crowd(planner: Planner, *full: int) -> None:
    """Half hours in which the cave is full of others."""
    planner.known = replace(
        planner.known,
        crowd=Crowd(
            {CAVE: SpotSettings(capacity=120), "pond": SpotSettings(promotion=AUTUMN)},
            {CAVE: [150 if slot in full else 0 for slot in range(SLOTS)]},
        ),
    )


def test_a_visit_at_a_quieter_time_says_so(visitor: FlaskClient, planner: Planner) -> None:
    crowd(planner, *range(18, 26))
    text = page_of(visitor)
    assert "Quieter time" in text
    assert "At this time fewer people have planned to be here." in text
    assert "この時間は、来る予定の人が少なめです。" in page_of(visitor, "ja")


def test_a_visit_at_a_full_time_says_when_there_is_room(
    visitor: FlaskClient, planner: Planner
) -> None:
    crowd(planner, *range(18, 26))
    text = page_of(visitor, must=CAVE, end_time="12:00")
    assert "more people than fit have planned to be here. From 13:00 on there is room." in text
    crowd(planner, *range(18, 36))
    text = page_of(visitor, must=CAVE, end_time="12:00")
    assert "At this time more people than fit have planned to be here." in text
    assert "there is room" not in text, "there is none until it closes"


def test_what_is_busy_now_is_told_as_such(visitor: FlaskClient, planner: Planner) -> None:
    page_of(visitor)
    assert "It is busy here now." not in visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    planner.busy = frozenset({CAVE})
    text = visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text
    assert text.count("It is busy here now.") == 1


def test_a_recommendation_is_told_with_its_reason(visitor: FlaskClient, planner: Planner) -> None:
    crowd(planner)
    text = page_of(visitor)
    assert "The area recommends this spot" in text
    assert "Autumn leaves" in text
    assert '<span lang="ja">紅葉が見ごろ</span>' in page_of(visitor, "ja")
    assert '<span lang="en">Autumn leaves</span>' in page_of(visitor, "de"), "the nearest one"


def test_programs_read_the_same(visitor: FlaskClient, planner: Planner) -> None:
    crowd(planner, *range(18, 26))
    page_of(visitor, quieter="1")
    found = json.loads(visitor.get(f"/api/v1/itineraries/{PLAN_ID}").text)
    assert found["trip"]["quieter"] is True
    visits = {visit["poi_id"]: visit for visit in found["visits"]}
    assert visits[CAVE]["crowd"] == {"level": "quieter_time", "quieter_from_time": None}
    assert visits["pond"]["crowd"] is None
    notes = [r["note"] for r in visits["pond"]["reasons"] if r["why"] == "recommended"]
    assert notes == [REASON]


def test_a_quieter_day_is_asked_for_in_the_form_and_stays_asked_for(
    visitor: FlaskClient, planner: Planner
) -> None:
    box = r'name="quieter" value="1"( checked)?>'
    found = re.search(box, visitor.get("/plan", headers=ENGLISH).text)
    assert found
    assert not found[1]
    page_of(visitor, quieter="1")
    assert planner.kept[PLAN_ID].itinerary.plan.trip.quieter
    found = re.search(box, visitor.get(f"/plan?from={PLAN_ID}", headers=ENGLISH).text)
    assert found
    assert found[1]
    refused = visitor.post("/api/v1/itineraries", json={**_body(), "quieter": "yes"})
    assert refused.status_code == 400
    assert "quieter" in refused.text


def _body() -> dict[str, object]:
    wanted = ("visit_date", "start_time", "end_time", "mode")
    return {name: WISHES[name] for name in wanted} | {"start": {"place_id": CAVE}}


def test_a_kept_day_becomes_quieter_by_a_tap_and_back(
    visitor: FlaskClient, planner: Planner, moment: list[datetime]
) -> None:
    crowd(planner)
    text = page_of(visitor)
    assert "Make it quieter" in text
    form = {"quieter": "1", "version": "1", "request_id": "page-1"}
    for _ in range(2):  # the second tap is the same change
        answer = visitor.post(QUIETER, data=form, headers=ENGLISH)
        assert answer.location == f"/plan/{PLAN_ID}"
    text = visitor.get(answer.location, headers=ENGLISH).text
    assert "Your day is changed" in text
    assert "It need not be quiet" in text
    assert planner.kept[PLAN_ID].itinerary.plan.trip.quieter
    visitor.post(QUIETER, data={"quieter": "0", "version": "2", "request_id": "page-2"})
    assert not planner.kept[PLAN_ID].itinerary.plan.trip.quieter
    assert visitor.post(QUIETER, data={"quieter": "much"}).status_code == 400
    moment.append(datetime(2026, 11, 22, tzinfo=ZoneInfo(ZONE)))
    assert visitor.post(QUIETER, data=form).location.endswith("?not=over")
    assert "Make it quieter" not in visitor.get(f"/plan/{PLAN_ID}", headers=ENGLISH).text


def test_everybody_can_read_the_weights_and_what_is_recommended(
    visitor: FlaskClient, planner: Planner
) -> None:
    text = visitor.get("/plan/weights", headers=ENGLISH).text
    assert "Nothing at present." in text
    assert "The area has set no limits." in text
    assert "counts 50 % more, with a second such thing another 25 %" in text
    assert "never loses more than 8 %" in text
    crowd(planner)
    past = Promotion(10, "2025-11-01", "2025-11-30", {"ja": "昔"})
    settings = {**planner.known.crowd.settings, "bath": SpotSettings(promotion=past)}
    planner.known = replace(planner.known, crowd=Crowd(settings))
    headers = {**ENGLISH, "Cache-Control": "no-cache"}
    text = visitor.get("/plan/weights", headers=headers).text
    assert "Benten Pond" in text
    assert "+15 %" in text
    assert "Autumn leaves" in text
    assert "120 people at once" in text
    assert "昔" not in text, "what is over is recommended no longer"
    assert 'href="/plan/weights"' in page_of(visitor)
