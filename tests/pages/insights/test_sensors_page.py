"""The page of sensors: what is wrong with which, in words; and gadgets beside all other figures."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights.visitors.sensors import REASONS
from tests.pages.edge.fakes import stamp
from tests.pages.insights.sensed import MONDAY, TOKYO, Sensed, at
from tests.pages.insights.test_pages import Backstage, app, backstage, browser
from tests.pages.insights.test_visitors_page import words

__all__ = ["app", "backstage", "browser"]  # fixtures
PAGE = "/insights/visitors/sensors?locale=en"
NOON = stamp(datetime(2026, 5, 4, 12, 30, tzinfo=TOKYO))
LOCALES = ("ja", "en", "ko", "zh-Hans", "zh-Hant")


@pytest.fixture
def services(backstage: Backstage) -> Sensed:
    backstage.services = found = Sensed()
    found.sensors = [
        wire.Sensor(
            sensor_id="gate-pax", zone_id="gate", kind=wire.SENSOR_KIND_GADGET,
            state=wire.SENSOR_STATE_SICK, heard_time=NOON, clock_ahead_s=-86_400,
            refusals=[
                wire.Refusals(reason=reason, count=number + 1, last_time=NOON)
                for number, reason in enumerate(REASONS)
            ],
        ),
        wire.Sensor(
            sensor_id="street-1", zone_id="street", kind=wire.SENSOR_KIND_PROBES,
            state=wire.SENSOR_STATE_OK, heard_time=NOON,
        ),
        wire.Sensor(sensor_id="hill-1", zone_id="hill", state=wire.SENSOR_STATE_NEVER_HEARD,
                    kind=wire.SENSOR_KIND_MERAKI, posts_refused=3, batches_waiting=12,
                    observations_dropped=7),
    ]  # fmt: skip
    return found


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_opens_in_every_language(browser: FlaskClient, locale: str) -> None:
    answer = browser.get(f"/insights/visitors/sensors?locale={locale}")
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text
    assert answer.headers["Cache-Control"] == "private, no-cache"
    for code in (*REASONS, "SENSOR_", "style=", "<script>"):
        assert code not in answer.text


def test_each_reason_is_told_in_words_with_its_number(browser: FlaskClient) -> None:
    page = words(browser.get(PAGE).text)
    assert "gate-pax Not well" in page
    assert "Gadget that counts itself · Main gate · last heard 2026/05/04 12:30" in page
    assert "Its clock, or its link, is behind by 24 h." in page
    for number, text in enumerate(REASONS.values()):
        times = "1 time" if number == 0 else f"{number + 1} times"
        assert f"{text} {times} · last 05/04 12:30" in page, text


def test_a_sensor_that_is_well_says_so(browser: FlaskClient) -> None:
    page = words(browser.get(PAGE).text)
    assert "street-1 Works Wi-Fi sensor · Street" in page
    assert page.count("Nothing is known to be wrong with it.") == 1
    assert "Posts came with a wrong secret and were not counted. 3 times" in page
    assert "Batches wait at the sensor for the link. 12 times" in page


def test_without_a_sensor_the_page_says_what_to_do(browser: FlaskClient, services: Sensed) -> None:
    services.sensors = []
    assert "No sensor is enrolled" in browser.get(PAGE).text


def test_names_are_text_and_nothing_else(browser: FlaskClient, services: Sensed) -> None:
    services.sensors[0].sensor_id = "<script>alert(1)</script>"
    services.sensors[0].refusals[0].reason = "<b>NEW"
    page = browser.get(PAGE).text
    assert "<script>alert" not in page
    assert "&lt;b&gt;NEW" in page


def test_the_page_says_when_the_service_is_away(browser: FlaskClient, services: Sensed) -> None:
    services.away.add("VisitorSenseService")
    services.away.add("visitor_sense")
    assert browser.get(PAGE).status_code == 503


def test_gadgets_stand_apart_on_the_page_of_visitors(
    browser: FlaskClient, services: Sensed
) -> None:
    def hour(clock: int, devices: int) -> wire.GadgetHour:
        return wire.GadgetHour(
            sensor_id="gate-pax", zone_id="gate", hour_start_time=stamp(at(MONDAY, clock)),
            devices=devices, withheld=not devices, minutes=60,
        )  # fmt: skip

    address = "/insights/visitors?locale=en&span=day&on=2026-05-04"
    before = words(browser.get(address).text)
    assert "Counted by gadgets" not in before
    services.gadgets.hours.extend([hour(9, 4_321), hour(10, 0)])
    page = words(browser.get(address).text)
    assert "Counted by gadgets" in page
    assert "gate-pax Main gate · devices, as the gadget counted them" in page
    assert "5/4 9:00 4,321 4,321 4,321" in page
    assert "5/4 10:00 fewer than 10" in page
    # In no sum: what stands before the section is what stood there without it.
    assert page.split("Counted by gadgets")[0] == before.split("How long they stayed")[0]
    assert "4,321" not in words(browser.get(address + "&zone=street").text)
