"""The pages of visitors: what is counted, what is withheld, what is missing, and how sure it is."""

import csv
import io
import re
from datetime import UTC, datetime
from itertools import pairwise

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge import cookies
from tests.pages.edge.fakes import AWAY, stamp
from tests.pages.insights.sensed import MONDAY, TOKYO, Sensed, at, told
from tests.pages.insights.test_pages import Backstage, app, backstage, browser

__all__ = ["app", "backstage", "browser"]  # fixtures
PAGE = "/insights/visitors?locale=en&on=2026-05-05&zone=gate"
LOCALES = ("ja", "en", "ko", "zh-Hans", "zh-Hant")
ADDRESSES = (
    "/insights/visitors", "/insights/visitors/compare", "/insights/visitors.csv",
    "/api/v1/insights/visitors/presence", "/api/v1/insights/visitors/dwell",
)  # fmt: skip
HOSTILE = (
    "span=year", "span=%00", "on=2026-02-30", "on=9999-12-31", "on=0001-01-01", "on=1999-12-31",
    "on='%3BDROP", "zone=%3Cscript%3Ealert(1)%3C/script%3E", "zone=../../etc", "days=-1",
    "days=0", "days=99999999999999999999", "days=%D9%A3", "days=1e9", "days=",
    "later=2099-12-31&days=31", "earlier=2000-01-01&later=2000-01-01",
    "finished=2026-05-04%27", "finished=%22onload=", "on=2099-12-31&span=month",
    "zone=" + "x" * 5_000,
)  # fmt: skip


@pytest.fixture
def services(backstage: Backstage) -> Sensed:
    backstage.services = found = Sensed()
    return found


def words(text: str) -> str:
    """The text of a page as it is read."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("span", ["day", "week", "month"])
def test_every_span_opens_in_every_language(browser: FlaskClient, locale: str, span: str) -> None:
    answer = browser.get(f"/insights/visitors?locale={locale}&span={span}&on=2026-05-05")
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text
    assert answer.headers["Cache-Control"] == "private, no-cache"
    for forbidden in ("style=", "<script>", "onclick"):
        assert forbidden not in answer.text
    assert browser.get(f"/insights/visitors/compare?locale={locale}").status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_clerks_are_refused_and_visitors_sign_in(
    browser: FlaskClient, services: Sensed, address: str
) -> None:
    services.user.roles[:] = [directory_pb.ROLE_CLERK]
    assert browser.get(address).status_code == 403
    browser.delete_cookie(cookies.SESSION.name)
    assert browser.get(address).status_code == (401 if address.startswith("/api") else 303)


@pytest.mark.parametrize("query", HOSTILE)
def test_nonsense_in_the_address_is_taken_as_not_given(browser: FlaskClient, query: str) -> None:
    """By pages: a program that mistypes wants no answer to another question."""
    for address in ADDRESSES:
        answer = browser.get(f"{address}?{query}")
        refused = address.startswith("/api") and answer.status_code == 400
        assert refused or answer.status_code == 200, (address, query)
        assert "<script>alert" not in answer.text
        assert '"onload=' not in answer.text


def test_never_more_is_asked_for_than_the_service_answers(
    browser: FlaskClient, services: Sensed
) -> None:
    browser.get("/insights/visitors/compare?days=400&later=2026-05-04")
    browser.get("/insights/visitors?span=month&on=2026-05-31")
    browser.get("/insights/visitors?span=year&on=2025-05-31")
    asked = services.called("ReadVisitors")
    assert len(asked) == 3 + 12
    ends = [(one.from_time.seconds, one.to_time.seconds) for one in asked[3:]]
    assert all(end == begin for (_, end), (begin, _) in pairwise(ends))  # none twice, none missed
    for one in asked:
        assert 0 < one.to_time.seconds - one.from_time.seconds <= 31 * 86_400


def test_visitors_are_said_with_interval_method_and_drift(browser: FlaskClient) -> None:
    page = browser.get(PAGE).text
    text = words(page)
    assert "Visitors." in text
    assert "Devices, not visitors." not in text
    assert "Main gate learned on April 1, 2026 from 40 counted hours. Count again" in text
    assert "6 of 12 counted hours outside of the interval" in text
    # Seven days of 109 … 117 without noon: 7 × (9 × 100 + 117 − 12 …) as the service told them.
    figures = [100 + hour for hour in range(9, 18) if hour != 12]
    assert f"{7 * sum(figures):,}" in text
    assert f"{7 * sum(f - 10 for f in figures):,}–{7 * sum(f + 12 for f in figures):,}" in text
    assert "56 hours are shown. 7 hours have fewer than 10" in text
    assert "105 hours are gaps" in text
    assert page.count('class="band"') > 1
    assert page.count('class="below"') == 7


def test_an_hour_below_ten_is_in_the_table_as_that_and_a_gap_as_a_gap(browser: FlaskClient) -> None:
    page = browser.get(f"{PAGE}&span=day").text
    table = words(page[page.index('id="d-hours"') :])
    assert "5/5 8:00 fewer than 10 5/5 9:00 109 99 121 visitors" in table
    assert "5/5 11:00 111 101 123 visitors 5/5 12:00 gap: nothing was heard 5/5 13:00" in table


def test_a_day_with_missing_hours_is_drawn_hollow_and_said(
    browser: FlaskClient, services: Sensed
) -> None:
    assert "dot--hollow" not in browser.get(PAGE).text
    services.hours = [
        hour for hour in services.hours if hour.hour_start_time != stamp(at(MONDAY, 10))
    ]
    page = browser.get(PAGE).text
    assert page.count("dot--hollow") == 1
    assert "1 day lacks hours that most days have" in words(page)


def test_an_uncalibrated_zone_never_says_visitors_of_its_figures(browser: FlaskClient) -> None:
    text = words(browser.get(PAGE.replace("zone=gate", "zone=street")).text)
    assert "Devices, not visitors." in text
    assert "In nine of ten hours" not in text
    assert "40 24 50 devices, told apart by their Wi-Fi" in text
    assert "No zone shown here has been calibrated." in text


def test_all_zones_are_added_up_only_where_they_count_the_same(
    browser: FlaskClient, services: Sensed
) -> None:
    start = at(MONDAY, 10)
    services.hours = [told("gate", start, (60, 50, 75)), told("street", start, (40, 24, 50)),
                      told("hill", start, None), told("street", at(MONDAY, 11), (40, 24, 50)),
                      told("gate", at(MONDAY, 11), (60, 50, 70), people=True)]  # fmt: skip
    later = stamp(at(MONDAY, 11))
    services.hour_totals = [wire.HourTotal(hour_start_time=stamp(start), estimate=120),
                       wire.HourTotal(hour_start_time=later, withheld=True)]  # fmt: skip
    text = words(browser.get("/insights/visitors?locale=en&on=2026-05-04&span=day").text)
    # Of the 20 in the withheld zone: at least 0, at most 20 × 75 / 60.
    assert "5/4 10:00 120 74 150 devices" in text
    assert "5/4 11:00 counted in different ways, not added up" in text
    assert "whoever was in two zones counts in both" in text
    assert "Some zones tell visitors and others devices" in text


def test_each_zone_has_its_own_curve_where_all_are_asked_for(browser: FlaskClient) -> None:
    page = browser.get("/insights/visitors?locale=en&on=2026-05-04&span=week").text
    assert "Zone by zone" in page
    gate, street = page[page.index("Zone by zone") :].split('class="card panel"')[1:3]
    assert "zone=gate" in gate
    assert words(gate).count("visitors") == 1
    assert "devices, told apart by their Wi-Fi" in words(street)
    for panel in (gate, street):
        assert 'class="band"' in panel
        assert panel.partition("</table>")[0].count("<tr>") == 8
    assert 'id="d-zone-3"' not in page  # nothing was heard on the hill
    assert "Zone by zone" not in browser.get(PAGE).text


def test_a_zone_that_there_is_not_is_taken_as_all(browser: FlaskClient) -> None:
    page = browser.get(PAGE.replace("zone=gate", "zone=moon")).text
    assert "Zone by zone" in page
    assert "All zones ·" in words(page)
    assert "moon" not in page.partition('<main id="main"')[2]


def test_a_lost_key_is_said(browser: FlaskClient, services: Sensed) -> None:
    assert "The key was never lost" in words(browser.get(PAGE).text)
    services.hours.append(told("gate", at(MONDAY, 20), (50, 40, 60), people=True, epochs=2))
    text = words(browser.get(PAGE).text)
    assert (
        "In 1 hour the key was lost and made anew, so some devices count twice: 5/4 20:00" in text
    )


def test_stays_and_pairs_are_of_the_newest_finished_day_or_the_one_asked_for(
    browser: FlaskClient,
) -> None:
    text = words(browser.get(PAGE).text)
    assert "Main gate 8 min 15 min (11–19) 28 min 64" in text
    assert "Main gate – Street 25 (16–44)" in text
    assert "2 pairs of zones had fewer than 10, or none" in text
    assert "directions were not counted yet" in text
    earlier = words(browser.get(f"{PAGE}&finished=2026-05-04").text)
    assert "Main gate 5 min 10 min (7–13) 15 min 30" in earlier
    assert "No two zones had ten devices of the sample in common" in earlier


def test_no_finished_day_is_said(browser: FlaskClient, services: Sensed) -> None:
    services.days = wire.ReadDaysResponse()
    assert words(browser.get(PAGE).text).count("No day of this period is finished yet.") == 2


def test_the_plan_shows_levels_where_zones_have_a_point(
    browser: FlaskClient, services: Sensed
) -> None:
    page = browser.get(PAGE).text
    assert "sketch__pin--busy" in page
    assert re.search(r'sketch__pin--quiet sketch__pin--estimated"', page)
    assert page.count('class="sketch__number') == 2
    assert "Not known" in words(page)
    services.answers["ListPlaces"] = lambda _: _fail()
    page = browser.get(PAGE).text
    assert 'class="sketch"' not in page
    assert "Busy" in words(page)


def _fail() -> directory_pb.ListPlacesResponse:
    raise AWAY


def test_no_zone_and_a_service_that_is_away_have_their_words(
    browser: FlaskClient, services: Sensed
) -> None:
    services.zones = []
    assert "No zone is set up here" in browser.get(PAGE).text
    services.away.add("VisitorSenseService")
    services.away.add("visitor_sense")
    assert browser.get(PAGE).status_code == 503
    assert AWAY.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("later", "said"),
    [
        ((300, 290, 320), "More: between 133 % and 256 %."),
        ((30, 20, 40), "Fewer: between 55 % and 84 %."),
        ((100, 90, 120), "No difference can be told: anything between 28 % fewer and 34 % more is"),
        ((102, 100, 104), "No difference can be told"),
        (None, "These two cannot be compared"),
    ],
)  # fmt: skip
def test_a_comparison_is_one_sentence(
    browser: FlaskClient, services: Sensed, later: tuple[int, int, int] | None, said: str
) -> None:
    services.hours = [told("gate", at(MONDAY, 10), (100, 90, 124), people=True)]
    next_monday = MONDAY.replace(day=11)
    services.hours.append(told("gate", at(next_monday, 10), later, people=True))
    address = "/insights/visitors/compare?locale=en&zone=gate&earlier=2026-05-04&later=2026-05-11"
    text = words(browser.get(address).text)
    assert said in text


@pytest.mark.parametrize(("days", "back"), [("", 7), ("7", 7), ("1", 1), ("30", 30)])
def test_without_dates_the_newest_days_are_compared_with_those_before(
    browser: FlaskClient, services: Sensed, days: str, back: int
) -> None:
    browser.get(f"/insights/visitors/compare?days={days}")
    earlier, later = services.called("ReadVisitors")
    assert earlier.to_time == later.from_time
    assert later.to_time.seconds - later.from_time.seconds == back * 86_400
    now = datetime.now(UTC).timestamp()
    assert later.from_time.seconds <= now < later.to_time.seconds
    if back == 7:
        first = datetime.fromtimestamp(later.from_time.seconds, TOKYO)
        assert (first.weekday(), first.hour) == (0, 0)


def test_the_table_has_the_released_figures_and_no_other(browser: FlaskClient) -> None:
    answer = browser.get("/insights/visitors.csv?span=day&on=2026-05-05")
    assert answer.headers["Content-Disposition"].endswith(
        'filename="meguri-mine-visitors-2026-05-05-2026-05-05.csv"'
    )
    lines = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    gate = [line for line in lines if line["zone"] == "gate" and line["figure"] == "hour"]
    assert [line["estimate"] for line in gate][:3] == ["", "109", "110"]
    assert [line["withheld_below"] for line in gate][:2] == ["10", ""]
    assert (gate[1]["kind"], gate[1]["method"], gate[1]["low"], gate[1]["high"]) == (
        "visitors", "calibrated", "99", "121",
    )  # fmt: skip
    assert gate[1]["start"] == "2026-05-05T09:00:00+09:00"
    street = next(line for line in lines if line["zone"] == "street")
    assert (street["kind"], street["calibration"]) == ("devices", "")
    stay = next(line for line in lines if line["figure"] == "dwell")
    assert (stay["estimate"], stay["median_s"]) == ("64", "900")
    both = next(line for line in lines if line["figure"] == "both_zones")
    assert (both["other_zone"], both["estimate"]) == ("street", "25")


def test_entities_for_fiware_never_call_devices_visitors(browser: FlaskClient) -> None:
    answer = browser.get("/api/v1/insights/visitors/presence?span=day&on=2026-05-05")
    assert answer.content_type == "application/ld+json"
    found = answer.get_json(force=True)
    by_zone = {zone: [e for e in found if f":{zone}:" in e["id"]] for zone in ("gate", "street")}
    hidden, shown = by_zone["gate"][:2]
    assert hidden["withheld"]["value"] is True
    assert not {"visitorCount", "deviceCount"} & hidden.keys()
    assert shown["id"] == "urn:ngsi-ld:TourismPresenceObserved:mine:gate:2026-05-05T00Z"
    count = shown["visitorCount"]
    assert (count["value"], count["low"]["value"], count["high"]["value"]) == (109, 99, 121)
    assert shown["dateObserved"]["value"] == "2026-05-05T00:30:00Z"
    assert shown["hour"]["value"] == 9
    assert shown["location"]["value"] == {"type": "Point", "coordinates": [131.3037, 34.2276]}
    assert (shown["nationality"]["value"], shown["locationCode"]["value"]) == ("ZZ", "gate-place")
    for entity in by_zone["street"]:
        assert "visitorCount" not in entity
        assert entity["deviceCount"]["value"] == 40
        assert entity["locationQuality"]["value"] == "estimate"


def test_dwell_for_fiware_has_no_hour_and_no_visitors(browser: FlaskClient) -> None:
    found = browser.get("/api/v1/insights/visitors/dwell?span=week&on=2026-05-05").get_json(
        force=True
    )
    assert [entity["dwellTimeRange"]["value"] for entity in found] == ["8-28", "5-15"]
    assert found[0]["dwellTimeMedian"] == {
        "type": "Property", "value": 15.0, "observedAt": "2026-05-05T03:00:00Z", "unitCode": "MIN",
    }  # fmt: skip
    assert found[0]["sampledStays"]["value"] == 64
    assert not {"visitorCount", "hour"} & found[0].keys()
    assert browser.get("/api/v1/insights/visitors/dwell?zone=hill").get_json(force=True) == []


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("ja", "増えています。133 % から 256 % の間の増加です。"),
        ("en", "More: between 133 % and 256 %."),
        ("ko", "늘었습니다. 133 %에서 256 % 사이로 늘었습니다."),
        ("zh-Hans", "增加了：在 133 % 到 256 % 之间。"),
        ("zh-Hant", "增加了：在 133 % 到 256 % 之間。"),
    ],
)
def test_the_sentence_is_whole_in_every_language(
    browser: FlaskClient, services: Sensed, locale: str, said: str
) -> None:
    next_monday = MONDAY.replace(day=11)
    services.hours = [told("gate", at(MONDAY, 10), (100, 90, 124), people=True),
                      told("gate", at(next_monday, 10), (300, 290, 320), people=True)]  # fmt: skip
    address = "/insights/visitors/compare?zone=gate&earlier=2026-05-04&later=2026-05-11"
    assert said in words(browser.get(f"{address}&locale={locale}").text)


def test_a_large_crowd_says_that_devices_are_an_average(
    browser: FlaskClient, services: Sensed
) -> None:
    services.hours = [
        told("gate", at(MONDAY, hour), (420, 150, 690), method=wire.COUNT_METHOD_RATE)
        for hour in (10, 11)
    ]
    text = words(browser.get(PAGE).text)
    assert "devices there on average in the hour" in text
    assert "420 150 690 devices there on average (large crowd)" in text
    assert "Visitors." not in text


def test_a_paused_and_a_closed_zone_say_so(browser: FlaskClient, services: Sensed) -> None:
    services.zones[0].closed = True
    services.zones[2].paused = True
    text = words(browser.get(PAGE).text)
    assert "Main gate The place is closed. as of 05/04 09:00" in text
    assert "Hill Counting is paused here." in text


def test_files_are_of_the_period_and_zone_of_the_page(browser: FlaskClient) -> None:
    page = browser.get("/insights/visitors?locale=en&span=day&on=2026-05-06&zone=street").text
    query = "span=day&amp;on=2026-05-06&amp;zone=street"
    for address in ("/insights/visitors.csv", "/api/v1/insights/visitors/presence"):
        assert f'href="{address}?{query}"' in page
    entities = browser.get(
        "/api/v1/insights/visitors/presence?span=day&on=2026-05-06&zone=street"
    ).get_json(force=True)
    assert {entity["locationCode"]["value"] for entity in entities} == {"street-place"}
    observed = {entity["dateObserved"]["value"] for entity in entities}
    assert (min(observed), max(observed)) == ("2026-05-05T23:30:00Z", "2026-05-06T08:30:00Z")


@pytest.mark.parametrize(
    ("span", "table"), [("day", "d-hours"), ("week", "d-days"), ("month", "d-days")]
)
def test_paper_holds_charts_and_one_table_and_says_where_the_rest_is(
    browser: FlaskClient, span: str, table: str
) -> None:
    text = browser.get(f"/insights/visitors?locale=en&span={span}&on=2026-05-05").text
    assert 'class="print-only paper-note"' in text
    assert f"/insights/visitors.csv?span={span}" in text.partition("paper-note")[2][:400]
    tables = re.findall(r'<details class="details behind([^"]*)" id="([^"]*)"', text)
    assert [name for kind, name in tables if "no-print" not in kind] == [table]
    assert re.search(r'<section class="[^"]*no-print[^"]*"><h2 id="t-now">', text)
    zones = text.partition("Zone by zone")[2]
    assert zones.lstrip("</h2>\n ").startswith('div class="print-only"><table')
