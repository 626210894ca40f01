"""Hours in which a sensor heard only in part are named where their figures are shown."""

import csv
import io

import pytest
from flask.testing import FlaskClient

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from tests.pages.edge.fakes import stamp
from tests.pages.insights.sensed import MONDAY, Sensed, at
from tests.pages.insights.test_pages import app, backstage, browser
from tests.pages.insights.test_visitors_page import LOCALES, services, words

__all__ = ["app", "backstage", "browser", "services"]  # fixtures
PAGE = "/insights/visitors?span=week&on=2026-05-04"
FEW, MINUTES, CHANNELS = (
    wire.HEARING_FLAW_FEW_FRAMES, wire.HEARING_FLAW_SILENT_MINUTES,
    wire.HEARING_FLAW_SILENT_CHANNELS,
)  # fmt: skip


def flawed(
    hour: int, flaw: "wire.HearingFlaw.ValueType", amount: int, zone: str = "gate"
) -> wire.FlawedHour:
    return wire.FlawedHour(
        zone_id=zone, sensor_id=f"{zone}-1", hour_start_time=stamp(at(MONDAY, hour)), flaw=flaw,
        amount=amount,
    )  # fmt: skip


def test_a_week_in_which_all_heard_well_says_nothing(browser: FlaskClient) -> None:
    assert "heard only in part, so" not in words(browser.get(f"{PAGE}&locale=en").text)


def test_hours_in_a_row_are_one_line(browser: FlaskClient, services: Sensed) -> None:
    services.flawed = [
        flawed(10, FEW, 12), flawed(11, FEW, 8), flawed(14, FEW, 0), flawed(11, MINUTES, 22),
        flawed(9, CHANNELS, 3, "street"),
    ]  # fmt: skip
    page = words(browser.get(f"{PAGE}&locale=en").text)
    assert "Sensors heard only in part, so figures may be too low" in page
    assert "Main gate (gate-1), 05/04 10:00 –11:00: heard only 8 % of what" in page.replace(
        "10:00–11:00", "10:00 –11:00"
    )
    assert "Main gate (gate-1), 05/04 14:00: heard hardly anything" in page
    assert "heard nothing for 22 minutes of an hour" in page
    assert "Street (street-1), 05/04 09:00: 3 of its channels were silent" in page


def test_a_zone_s_page_names_its_own_sensors(browser: FlaskClient, services: Sensed) -> None:
    services.flawed = [flawed(10, FEW, 12), flawed(9, CHANNELS, 3, "street")]
    page = words(browser.get(f"{PAGE}&zone=street&locale=en").text)
    assert "A sensor heard only in part, so figures may be too low" in page
    assert "gate-1" not in page


def test_many_are_cut_short_and_all_are_in_the_table(
    browser: FlaskClient, services: Sensed
) -> None:
    services.flawed = [flawed(hour, FEW, hour) for hour in range(0, 24, 1) if hour % 2 or hour > 20]
    services.flawed += [flawed(hour, CHANNELS, 2) for hour in range(0, 16, 2)]
    page = words(browser.get(f"{PAGE}&locale=en").text)
    assert "more are in the table (CSV)." in page
    file = browser.get("/insights/visitors.csv?on=2026-05-04").text.lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(file)))
    told = [row for row in rows if row["figure"] == "sensor_heard_in_part"]
    assert len(told) == len(services.flawed)
    assert {row["method"] for row in told} == {"percent of expected frames", "silent channels"}
    assert told[0]["kind"] == "gate-1"


@pytest.mark.parametrize("locale", LOCALES)
def test_it_is_said_in_every_language(browser: FlaskClient, services: Sensed, locale: str) -> None:
    services.flawed = [flawed(10, FEW, 12), flawed(11, MINUTES, 22), flawed(12, CHANNELS, 3)]
    page = words(browser.get(f"{PAGE}&locale={locale}").text)
    assert "gate-1" in page
    assert ("heard only" in page) is (locale == "en")
