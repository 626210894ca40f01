"""The month of a shop's owner: the area beside the shop, what stands out, as page and table."""

import csv
import html
import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.insights.v1 import insights_service_pb2 as insights_pb
from meguri.insights.v1 import shop_service_pb2 as pb
from tests.pages.edge.fakes import FakeServices
from tests.pages.edge.test_office import office, shop
from tests.pages.edge.test_office_owner import EN, only

__all__ = ["office"]

HOME = "/till/office/month"


def full(**more: Any) -> pb.ReadShopMonthResponse:
    """May with guests and sales, beside April and no May before."""
    area = pb.AreaMonth(
        admitted=pb.ShopMonthFigure(value=12_400), guide_views=pb.ShopMonthFigure(value=5_120),
        plans=pb.ShopMonthFigure(value=300, untold_days=4), asked_count=2_000,
        origins=[insights_pb.Cell(value="JP", count=1_500), insights_pb.Cell(value="ZZ", count=20)],
        languages=[insights_pb.Cell(value="ja", count=4_000),
                   insights_pb.Cell(value="ko", count=900), insights_pb.Cell(value="und", count=9)],
        language_view_count=5_000,
        gate_hours=[pb.WeekHour(weekday=7, hour=13, value=400),
                    pb.WeekHour(weekday=6, hour=9, value=100)],
        zones=[pb.ZoneMonth(zone_id="z", names={"en": "Main gate"}, kind="devices", hours=[
            pb.ZoneHourMean(hour=13, estimate=80, low=60, high=110, hour_count=20),
        ])],
    )  # fmt: skip
    own = pb.OwnMonth(
        kept_count=40, net_yen=52_000,
        days=[pb.OwnDay(date="2026-05-02", kept_count=30, net_yen=40_000),
              pb.OwnDay(date="2026-05-03", kept_count=10, net_yen=12_000)],
        hours=[pb.OwnHour(weekday=6, hour=10, captured_count=31, captured_yen=41_000)],
        tenders=[pb.OwnTender(tender="card", captured_count=31, captured_yen=41_000),
                 pb.OwnTender(tender="shells", captured_count=1, captured_yen=5)],
    )  # fmt: skip
    before = pb.MonthBeside(
        month="2026-04", until_date="2026-04-30", kept_count=50, net_yen=50_000,
        admitted=pb.ShopMonthFigure(value=10_000),
        guide_views=pb.ShopMonthFigure(value=5_120, untold_days=1),
    )  # fmt: skip
    year = pb.MonthBeside(month="2025-05", until_date="2025-05-31")
    findings = [
        pb.MonthFinding(
            kind=pb.MONTH_FINDING_KIND_FULL_AND_QUIET,
            weekday=7,
            hour=13,
            area_count=400,
            own_count=1,
            own_weekday_count=20,
            at_gates=True,
        ),
        pb.MonthFinding(
            kind=pb.MONTH_FINDING_KIND_APART, at_gates=True, area_percent=24, own_percent=-20
        ),
    ]
    given: dict[str, Any] = {
        "month": "2026-05", "until_date": "2026-05-31", "over": True, "area": area, "own": own,
        "before": before, "year_before": year, "findings": findings, "suppression_k": 10,
        "first_month": "2026-04",
    }  # fmt: skip
    return pb.ReadShopMonthResponse(**(given | more))


def show(browser: FlaskClient, office: FakeServices, found: pb.ReadShopMonthResponse,
         path: str = HOME, **headers: str) -> str:  # fmt: skip
    only(office, shop())
    office.answers["ReadShopMonth"] = lambda _: found
    return html.unescape(browser.get(path, headers=headers or EN).text)


def test_the_month_shows_guests_beside_own_sales_with_their_sources(
    browser: FlaskClient, office: FakeServices
) -> None:
    page = show(browser, office, full())
    assert "<h1>May 2026</h1>" in page
    assert "12,400" in page
    assert "(+24 %)" in page
    assert "at least 300" in page
    assert "¥52,000" in page
    assert "(-20 %)" in page
    assert "(+4 %)" in page
    row = page.partition("Pages of the guide<br>")[2].partition("</tr>")[0]
    assert "at least 5,120" in row
    assert "%" not in row, "a sum that leaves days out is not compared"
    assert page.count("–</td>") >= 5, "a year ago nothing was counted"
    assert "Main gate: devices" in page
    assert '<td class="number">60</td><td class="number">110</td>' in page
    assert "Another country" in page
    assert "No wish sent" in page
    assert "shells" in page, "a way to pay of a later release"
    for source in ("tickets at the gates", "guide", "day plans", "the till of the shop"):
        assert f"Source: {source}" in page
    assert office.called("ReadShopMonth")[-1].shop_place_id == "shop-a"


def test_what_stands_out_is_said_in_sentences_and_labelled(
    browser: FlaskClient, office: FakeServices
) -> None:
    page = show(browser, office, full())
    assert (
        "The area is fullest on Sunday from 13 to 15 o’clock: 400 people at the gates in this"
        " month. Your till is quiet then: 1 of the 20 payments of that day of the week." in page
    )
    assert "people at the gates +24 %, your sales -20 %" in page
    assert "Computed by rules" in page
    japanese = show(browser, office, full(), **{"Accept-Language": "ja"})
    assert (
        "日曜日の13時から15時です（この月のゲート入場者は400人）。この時間帯、お店のレジは静かです"
        in japanese
    )
    language = pb.MonthFinding(
        kind=pb.MONTH_FINDING_KIND_LANGUAGE, locale="ko", share_percent=18
    )  # fmt: skip
    pages = pb.MonthFinding(kind=pb.MONTH_FINDING_KIND_FULL, weekday=1, hour=9, area_count=70)
    page = show(browser, office, full(findings=[pages, language]))
    assert "fullest on Monday from 9 to 11 o’clock: 70 pages of the guide" in page
    assert "Your till is quiet" not in page
    assert "18 % of the guide’s pages whose language is told were asked for in Korean." in page
    later = [pb.MonthFinding(kind=pb.MonthFindingKind.ValueType(77))]
    assert "Nothing stands out" in show(browser, office, full(findings=later))


def test_days_and_hours_stand_beside_one_another(
    browser: FlaskClient, office: FakeServices
) -> None:
    page = show(browser, office, full())
    hours = page.partition('id="hours"')[2].partition("</section>")[0]
    assert [each.partition("<")[0] for each in hours.split('<th scope="row">')[1:]] == [
        "9:00", "10:00", "11:00", "12:00", "13:00",
    ]  # fmt: skip
    days = page.partition('id="days"')[2].partition("</section>")[0]
    assert 'Saturday<br><span class="small muted">1 day</span>' in days
    assert "¥40,000" in days


def test_months_are_chosen_and_turned(browser: FlaskClient, office: FakeServices) -> None:
    page = show(browser, office, full(), f"{HOME}?month=2026-05")
    assert office.called("ReadShopMonth")[-1].month == "2026-05"
    assert 'href="/till/office/month?shop=shop-a&month=2026-04"' in page
    assert 'href="/till/office/month?shop=shop-a&month=2026-06"' in page
    first = show(browser, office, full(month="2026-04", until_date="2026-04-30"))
    assert "month=2026-03" not in first
    for bad in ("2026-13", "x", "2026-5", "1999-01"):
        show(browser, office, full(), f"{HOME}?month={bad}")
        assert office.called("ReadShopMonth")[-1].month == ""


def test_nothing_yet_says_what_to_wait_for(browser: FlaskClient, office: FakeServices) -> None:
    empty: dict[str, Any] = {
        "area": pb.AreaMonth(), "own": pb.OwnMonth(), "findings": [], "before": None,
        "year_before": None,
    }  # fmt: skip
    page = show(browser, office, full(**empty))
    assert "Neither guests nor sales were counted in this month" in page
    assert "No live sale in this month" in page
    assert "Nothing stands out by the rules below." in page
    page = show(browser, office, full(**empty, until_date="", over=False))
    assert "No day of this month is over yet" in page
    page = show(browser, office, full(over=False, until_date="2026-05-11"))
    assert "Other months are compared by as many days." in page


def test_the_table_has_every_figure_once(browser: FlaskClient, office: FakeServices) -> None:
    text = show(browser, office, full(), f"{HOME}.csv?shop=shop-a")
    lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    found = {
        (line["month"], line["whose"], line["figure"], line["by"], line["value"]): line
        for line in lines
    }
    assert len(found) == len(lines)
    assert found["2026-05", "area", "plans", "", ""]["days_left_out"] == "4"
    assert found["2026-04", "area", "admitted", "", ""]["count"] == "10000"
    assert found["2026-04", "shop", "kept", "", ""]["amount_yen"] == "50000"
    assert ("2025-05", "shop", "kept", "", "") not in found
    assert found["2026-05", "area", "devices", "zone_hour_mean", "z 13"]["high"] == "110"
    assert found["2026-05", "area", "admitted", "weekday_hour", "7 13"]["withheld_below"] == "10"
    assert found["2026-05", "shop", "captured", "tender", "card"]["amount_yen"] == "41000"
    assert found["2026-05", "shop", "kept", "date", "2026-05-03"]["count"] == "10"


def test_whoever_has_several_shops_chooses_one(browser: FlaskClient, office: FakeServices) -> None:
    office.user.roles[:] = [directory_pb.ROLE_SHOP_OWNER]
    page = browser.get(HOME, headers=EN).text
    assert 'href="/till/office/month?shop=shop-b"' in page
    assert not office.called("ReadShopMonth")
    assert browser.get(f"{HOME}?shop=shop-x", headers=EN).status_code == 404
    assert browser.get(f"{HOME}.csv", headers=EN).text.count("\n") == 1


@pytest.mark.parametrize("tag", ["ja", "ko", "zh-CN", "zh-TW"])
def test_it_is_read_in_the_language_of_the_shop(
    browser: FlaskClient, office: FakeServices, tag: str
) -> None:
    page = show(browser, office, full(), **{"Accept-Language": tag})
    for word in ("What stands out", "People at the gates", "Your takings", "Computed"):
        assert word not in page


def test_the_way_there_is_on_the_own_shop(browser: FlaskClient, office: FakeServices) -> None:
    only(office, shop())
    assert (
        'href="/till/office/month?shop=shop-a"' in browser.get("/till/office/mine", headers=EN).text
    )
