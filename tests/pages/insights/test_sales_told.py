"""Sales on the pages of marketing staff: what is withheld is a word, never a nought."""

import csv
import html
import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from google.protobuf.message import Message

from meguri.insights.v1 import insights_service_pb2 as pb
from services.edge.insights import folds
from services.edge.insights.export import range_csv
from services.edge.insights.plain import plain
from tests.pages.insights.test_pages import (
    Services,
    app,
    backstage,
    browser,
    empty_day,
    full_day,
    services,
)

__all__ = ["app", "backstage", "browser", "services"]

HOURS = "Hours and ways to pay are told only of days on which every shop consents"
DAY = "/insights/days/2026-05-03?locale=en"


def narrow_day(reach: pb.SalesReach.ValueType, *, over: bool = True, **book: Any) -> pb.Day:
    """A day as marketing staff is answered it."""
    day = full_day()
    day.over = over
    day.live_payments.CopyFrom(pb.Payments(reach=reach, **book))
    for hour in day.hours:
        hour.captured_count, hour.captured_yen, hour.sales_withheld = 0, 0, True
    payments = next(each for each in day.sources if each.service == "payments")
    payments.coarse, payments.event_count = True, 0
    return day


def total_day() -> pb.Day:
    return narrow_day(
        pb.SALES_REACH_TOTAL, net_yen=64_000, kept_count=17, shop_count=5, other_shop_count=4,
        other_shops_yen=52_000,
        shop_takings=[pb.ShopTakings(shop_place_id="b", names={"en": "Tea"}, net_yen=12_000)],
    )  # fmt: skip


def show(services: Services, day: pb.Day, browser: FlaskClient, path: str = DAY) -> str:
    services.day = day
    return html.unescape(browser.get(path).text)


def test_where_no_shop_stands_alone_there_is_no_other(
    browser: FlaskClient, services: Services
) -> None:
    day = total_day()
    del day.live_payments.shop_takings[:]
    day.live_payments.other_shop_count, day.live_payments.other_shops_yen = 5, 64_000
    page = show(services, day, browser)
    assert '<th scope="row">All 5 shops together</th><td class="number">¥64,000</td>' in page
    assert "other shop" not in page


def test_a_total_stands_without_its_parts(browser: FlaskClient, services: Services) -> None:
    page = show(services, total_day(), browser)
    assert "¥64,000" in page
    assert "17 sales kept · 5 shops" in page
    assert HOURS in page
    tile = page.partition("</svg>Payments</h2>")[2].partition("</section>")[0]
    assert "Source: payments" in tile
    assert "newest event" not in tile, "it would be the minute of a sale"
    assert "Ways to pay</h2>" not in page
    assert '<th scope="row">Tea</th><td class="number">¥12,000</td>' in page
    assert '<th scope="row">4 other shops</th><td class="number">¥52,000</td>' in page
    assert "in the hour from 2026-05-03 13:27" in page  # a fake that is not rounded is seen as said


@pytest.mark.parametrize(
    ("over", "why"),
    [(True, "Withheld: fewer than three shops sold"), (False, "Sales of the running day are told")],
)
def test_what_is_not_told_says_why(
    browser: FlaskClient, services: Services, *, over: bool, why: str
) -> None:
    day = narrow_day(pb.SALES_REACH_NONE, over=over, shop_count=1, other_shop_count=1)
    page = show(services, day, browser, DAY if over else "/insights?locale=en")
    assert why in page
    assert "¥" not in page.partition("Payments</h2>")[2].partition("</section>")[0]
    assert "No real payment on this day yet" not in page


def test_a_shop_alone_stands_beside_others_that_do_not(
    browser: FlaskClient, services: Services
) -> None:
    day = narrow_day(
        pb.SALES_REACH_NONE, shop_count=2, other_shop_count=1,
        shop_takings=[pb.ShopTakings(shop_place_id="b", net_yen=900)],
    )  # fmt: skip
    page = show(services, day, browser)
    assert '<th scope="row">1 other shop</th><td class="number"><span class="withheld">' in page


def test_whoever_keeps_the_books_sees_what_they_saw(
    browser: FlaskClient, services: Services
) -> None:
    day = full_day()
    day.live_payments.reach = pb.SALES_REACH_ALL
    page = show(services, day, browser)
    assert "Takings by hour" in page
    assert HOURS not in page
    assert "¥23,000" in page


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def table(services: Services, day: pb.Day, browser: FlaskClient) -> list[dict[str, str]]:
    services.day = day
    found = rows(browser.get("/insights/days/2026-05-03.csv?locale=en").get_data(as_text=True))
    return [line for line in found if line["source"] == "payments" and line["practice"] == "no"]


def test_the_table_of_a_day_leaves_cells_empty_and_says_so(
    browser: FlaskClient, services: Services
) -> None:
    whole = {(line["figure"], line["by"]): line for line in table(services, total_day(), browser)}
    assert whole["captured", ""]["amount_yen"] == ""
    assert whole["captured", ""]["withheld"] == "yes"
    assert whole["captured", "hour"]["count"] == ""
    assert whole["declined", ""]["withheld"] == "yes"
    assert (whole["kept", ""]["count"], whole["kept", ""]["amount_yen"]) == ("17", "64000")
    assert (whole["kept", "shop"]["name"], whole["kept", "shop"]["amount_yen"]) == ("Tea", "12000")
    others = whole["kept", "other_shops"]
    assert (others["value"], others["amount_yen"]) == ("4", "52000")
    nothing = table(services, narrow_day(pb.SALES_REACH_NONE, other_shop_count=1), browser)
    kept = [line for line in nothing if line["figure"] == "kept"]
    assert [(line["amount_yen"], line["withheld"]) for line in kept] == [("", "yes"), ("", "yes")]


def some_days() -> pb.ReadRangeResponse:
    return pb.ReadRangeResponse(
        days=[
            pb.DayTotals(date="2026-05-01", sales=pb.SALES_REACH_NONE, scan_count=4),
            pb.DayTotals(date="2026-05-02", sales=pb.SALES_REACH_TOTAL, net_yen=700, kept_count=3),
            pb.DayTotals(date="2026-05-03", sales=pb.SALES_REACH_ALL, net_yen=50, kept_count=1,
                         captured_yen=50, captured_count=1),
            pb.DayTotals(date="2026-05-04", sales=pb.SALES_REACH_ALL),
        ]
    )  # fmt: skip


def test_a_row_of_days_says_of_how_many_its_sum_is(
    browser: FlaskClient, services: Services
) -> None:
    services.answers["ReadRange"] = lambda _: some_days()
    page = html.unescape(
        browser.get("/insights/days?locale=en&from=2026-05-01&until=2026-05-04").text
    )
    assert "1 day is not in it." in page
    assert page.count('<span class="withheld">withheld</span>') == 5 + 3
    (whole,) = folds.folded(some_days().days[:3])
    assert (whole.net_yen, whole.told_days, whole.untold_days) == (750, 2, 1)
    assert "Takings of 2 of 3 days" in page


def test_the_table_of_days_leaves_cells_empty_and_says_so() -> None:
    lines = rows(range_csv(some_days()))
    assert [line["net_yen"] for line in lines] == ["", "700", "50", "0"]
    assert [line["captured_yen"] for line in lines] == ["", "", "50", "0"]
    assert [line["sales_withheld"] for line in lines] == ["yes", "yes", "no", "no"]
    assert lines[0]["scan_count"] == "4"


def test_programs_read_null_and_not_nought() -> None:
    book = plain(total_day(), "Asia/Tokyo")["live_payments"]
    assert (book["captured_yen"], book["net_yen"], book["other_shops_yen"]) == (
        None,
        64_000,
        52_000,
    )
    day = plain(narrow_day(pb.SALES_REACH_NONE), "Asia/Tokyo")
    assert day["live_payments"]["net_yen"] is None
    assert day["live_payments"]["other_shops_yen"] is None
    assert day["hours"][13]["captured_yen"] is None
    assert {each["service"]: each["event_count"] for each in day["sources"]}["payments"] is None
    first, second, third, _ = plain(some_days(), "Asia/Tokyo")["days"]
    assert (first["net_yen"], second["captured_yen"], third["captured_yen"]) == (None, None, 50)
    hidden = pb.OwnerTotal(withheld=True, known=True, agrees=True)
    assert plain(hidden, "Asia/Tokyo")["counted"] is None
    assert plain(empty_day(), "Asia/Tokyo")["live_payments"]["net_yen"] == 0


def test_the_cross_check_of_marketing_staff_asks_no_ledger(
    browser: FlaskClient, services: Services
) -> None:
    def answer(request: Any) -> Message:
        day = pb.DayAgreement(business_date=request.until_date, scan_count=9)
        day.live_payments.reach = pb.SALES_REACH_TOTAL
        day.live_payments.net_yen = 700
        for measure, agrees in (("captured_yen", True), ("refunded_yen", False)):
            day.totals.add(service="payments", measure=measure, known=True, agrees=agrees,
                           withheld=True)  # fmt: skip
        day.closes.add(shop_place_id="a", names={"en": "Kiosk"}, close_number=3, withheld=True)
        return pb.ReadAgreementResponse(days=[day])

    services.answers["ReadAgreement"] = answer
    page = html.unescape(browser.get("/insights/agreement?locale=en").text)
    assert not services.called("ReadTotals")
    assert "what the ledger said of the day after midnight" in page
    assert "Sales of this day are not told here one by one" in page
    assert "They differ" in page
    assert "Amount refunded (yen)" in page
    assert "differs by" not in page
    assert "¥700" not in page
    assert "700" not in page
    assert "<strong>Kiosk</strong> close no. 3" in page
