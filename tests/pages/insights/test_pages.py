"""The pages and documents of the numbers, with figures made up and no service behind."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from google.protobuf.message import Message

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.edge import cookies, main
from tests.pages.edge.fakes import SESSION, FakeServices, settings

NOW = datetime(2026, 5, 3, 4, 30, tzinfo=UTC)
PAGES = ("/insights", "/insights/days", "/insights/days/2026-05-03", "/insights/agreement",
         "/insights/feedback")  # fmt: skip


def cell(value: str, count: int, **more: Any) -> pb.Cell:
    return pb.Cell(value=value, count=count, **more)


def full_day() -> pb.Day:
    day = empty_day()
    day.as_of_time.FromDatetime(NOW)
    day.late_count = 2
    for source in day.sources:
        source.event_count = 7
        source.last_occur_time.FromDatetime(NOW - timedelta(minutes=3))
    day.hours[13].scan_count, day.hours[13].captured_yen = 51, 24_000
    day.hours[13].captured_count = 12
    day.scans.CopyFrom(
        pb.Scans(
            count=51, offline_count=20, other_language_count=11,
            by_locale_asked=pb.Breakdown(
                cells=[cell("ja", 30), cell("ko", 0, withheld=True), cell("th", 0, withheld=True)],
                n=51, suppression_k=10,
            ),
            by_stop=pb.Breakdown(cells=[cell("K7Q2X", 51, names={"ja": "百枚皿"})], n=51),
        )
    )  # fmt: skip
    day.live_payments.CopyFrom(
        pb.Payments(captured_count=12, captured_yen=24_000, net_yen=23_000, refunded_count=1,
                    kept_count=9, voided_count=3,
                    refunded_yen=1_000, shop_count=1,
                    by_tender=pb.Breakdown(cells=[cell("card", 12, amount_yen=24_000)], n=12))
    )  # fmt: skip
    day.practice_payments.CopyFrom(pb.Payments(captured_count=3, captured_yen=999, net_yen=999))
    for start, estimate in ((1, 40), (2, 0)):
        zone = day.visitors.zone_hours.add(
            zone_id="gate", names={"ja": "正面口"}, estimate=estimate, low=estimate, high=estimate,
            kind="devices", method="signature", withheld=not estimate,
        )  # fmt: skip
        zone.start_time.FromDatetime(datetime(2026, 5, 3, start, tzinfo=UTC))
    day.visitors.suppression_k = 10
    return day


def empty_day() -> pb.Day:
    day = pb.Day(date="2026-05-03", time_zone="Asia/Tokyo")
    day.hours.extend(pb.HourTotals(hour=hour) for hour in range(24))
    names = ("directory", "itinerary", "multilingual", "payments", "visitor_sense")
    day.sources.extend(pb.Source(service=name) for name in names)
    return day


def full_month() -> pb.ReadFeedbackResponse:
    return pb.ReadFeedbackResponse(
        month="2026-05", over=True, rating_count=60, reply_count=40, suppression_k=10,
        stops=[
            pb.RatedStop(
                stop_code="K7Q2X", names={"ja": "百枚皿"}, count=60,
                languages=[
                    pb.RatedLanguage(locale="zh-Hant", count=20, liking=pb.LIKING_FEW,
                                     reasons=[pb.Cell(value="hard")]),
                    pb.RatedLanguage(locale="ja", count=30, liking=pb.LIKING_NEARLY_ALL),
                    pb.RatedLanguage(locale="und", count=10, liking=pb.LIKING_MOST),
                ],
            ),
        ],
        questions=[
            pb.AnsweredQuestion(question_id="country", answers=pb.Breakdown(
                cells=[cell("JP", 30)], n=40, suppression_k=10)),
            pb.AnsweredQuestion(question_id="party", answers=pb.Breakdown(
                cells=[cell("alone", 20), cell("shoal", 10)], n=40, suppression_k=10)),
            pb.AnsweredQuestion(question_id="prefecture", answers=pb.Breakdown(
                cells=[cell("JP-35", 20)], n=40, suppression_k=10)),
        ],
    )  # fmt: skip


class Services(FakeServices):
    """Stand-ins that know figures; `day` is what insights answers."""

    def __init__(self) -> None:
        super().__init__()
        self.user = directory_pb.User(
            user_id="u9", login_name="analyst", roles=[directory_pb.ROLE_ANALYST]
        )
        self.day, self.compared = full_day(), ""
        self.totals = payments_pb.ReadTotalsResponse(
            totals=[payments_pb.TenderTotal(captured_count=12, captured_yen=24_000)]
        )
        self.answers |= {
            "ReadToday": lambda _: pb.ReadTodayResponse(day=self.day),
            "ReadDay": lambda _: pb.ReadDayResponse(day=self.day),
            "ReadRange": self._range,
            "ReadAgreement": self._agreement,
            "ReadFeedback": lambda _: full_month(),
            "ReadTotals": lambda request: (
                self.totals
                if request.business_date == self.compared
                else payments_pb.ReadTotalsResponse()
            ),
        }

    def _range(self, request: Any) -> Message:
        days = [pb.DayTotals(date=request.until_date, scan_count=51, net_yen=23_000, kept_count=9)]
        return pb.ReadRangeResponse(days=days, first_date="2026-04-01")

    def _agreement(self, request: Any) -> Message:
        self.compared = request.until_date
        day = pb.DayAgreement(
            business_date=request.until_date, scan_count=51,
            live_payments=pb.Payments(captured_count=12, captured_yen=24_000),
        )  # fmt: skip
        return pb.ReadAgreementResponse(days=[day])


class Backstage:
    """Passes calls on to the services of the test at hand: one application serves all tests."""

    def __init__(self) -> None:
        self.services: FakeServices = Services()

    def stub(self, kind: type[Any], deadline_s: float, caller: Any) -> Any:
        return self.services.stub(kind, deadline_s, caller)


@pytest.fixture(scope="module")
def backstage() -> Backstage:
    return Backstage()


@pytest.fixture(scope="module")
def app(backstage: Backstage) -> Flask:
    return main.create_app(settings(), clients=backstage)  # type: ignore[arg-type]


@pytest.fixture
def services(backstage: Backstage) -> Services:
    backstage.services = found = Services()
    return found


@pytest.fixture
def browser(app: Flask, services: Services) -> Iterator[FlaskClient]:
    app.extensions["meguri"].sessions.forget_all()
    with app.test_client() as client:
        client.set_cookie(cookies.SESSION.name, SESSION)
        yield client


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("locale", ["ja", "en", "ko", "zh-Hans", "zh-Hant"])
def test_every_page_opens_in_every_language(browser: FlaskClient, page: str, locale: str) -> None:
    answer = browser.get(f"{page}?locale={locale}")
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text
    assert "style=" not in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize("page", [*PAGES, "/insights/live", "/insights/days.csv"])
def test_visitors_are_asked_to_sign_in_and_clerks_are_refused(
    browser: FlaskClient, services: Services, page: str
) -> None:
    services.user.roles[:] = [directory_pb.ROLE_CLERK]
    assert browser.get(page).status_code == 403
    browser.delete_cookie(cookies.SESSION.name)
    answer = browser.get(page)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login")


def test_api_without_a_login_is_a_problem_document(browser: FlaskClient) -> None:
    browser.delete_cookie(cookies.SESSION.name)
    answer = browser.get("/api/v1/insights/today")
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.get_json()["reason"] == "login_required"


def test_practice_is_apart_and_withheld_cells_show_no_number(browser: FlaskClient) -> None:
    text = browser.get("/insights?locale=en").text
    assert "¥23,000" in text
    assert "練習・入金されません" in text
    assert "¥999" in text
    row = text.partition(">Korean</th>")[2].partition("</tr>")[0]
    assert "withheld" in row
    assert "0" not in row.partition("</td>")[0]


def test_a_demo_area_says_so(browser: FlaskClient, services: Services) -> None:
    assert "Demo data" not in browser.get("/insights?locale=en").text
    services.day.demo = True
    assert "Demo data" in browser.get("/insights?locale=en").text


def test_an_empty_day_says_what_is_missing_and_how_long_it_takes(
    browser: FlaskClient, services: Services
) -> None:
    services.day = empty_day()
    text = browser.get("/insights?locale=en").text
    assert "it counts here within two seconds" in text
    assert "a figure stands here when the hour is over" in text
    assert "No event of any service has been heard yet." in text


def test_live_figures_are_sent_again_only_when_they_changed(
    browser: FlaskClient, services: Services
) -> None:
    page = browser.get("/insights?locale=ja").text
    etag = page.partition('data-etag="')[2].partition('" ')[0].partition('">')[0]
    etag = etag.replace("&#34;", '"').replace("&quot;", '"')
    first = browser.get("/insights/live?locale=ja")
    assert first.headers["ETag"] == etag
    assert (
        browser.get("/insights/live?locale=ja", headers={"If-None-Match": etag}).status_code == 304
    )
    services.day.scans.count += 1
    changed = browser.get("/insights/live?locale=ja", headers={"If-None-Match": etag})
    assert (changed.status_code, changed.headers["ETag"] != etag) == (200, True)


def test_the_day_as_csv_says_where_each_figure_comes_from(browser: FlaskClient) -> None:
    answer = browser.get("/insights/days/2026-05-03.csv?locale=ja")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "2026-05-03.csv" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    by = {(r["source"], r["figure"], r["by"], r["value"], r["practice"]): r for r in rows}
    assert by["payments", "captured", "", "", "no"]["amount_yen"] == "24000"
    assert by["payments", "captured", "", "", "yes"]["amount_yen"] == "999"
    korean = by["multilingual", "scans", "locale_asked", "ko", "no"]
    assert (korean["count"], korean["withheld_below"]) == ("", "10")
    assert by["multilingual", "scans", "stop", "K7Q2X", "no"]["name"] == "百枚皿"


def test_names_that_look_like_formulas_stay_text(browser: FlaskClient, services: Services) -> None:
    for sign in "=＝":
        services.day.scans.by_stop.cells[0].names["ja"] = f'{sign}HYPERLINK("http://bad")'
        text = browser.get("/insights/days/2026-05-03.csv?locale=ja").text
        assert f"'{sign}HYPERLINK" in text


def test_json_keeps_integers_offsets_and_withheld_as_null(browser: FlaskClient) -> None:
    day = browser.get("/api/v1/insights/today").get_json()
    assert day["live_payments"]["captured_yen"] == 24_000
    assert day["as_of_time"] == "2026-05-03T13:30:00+09:00"
    cells = {c["value"]: c["count"] for c in day["scans"]["by_locale_asked"]["cells"]}
    assert cells == {"ja": 30, "ko": None, "th": None}
    assert [z["estimate"] for z in day["visitors"]["zone_hours"]] == [40, None]


def test_json_is_not_sent_again_while_it_is_the_same(browser: FlaskClient) -> None:
    first = browser.get("/api/v1/insights/days?from=2026-05-01&until=2026-05-03")
    again = browser.get(
        "/api/v1/insights/days?from=2026-05-01&until=2026-05-03",
        headers={"If-None-Match": first.headers["ETag"]},
    )
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")


def test_agreement_shows_what_differs_by_how_much(browser: FlaskClient, services: Services) -> None:
    services.user.roles[:] = [directory_pb.ROLE_ACCOUNTANT]  # the ledger is asked for them alone
    services.totals.totals[0].captured_yen = 23_990
    text = browser.get("/insights/agreement?locale=en").text
    assert "They differ" in text
    assert "differs by 10" in text


def test_agreement_without_the_owner_says_so(browser: FlaskClient, services: Services) -> None:
    services.away.add("payments")
    text = browser.get("/insights/agreement?locale=en").text
    assert "The owners have said nothing yet" in text
    assert "All agree" not in text
    assert "the owner has not said it" in text


def totaled(services: Services, said_yen: int) -> None:
    """Lets the ledger have said its total of the day, of captures alone."""

    def answer(request: Any) -> Message:
        found = services._agreement(request)
        assert isinstance(found, pb.ReadAgreementResponse)
        found.days[0].totals.add(
            service="payments", measure="captured_yen", counted=24_000, said=said_yen, known=True,
            agrees=said_yen == 24_000,
        )  # fmt: skip
        return found

    services.answers["ReadAgreement"] = answer


def test_the_day_total_of_the_night_agrees_or_says_by_how_much_not(
    browser: FlaskClient, services: Services
) -> None:
    page = "/insights/agreement?locale=en"
    assert "has not said this one yet" in browser.get(page).text
    totaled(services, 24_000)
    assert "day total agrees to the yen" in browser.get(page).text
    totaled(services, 24_500)
    text = browser.get(page).text
    assert "day total is another one" in text
    assert "differs by -500" in text


def test_a_shop_of_the_wizard_has_its_name_and_keeps_its_id_while_payments_is_away(
    browser: FlaskClient, services: Services
) -> None:
    services.day.live_payments.by_shop.CopyFrom(
        pb.Breakdown(cells=[cell("place-of-wizard", 9), cell("gate", 3, names={"ja": "正面口"})],
                     n=12)
    )  # fmt: skip
    shop = payments_pb.Shop(shop_place_id="place-of-wizard", names={"ja": "新しい店"})
    services.answers["ListShops"] = lambda _: payments_pb.ListShopsResponse(shops=[shop])
    text = browser.get("/insights/days/2026-05-03?locale=ja").text
    assert "新しい店" in text
    assert "place-of-wizard" not in text
    assert "正面口" in text
    for each in services.day.live_payments.by_shop.cells:
        each.names.clear()
    services.away.add("payments")
    assert "place-of-wizard" in browser.get("/insights/days/2026-05-03?locale=ja").text


def test_insights_away_is_a_friendly_page(browser: FlaskClient, services: Services) -> None:
    services.away.add("insights")
    assert browser.get("/insights").status_code == 503
    assert browser.get("/api/v1/insights/today").get_json()["reason"] == "service_unavailable"


def test_dates_that_are_none_are_taken_as_not_given(browser: FlaskClient) -> None:
    answer = browser.get("/insights/days?from=yesterday&until='><script>")
    assert answer.status_code == 200
    assert "<script>" not in answer.text


@pytest.mark.parametrize("locale", ["ja", "en", "ko", "zh-Hans", "zh-Hant"])
def test_no_two_columns_of_the_days_carry_one_name(browser: FlaskClient, locale: str) -> None:
    page = browser.get("/insights/days", headers={"Accept-Language": locale}).text
    heads = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', page)
    assert len(heads) == len(set(heads)) == 9


def test_sales_kept_are_what_people_read_not_the_captures(browser: FlaskClient) -> None:
    english = {"Accept-Language": "en"}
    assert "9 sales kept" in browser.get("/insights", headers=english).text
    row = browser.get("/insights/days", headers=english).text.split("<tbody>")[1]
    assert re.findall(r'"number"[^>]*>([^<]+)<', row)[:3] == ["51", "9", "23,000"]
    table = browser.get("/insights/days.csv").text.splitlines()
    assert dict(zip(table[0].split(","), table[1].split(","), strict=True))["kept_count"] == "9"


@pytest.mark.parametrize("locale", ["ja", "en", "ko", "zh-Hans", "zh-Hant"])
def test_till_and_figures_use_the_same_words(
    browser: FlaskClient, services: Services, locale: str
) -> None:
    services.user.roles.append(directory_pb.ROLE_ACCOUNTANT)
    services.answers["ListShops"] = lambda _: payments_pb.ListShopsResponse(
        shops=[payments_pb.Shop(shop_place_id="a", names={"ja": "売店"})]
    )
    services.answers["ListPayments"] = lambda _: payments_pb.ListPaymentsResponse()
    services.answers["ReadTotals"] = lambda _: payments_pb.ReadTotalsResponse(
        totals=[
            payments_pb.TenderTotal(
                tender=payments_pb.TENDER_CARD, captured_count=12, voided_count=2, kept_count=9
            )
        ]
    )
    chosen = {"Accept-Language": locale}
    till = browser.get("/till/today?shop=a", headers=chosen).text
    days = browser.get("/insights/days", headers=chosen).text
    heads = re.compile(r'<th scope="col" class="number">([^<]+)</th>')
    assert heads.findall(till) == heads.findall(days)[1:6]
    assert re.findall(r'<td class="number"[^>]*>(\d+)</td>', till)[0] == "9"
