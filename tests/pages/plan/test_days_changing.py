"""A day that changes on the page of all days, and what a browser keeps of them."""

import grpc
from flask.testing import FlaskClient

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary.domain.plan import Effect
from tests.pages.edge.fakes import Failure
from tests.pages.plan.conftest import DAY_IDS, MADE, SOJOURN_ID, Planner
from tests.pages.plan.test_pages import ENGLISH
from tests.pages.plan.test_sojourns import PAGE, page_of


def tap(visitor: FlaskClient, day_id: str, where: str, **fields: str) -> str:
    """Taps a button of a day on the page of all days. Returns where it leads."""
    entries = {"request_id": f"tap-{where}-of-this-test", "days": SOJOURN_ID, **fields}
    answer = visitor.post(f"/plan/{day_id}/{where}", data=entries, headers=ENGLISH)
    assert answer.status_code == 303
    return answer.location


def test_a_day_is_repaired_and_taken_back_on_the_page_of_all_days(
    visitor: FlaskClient, planner: Planner
) -> None:
    text = page_of(visitor)
    assert "/repair" not in text
    assert "/undo" not in text
    second = DAY_IDS[1]
    poi_id = planner.kept[second].itinerary.plan.visits[0].poi_id
    planner.effects = (Effect(poi_id, "c1", "flood", MADE, None),)
    text = visitor.get(PAGE, headers=ENGLISH).text
    assert f'action="/plan/{second}/repair" data-inplace>' in text, "and nothing goes by itself"
    assert tap(visitor, second, "repair") == f"{PAGE}#of-{second}"
    assert f'id="of-{second}"' in text

    change = {"do": "out", "poi_id": poi_id, "version": "1", "days": "no sojourn"}
    assert tap(visitor, second, "change", **change) == f"/plan/{second}"
    text = visitor.get(PAGE, headers=ENGLISH).text
    assert text.count("Your day is changed") == 1
    assert text.count('name="version" value="2"') == 1
    assert tap(visitor, second, "undo", version="2") == f"{PAGE}#of-{second}"
    assert "Your day is as it was before" in visitor.get(PAGE, headers=ENGLISH).text
    restored = planner.kept[second].itinerary.plan.visits
    assert poi_id in {visit.poi_id for visit in restored}


def test_a_change_of_another_phone_is_told_at_its_day(visitor: FlaskClient) -> None:
    page_of(visitor)
    second = DAY_IDS[1]
    change = {"do": "lunch", "poi_id": "", "version": "7"}
    there = tap(visitor, second, "change", **change)
    assert there == f"{PAGE}?not=elsewhere&of={second}#of-{second}"
    part = visitor.get(there, headers=ENGLISH).text.split(f'id="of-{second}"')[1]
    assert "This day was changed on another phone meanwhile." in part.split("</section>")[0]
    elsewhere = visitor.get(f"{PAGE}?not=elsewhere&of=nothing", headers=ENGLISH).text
    assert "on another phone meanwhile" not in elsewhere


def test_a_browser_keeps_all_days_as_one(visitor: FlaskClient) -> None:
    kept = f'data-kept="days/{SOJOURN_ID}" data-date="2026-11-21" data-until="2026-11-23"'
    assert kept in page_of(visitor)
    assert kept in visitor.get(f"/plan/{DAY_IDS[1]}", headers=ENGLISH).text


def test_a_day_that_would_overlap_another_one_stays_as_it_is(
    visitor: FlaskClient, planner: Planner
) -> None:
    page_of(visitor)

    def refused(_request: pb.ChangeItineraryRequest) -> pb.ChangeItineraryResponse:
        raise Failure(grpc.StatusCode.FAILED_PRECONDITION, "DAYS_OVERLAP")

    planner.answers["ChangeItinerary"] = refused
    there = tap(visitor, DAY_IDS[0], "change", do="lunch", poi_id="", version="1")
    assert there == f"{PAGE}?not=overlap&of={DAY_IDS[0]}#of-{DAY_IDS[0]}"
    assert "Another of your days has not ended then" in visitor.get(there, headers=ENGLISH).text
