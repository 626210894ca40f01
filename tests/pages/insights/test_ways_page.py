"""The pages of visitors: ways from zone to zone, when they came and left, noise, and a year."""

import csv
import io
import re

from flask.testing import FlaskClient

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from tests.pages.insights.sensed import Sensed
from tests.pages.insights.test_pages import app, backstage, browser
from tests.pages.insights.test_visitors_page import PAGE, services, words

__all__ = ["app", "backstage", "browser", "services"]  # fixtures


def test_ways_from_zone_to_zone_are_drawn_listed_and_laid_out(
    browser: FlaskClient, services: Sensed
) -> None:
    services.days.directed_dates.append("2026-05-05")
    services.days.moves.extend([
        wire.ZoneDayMove(date="2026-05-05", from_zone_id="gate", to_zone_id="street", devices=120),
        wire.ZoneDayMove(date="2026-05-05", from_zone_id="street", to_zone_id="gate", devices=20),
        wire.ZoneDayMove(date="2026-05-04", from_zone_id="hill", to_zone_id="gate", devices=990),
    ])  # fmt: skip
    page = browser.get(PAGE).text
    text = words(page)
    assert "From zone to zone" in text
    assert "Main gate → Street 120 (101–148)" in text
    assert "Street → Main gate 20 (12–38)" in text
    assert "990" not in text  # of another day
    assert page.count('class="tie-head"') == 2
    assert "4 ways had fewer than 10, or none" in text
    assert "In both zones, whichever was first Zone" not in text
    assert "Main gate – Street 25 (16–44)" in text
    assert "directions were not counted yet" not in text
    matrix = page.split('class="table table--tight matrix"')[1].split("</table>")[0]
    assert re.findall(r'<td class="number">(.*?)</td>', matrix)[1] == "120"
    lines = list(
        csv.DictReader(io.StringIO(
            browser.get("/insights/visitors.csv?span=day&on=2026-05-05").text.removeprefix("\ufeff")
        ))
    )  # fmt: skip
    way = next(line for line in lines if line["figure"] == "from_zone_to_zone")
    names = ("zone", "other_zone", "estimate", "noise_scale")
    assert [way[name] for name in names] == ["gate", "street", "120", ""]


def test_when_devices_came_and_left_is_drawn_and_laid_out(
    browser: FlaskClient, services: Sensed
) -> None:
    assert "The finished day, zone by zone" not in browser.get(PAGE).text
    gate = services.days.dwell[0]
    gate.came_s.extend([9 * 3_600, 11 * 3_600 + 600])
    gate.left_s.extend([12 * 3_600, 15 * 3_600])
    services.days.devices.append(
        wire.ZoneDayDevices(zone_id="street", date="2026-05-05",
                            figure=wire.Estimate(estimate=340, low=204, high=1_060))
    )  # fmt: skip
    page = browser.get(PAGE).text
    text = words(page)
    assert "33 % 9:00 12:00 67 % 11:10 15:00" in text
    assert page.count('class="curve curve--left"') == 1
    assert "Street 340 (204–1,060)" in text


def test_a_day_without_a_way_of_ten_says_so(browser: FlaskClient, services: Sensed) -> None:
    services.days.directed_dates.append("2026-05-05")
    text = words(browser.get(PAGE).text)
    assert "On no way from one zone to the next were there ten devices" in text
    assert "6 ways had fewer than 10, or none" in text


def test_noise_is_said_where_figures_carry_it(browser: FlaskClient, services: Sensed) -> None:
    services.days.directed_dates.append("2026-05-05")
    services.days.moves.append(
        wire.ZoneDayMove(date="2026-05-05", from_zone_id="gate", to_zone_id="street", devices=120,
                         noise_scale=2.0)
    )  # fmt: skip
    plain = words(browser.get(PAGE).text)
    assert "No chance is added to the figures." in plain
    assert plain.count("Chance was added to these figures; the interval holds it.") == 2
    services.noise = wire.NoiseParameters(
        epsilon_per_day=8, epsilon_per_hour=0.5, zone_hours=8, delta_per_figure=1e-5,
        shown_from=34, within=4,
    )  # fmt: skip
    noisy = words(browser.get(PAGE).text)
    assert "nine in ten lie within 4 of what was counted. Below 34 nothing is shown." in noisy
    assert "differential privacy, epsilon 8 a day" in noisy


def test_a_year_is_drawn_week_by_week(browser: FlaskClient) -> None:
    page = browser.get(f"{PAGE}&span=year").text
    text = words(page)
    assert "Week by week" in text
    assert "Hour by hour" not in text
    figures = [100 + hour for hour in range(9, 18) if hour != 12]
    table = words(page[page.index('id="d-days"') :])
    assert f"Week from Mon, May 4 {7 * sum(figures):,}" in table
    assert "Compare two periods" not in text
    assert "span=week&amp;on=2026-05-04" in page
