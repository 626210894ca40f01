"""What is foretold stands with its interval and its error; what is not says why."""

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from tests.pages.edge.fakes import stamp
from tests.pages.insights.sensed import MONDAY, TOKYO, Sensed, at
from tests.pages.insights.test_pages import Backstage, app, backstage, browser
from tests.pages.insights.test_visitors_page import LOCALES, words

__all__ = ["app", "backstage", "browser"]  # fixtures
PAGE = "/insights/visitors?locale=en&on=2026-05-04"


def foretold(zone: str = "gate", *, people: bool = True) -> wire.ZoneForecast:
    found = wire.ZoneForecast(
        zone_id=zone, make_time=stamp(datetime(2026, 5, 4, 9, 5, tzinfo=TOKYO)), days=80,
        kind=wire.COUNT_KIND_VISITORS if people else wire.COUNT_KIND_DEVICES, days_needed=42,
        accuracy=wire.ForecastAccuracy(
            hours=1_234, error_share=0.247, plain_error_share=0.391, coverage=0.894
        ),
    )  # fmt: skip
    for number in range(7):
        for hour in (9, 10, 11):
            one = found.hours.add(withheld=hour == 11)
            one.hour_start_time.CopyFrom(stamp(at(MONDAY + timedelta(days=number), hour)))
            if hour != 11:
                one.figure.CopyFrom(wire.Estimate(estimate=100 + number, low=71, high=142))
    return found


@pytest.fixture
def services(backstage: Backstage) -> Sensed:
    backstage.services = found = Sensed()
    found.forecast = wire.ReadForecastResponse(
        zones=[
            wire.ZoneForecast(zone_id="street", not_yet_reason="TOO_FEW_DAYS", days=12,
                              days_needed=42),
            foretold(),
        ]
    )  # fmt: skip
    return found


def test_a_forecast_stands_with_its_interval_and_its_error(browser: FlaskClient) -> None:
    page = words(browser.get(PAGE).text)
    assert "visitors · made at 05/04 09:05" in page
    assert "5/4 9:00 100 71 142" in page
    assert "5/4 11:00 fewer than 10" in page
    assert "5/7 9:00" not in page.split("The next hours and days")[1].split("How long they")[0]
    assert "Sun, May 10 : 212" in page.replace("May 10:", "May 10 :")
    assert (
        "Over 1,234 hours of the last weeks it would have been off by 25 % of the figures, and"
        " “as in the same hour last week” by 39 %. 89 % of them lay in the interval."
    ) in page


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("TOO_FEW_DAYS", "12 of the 42 days that are needed have been counted"),
        ("TOO_FEW_HOURS", "Too few hours were told in the last weeks"),
        ("NO_BETTER_THAN_LAST_WEEK", "no better than by looking at the same hour"),
        ("", "No hour to come is foretold just now."),
        ("SOMETHING_NEW", "No hour to come is foretold just now."),
    ],
)
def test_without_one_the_page_says_why(
    browser: FlaskClient, services: Sensed, reason: str, said: str
) -> None:
    services.forecast.zones[0].not_yet_reason = reason
    page = words(browser.get(PAGE).text)
    assert said in page
    assert page.index("Main gate visitors · made") < page.index("No forecast yet")


def test_one_that_was_no_better_shows_both_errors(browser: FlaskClient, services: Sensed) -> None:
    del services.forecast.zones[0]
    services.forecast.zones[0].not_yet_reason = "NO_BETTER_THAN_LAST_WEEK"
    page = words(browser.get(PAGE).text)
    assert "off by 25 % of the figures" in page
    assert "made at" not in page


def test_a_zone_s_page_shows_its_own_and_devices_are_named(
    browser: FlaskClient, services: Sensed
) -> None:
    services.forecast.zones.append(foretold("hill", people=False))
    page = words(browser.get(f"{PAGE}&zone=hill").text)
    assert "devices · made at" in page
    assert "visitors · made at" not in page
    assert "days that are needed" not in page


@pytest.mark.parametrize("locale", LOCALES)
def test_it_is_said_in_every_language(browser: FlaskClient, locale: str) -> None:
    answer = browser.get(f"/insights/visitors?locale={locale}&on=2026-05-04")
    assert answer.status_code == 200
    assert "1,234" in answer.text
    assert ("The next hours and days" in answer.text) is (locale == "en")
