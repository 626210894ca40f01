"""The KPI book on pages and papers, with a book made up and no service behind."""

import csv
import io
import json
import re

import grpc
import openpyxl  # type: ignore[import-untyped] # it has none
import pypdf
import pytest
from flask.testing import FlaskClient

from meguri.insights.v1 import kpi_service_pb2 as pb
from services.edge.insights.kpi import typed
from services.edge.insights.kpi.usual import usual
from services.edge.insights.kpi.words import CHOICES, MEASURES, UNITS
from tests.pages.edge.fakes import Failure
from tests.pages.insights.kpi_made import Services, book, send
from tests.pages.insights.test_pages import Backstage, app, backstage, browser

__all__ = ["app", "backstage", "browser"]  # fixtures
LOCALES = ("ja", "en", "ko", "zh-Hans", "zh-Hant")


@pytest.fixture
def services(backstage: Backstage) -> Services:
    backstage.services = found = Services()
    return found


PAGES = (
    "/insights/kpi", "/insights/kpi/one/foreign_stays", "/insights/kpi/one/foreign_entries",
    "/insights/kpi/one/site_views", "/insights/kpi/one/foreign_stays/settings", "/insights/kpi/new",
    "/insights/kpi/frame", "/insights/kpi/editions/2026/2",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_opens_in_every_language(browser: FlaskClient, page: str, locale: str) -> None:
    answer = browser.get(f"{page}?locale={locale}")
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text
    assert "style=" not in answer.text
    assert "<b>" not in answer.text.partition("survey")[2][:20]


def test_the_book_says_what_is_sure_and_where_it_is_from(browser: FlaskClient) -> None:
    page = browser.get("/insights/kpi?locale=en").text
    assert "1,100" in page
    assert "Way to the target: 50 %" in page
    assert "40 to 70" in page
    assert "Whoever was not asked" in page
    assert "Nothing entered yet" in page
    assert "38 of 61 shops" in page
    assert "Entered by Mori on 2026-05-03" in page
    assert "Edition 2" in page


def test_takings_that_leave_days_out_say_so_on_pages_and_papers(
    browser: FlaskClient, services: Services
) -> None:
    told = pb.KpiFigure(
        value=700_000, high=700_000, certainty=pb.KPI_CERTAINTY_EXACT, month_count=1, untold_days=3
    )
    takings = pb.Kpi(
        kpi_id="takings", version=1, figure=told,
        settings=pb.KpiSettings(
            names={"en": "Takings"}, unit=pb.KPI_UNIT_YEN, measure=pb.KPI_MEASURE_TAKINGS
        ),
        years=[pb.KpiPeriod(period="2026", figure=told)],
    )  # fmt: skip
    services.answers["ReadKpiBook"] = lambda _: pb.ReadKpiBookResponse(book=book(takings))
    page = browser.get("/insights/kpi?locale=en").text
    assert "at least ¥700,000" in page
    assert "without 3 days whose sales are not of three shops or more, none above 70 %" in page
    assert "of days that may be told" in page
    assert "Exact; not all" not in page
    table = browser.get("/insights/kpi/draft.csv?locale=en").get_data(as_text=True)
    assert "at least ¥700,000" in table


def test_an_empty_book_offers_the_usual_ones(browser: FlaskClient, services: Services) -> None:
    services.found = pb.ReadKpiBookResponse(book=book())
    assert "/insights/kpi/usual" in browser.get("/insights/kpi?locale=en").text
    services.found.retired.append(pb.Kpi(kpi_id="visitors"))
    assert send(browser, "/insights/kpi/usual").status_code == 303
    said = {each.kpi_id: each for each in services.said}
    assert said.keys() == {kpi_id for kpi_id, _ in usual()} - {"visitors"}
    assert len({each.request_id for each in said.values()}) == len(said)
    assert said["foreign_entries"].settings.unit == pb.KPI_UNIT_PERSONS


def test_all_units_and_measures_have_words() -> None:
    assert set(UNITS) == set(pb.KpiUnit.values()) - {0}
    assert set(CHOICES) == set(UNITS)
    assert set(MEASURES) == set(pb.KpiMeasure.values())
    assert all(set(settings_.names) == set(LOCALES) for _, settings_ in usual())


@pytest.mark.parametrize("locale", LOCALES)
def test_no_two_units_to_choose_from_read_the_same(browser: FlaskClient, locale: str) -> None:
    text = browser.get(f"/insights/kpi/new?locale={locale}").text
    found = re.search(r'<select[^>]*name="unit".*?</select>', text, re.DOTALL)
    assert found
    words = re.findall(r"<option[^>]*>([^<]*)<", found.group())
    assert len(words) == len(UNITS) + 1
    assert len(set(words)) == len(words)


def test_a_figure_is_entered_as_people_write_it(browser: FlaskClient, services: Services) -> None:
    path = "/insights/kpi/one/foreign_stays?year=2026"
    answer = send(browser, path, period="2026-05", value="¥１,２００", source="inns")
    assert answer.status_code == 303
    (said,) = services.said
    assert (said.period, said.value, said.source_note, said.signed_as) == (
        "2026-05", 1_200, "inns", "Mori",
    )  # fmt: skip
    assert send(browser, path, take_back="2026-05").status_code == 303
    assert services.said[-1].period == "2026-05"
    assert not services.said[-1].HasField("value")


@pytest.mark.parametrize(
    ("entered", "at"),
    [
        ({"period": "2026", "value": "12.5", "source": "x"}, "f-value"),
        ({"period": "2026", "value": "-3", "source": "x"}, "f-value"),
        ({"period": "2026", "value": "9" * 17, "source": "x"}, "f-value"),
        ({"period": "2026", "value": "12", "source": ""}, "f-source"),
        ({"period": "2026", "value": "", "source": "x"}, "f-value"),  # taken back by no accident
        ({"period": "", "value": "12", "source": "x"}, "f-period"),
    ],
)
def test_what_cannot_be_entered_is_told_at_its_field(
    browser: FlaskClient, services: Services, entered: dict[str, str], at: str
) -> None:
    answer = send(browser, "/insights/kpi/one/foreign_stays", **entered)
    assert answer.status_code == 422
    assert f'href="#{at}"' in answer.text
    assert not services.said


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("KPI_MEASURED", "counted from events"), ("INVALID_FIELDS", "cannot be kept"),
        ("TEXT_TOO_LONG", "Shorten it"), ("CARD_NUMBER_TYPED", "number was typed"),
    ],
)  # fmt: skip
def test_what_the_service_refuses_is_told(
    browser: FlaskClient, services: Services, reason: str, sentence: str
) -> None:
    services.refuse = Failure(grpc.StatusCode.FAILED_PRECONDITION, reason)
    answer = send(
        browser, "/insights/kpi/one/foreign_stays?locale=en", period="2026", value="12", source="x"
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="12"' in answer.text  # what was typed stays


SETTINGS = {
    "name-ja": "閲覧数", "name-en": "", "measure": "0", "unit": str(pb.KPI_UNIT_VIEWS),
    "baseline": "456,000", "baseline_year": "2017", "target": "551,000", "target_year": "2022",
    "owner": "PR", "definition": "",
}  # fmt: skip


def test_a_kpi_is_added(browser: FlaskClient, services: Services) -> None:
    answer = send(browser, "/insights/kpi/new", kpi_id="web_views", **SETTINGS)
    assert answer.headers["Location"] == "/insights/kpi/one/web_views?done=1"
    (said,) = services.said
    assert said.settings.target == pb.KpiPoint(fiscal_year=2022, value=551_000)
    assert dict(said.settings.names) == {"ja": "閲覧数"}
    assert said.expected_version == 0


def test_names_in_other_languages_stay_when_a_kpi_is_changed(
    browser: FlaskClient, services: Services
) -> None:
    path = "/insights/kpi/one/foreign_stays/settings"
    assert send(browser, path, version="3", **SETTINGS).status_code == 303
    (said,) = services.said
    assert dict(said.settings.names) == {"ja": "閲覧数", "ko": "숙박"}
    assert said.expected_version == 3


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        ({"kpi_id": "Web"}, "f-kpi_id"), ({"name-ja": ""}, "f-name-ja"), ({"unit": "0"}, "f-unit"),
        ({"unit": "99"}, "f-unit"), ({"measure": "99"}, "f-measure"),
        ({"baseline": "many"}, "f-baseline"), ({"baseline_year": ""}, "f-baseline_year"),
        ({"target_year": "2016"}, "f-target_year"), ({"target": ""}, "f-target"),
        ({"owner": "x" * 81}, "f-owner"), ({"definition": "x" * 401}, "f-definition"),
        ({"name-en": "x" * 81}, "f-name-en"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_kept_are_told_at_their_fields(
    browser: FlaskClient, services: Services, changed: dict[str, str], at: str
) -> None:
    entered = {"kpi_id": "web_views"} | SETTINGS | changed
    answer = send(browser, "/insights/kpi/new", **entered)
    assert answer.status_code == 422
    assert f'href="#{at}"' in answer.text
    assert f'id="{at}"' in answer.text
    assert not services.said


def test_two_who_change_a_kpi_are_told(browser: FlaskClient, services: Services) -> None:
    services.refuse = Failure(grpc.StatusCode.ABORTED, "VERSION_CONFLICT")
    path = "/insights/kpi/one/foreign_stays/settings?locale=en"
    answer = send(browser, path, version="2", **SETTINGS)
    assert answer.status_code == 409
    assert "Somebody else has changed it" in answer.text
    assert 'value="625"' in answer.text
    again = send(browser, "/insights/kpi/new", kpi_id="web_views", **SETTINGS)
    assert 'href="#f-kpi_id"' in again.text


def test_shops_and_costs_are_kept(browser: FlaskClient, services: Services) -> None:
    entered = {"shops": "61", "label-0": "line", "yen-0": "120,000", "label-1": "", "yen-1": ""}
    assert send(browser, "/insights/kpi/frame?year=2026", **entered).status_code == 303
    (said,) = services.said
    assert said.frame == pb.KpiFrame(
        shop_count=61, costs=[pb.KpiCost(label="line", amount_yen=120_000)]
    )
    wrong = entered | {"shops": "many", "label-1": "x", "yen-1": "dear", "label-0": ""}
    answer = send(browser, "/insights/kpi/frame?year=2026", **wrong)
    assert answer.status_code == 422
    for at in ("f-shops", "f-label-0", "f-yen-1"):
        assert f'href="#{at}"' in answer.text


def test_an_edition_is_frozen_with_what_it_is_for(browser: FlaskClient, services: Services) -> None:
    assert send(browser, "/insights/kpi/freeze", year="2026", note="").status_code == 422
    answer = send(browser, "/insights/kpi/freeze", year="2026", note="December session")
    assert answer.headers["Location"] == "/insights/kpi/editions/2026/3"
    services.refuse = Failure(grpc.StatusCode.FAILED_PRECONDITION, "NOTHING_CHANGED")
    again = send(browser, "/insights/kpi/freeze?locale=en", year="2026", note="December session")
    assert (again.status_code, "says the same" in again.text) == (422, True)


def test_an_edition_says_what_it_corrects(browser: FlaskClient) -> None:
    page = browser.get("/insights/kpi/editions/2026/2?locale=en").text
    for text in ("frozen on 2026-05-03 by Mori", "980", "Shops in the area", "¥253", "ab" * 32,
                 "December session"):  # fmt: skip
        assert text in page


@pytest.mark.parametrize("where", ["editions/2026/2", "draft"])
def test_papers_say_what_the_page_says(browser: FlaskClient, where: str) -> None:
    answers = {
        kind: browser.get(f"/insights/kpi/{where}.{kind}?locale=en")
        for kind in ("pdf", "xlsx", "csv")
    }
    pdf = "".join(page.extract_text() for page in pypdf.PdfReader(
        io.BytesIO(answers["pdf"].data)).pages)  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(answers["xlsx"].data)).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    lines = list(csv.reader(io.StringIO(answers["csv"].text)))
    stamp = "Edition 2" if where != "draft" else "Draft"
    assert stamp in pdf
    assert any(cell.startswith(stamp) for cell in cells)
    assert lines[0][-1].startswith(stamp)
    assert "1100" in cells  # a number, not "1,100"
    for told in ("Stays from abroad", "1,570 (FY 2027)"):
        assert told in " ".join(pdf.split())
        assert told in cells
        assert any(told in line for line in lines)
    assert answers["pdf"].content_type == "application/pdf"


def test_nothing_typed_runs_in_a_spreadsheet(browser: FlaskClient) -> None:
    answer = browser.get("/insights/kpi/draft.xlsx?locale=en")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    typed_ = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=PR()"]
    assert [cell.data_type for cell in typed_] == ["s"]
    text = browser.get("/insights/kpi/draft.csv?locale=en").text
    assert "'=PR()" in text


@pytest.mark.parametrize(
    "path",
    [
        "one/nothing", "one/nothing/settings", "editions/2026/x", "editions/x/1", "draft.exe",
        "editions/2026/2.exe", "editions/99999/1", "editions/2026/-1",
    ],
)  # fmt: skip
def test_what_there_is_not_is_not_found(browser: FlaskClient, path: str) -> None:
    assert browser.get(f"/insights/kpi/{path}").status_code == 404


def test_numbers_of_people_are_read() -> None:
    known = {
        "43,000": 43_000,
        "４３０００": 43_000,
        "¥ 5": 5,
        "0": 0,
        "": None,
        "1e3": None,
        "٣": None,
    }
    assert {text: typed.number(text) for text in known} == known
    # Nobody's decimal, or square, becomes another number.
    assert {typed.number(text) for text in ("12,5", "1,2", "4,3,0", "10²", "1.000", "-3")} == {None}
    assert json.dumps(typed.frame_of(pb.KpiFrame()).costs)
