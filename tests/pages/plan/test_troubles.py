"""What a page says of wishes that cannot be met, and of what nobody expected to be in a day."""

import re

from flask.testing import FlaskClient

from services.itinerary.domain.poi import Category
from tests.pages.plan.conftest import Planner
from tests.pages.plan.test_pages import page_of
from tests.unit.itinerary.samples import place, poi


def troubles_of(text: str) -> list[str]:
    """Returns what is impossible, as a person reads it."""
    part = text.split("Not everything you asked for is possible")[1].split("</ul><p>", maxsplit=1)[
        0
    ]
    found = re.sub(r"<[^>]+>", " ", part).split("  ")
    return [line.strip() for line in found if line.strip()]


def test_must_visits_that_are_impossible_for_one_reason_are_one_sentence(
    visitor: FlaskClient, planner: Planner
) -> None:
    planner.known.pois["shop"] = poi("shop", opening="Mo-Fr 09:00-17:00")  # type: ignore[index]
    planner.known.places["shop"] = place("shop", 1, 2)  # type: ignore[index]
    text = page_of(visitor, must=["museum", "shop"])
    assert text.count("cannot be visited on this day.") == 1
    assert troubles_of(text) == [
        "“museum”, “shop” cannot be visited on this day.",
        "For each of them: Closed on this day. Choose another day or other times.",
    ]


def test_must_visits_that_are_impossible_for_other_reasons_have_a_line_for_each(
    visitor: FlaskClient,
) -> None:
    text = page_of(visitor, must=["museum", "far"], end_time="10:00")
    assert text.count("cannot be visited on this day.") == 1
    said = troubles_of(text)
    assert said[0] == "“museum”, “far” cannot be visited on this day."
    assert said[1] == "“museum”: Closed on this day."
    assert said[2].startswith("“far”: It would need")
    assert said[3] == "Choose another day or other times."


def test_a_festival_of_another_month_is_told_only_to_who_wants_it(
    visitor: FlaskClient, planner: Planner
) -> None:
    planner.known.pois["fireworks"] = poi(  # type: ignore[index]
        "fireworks", category=Category.OCCASION, opening="2026 Jul 27 17:00-21:30", score=90
    )
    planner.known.places["fireworks"] = place("fireworks", 1, 2)  # type: ignore[index]
    text = page_of(visitor)
    assert "fireworks" not in text
    assert "museum" in text.split("What is not in it, and why")[1]
    text = page_of(visitor, must="fireworks", request_id="form-2-of-this-test")
    assert "“fireworks” cannot be visited on this day." in text
    assert "It is not held on this day." in text
    july = page_of(visitor, visit_date="2026-07-27", end_time="21:00", request_id="form-3-of-it")
    assert "fireworks" in july.split("What is not in it, and why")[0]
