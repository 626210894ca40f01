"""The KPI book for who sees it for the first time, and for who means it harm."""

import csv
import io

import openpyxl  # type: ignore[import-untyped] # it has none
import pypdf
import pytest
from flask.testing import FlaskClient

from meguri.insights.v1 import kpi_service_pb2 as pb
from tests.pages.insights.kpi_made import Services, book, send
from tests.pages.insights.test_pages import Backstage, app, backstage, browser

__all__ = ["app", "backstage", "browser"]  # fixtures
LOCALES = ("ja", "en", "ko", "zh-Hans", "zh-Hant")


@pytest.fixture
def services(backstage: Backstage) -> Services:
    backstage.services = found = Services()
    return found


def test_the_list_of_editions_has_dates(browser: FlaskClient) -> None:
    assert '<time datetime="2026-05-03">' in browser.get("/insights/kpi?locale=en").text


def test_what_an_edition_would_correct_is_told_before(
    browser: FlaskClient, services: Services
) -> None:
    services.found.pending.append(
        pb.KpiCorrection(kpi_id="foreign_entries", names={"en": "Entries from abroad"},
                         what="figure", before=40, before_high=70, after=40, after_high=90)
    )  # fmt: skip
    services.found.pending.append(
        pb.KpiCorrection(kpi_id="foreign_stays", what="target", before=500, before_high=500,
                         before_year=2027, after=500, after_high=500, after_year=2030)
    )  # fmt: skip
    page = browser.get("/insights/kpi?locale=en").text
    for told in ("What has changed since edition 2", "40 to 70", "40 to 90", "500 (FY 2027)",
                 "500 (FY 2030)"):  # fmt: skip
        assert told in page


def test_editions_are_found_where_no_kpi_is_followed(
    browser: FlaskClient, services: Services
) -> None:
    services.found.ClearField("book")
    services.found.book.CopyFrom(book())
    assert "/insights/kpi/editions/2026/2" in browser.get("/insights/kpi").text


def test_all_that_was_entered_can_be_seen_and_entered_again(browser: FlaskClient) -> None:
    page = browser.get("/insights/kpi/one/foreign_stays?locale=en").text
    assert "<s>41</s>" in page
    assert 'name="take_back" value="2025"' in page
    assert 'name="take_back" value="2026-04"' not in page  # it was taken back
    again = browser.get(
        "/insights/kpi/one/foreign_stays?locale=en&period=2026-04&value=41&source=x%22%3E"
    ).text
    assert 'value="41"' in again
    assert 'value="x&#34;&gt;"' in again


def test_a_kpi_that_is_not_followed_says_so_and_how_to_go_back(
    browser: FlaskClient, services: Services
) -> None:
    services.found.book.kpis[0].settings.retired = True
    page = browser.get("/insights/kpi/one/foreign_stays?locale=en").text
    assert "No longer followed: it is left out" in page
    assert 'href="/insights/kpi/one/foreign_stays/settings#aim"' in page


def test_a_few_months_are_shown_without_a_fall(browser: FlaskClient, services: Services) -> None:
    kpi = services.found.book.kpis[0]
    kpi.figure.month_count = 2
    kpi.ClearField("progress")
    page = browser.get("/insights/kpi/one/foreign_stays?locale=en").text
    assert "once the year is whole" in page
    assert "Way to the target" not in page
    assert "The straight way to the target would be at 1,476 in FY 2026." in page


def test_the_years_are_drawn_with_the_straight_way(browser: FlaskClient) -> None:
    page = browser.get("/insights/kpi/one/foreign_stays?locale=en").text
    assert "The straight way from 625 (FY 2017) to 1,570 (FY 2027)" in page
    assert 'class="way"' in page
    drawn = page.partition('<svg class="chart"')[2].partition("</svg>")[0]
    assert drawn.count('class="column"') == 2  # 2025 and 2026; from 2017 on there is room
    assert 'class="way"' not in browser.get("/insights/kpi/one/foreign_entries").text


def test_what_is_counted_offers_no_form(browser: FlaskClient) -> None:
    page = browser.get("/insights/kpi/one/foreign_entries?locale=en").text
    assert 'id="f-value"' not in page
    assert "open an earlier year in the book" in page


@pytest.mark.parametrize(("year", "missing"), [(2000, 1999), (2098, 2099)])
def test_no_year_leads_out_of_the_book(
    browser: FlaskClient, services: Services, year: int, missing: int
) -> None:
    services.found.book.fiscal_year = year
    assert f"year={missing}" not in browser.get("/insights/kpi").text


HOSTILE = "\u202eevil\u2066 \ufeff=1+1<script>#strong[x]\0\x01\uffff観光課　森\t✨" + "W" * 30


def test_what_cannot_be_seen_never_reaches_the_service(
    browser: FlaskClient, services: Services
) -> None:
    path = "/insights/kpi/one/foreign_stays?year=2026"
    assert send(browser, path, period="2026", value="12", source=HOSTILE).status_code == 303
    note = services.said[-1].source_note
    assert note == "evil =1+1<script>#strong[x]  観光課　森 ✨" + "W" * 30


def test_papers_bear_whatever_was_entered(browser: FlaskClient, services: Services) -> None:
    # As another client of the service may have kept it.
    hostile = HOSTILE.replace("\0", "") * 3
    kpi = services.edition.book.kpis[0]
    for name in ("owner", "definition"):
        setattr(kpi.settings, name, hostile)
    kpi.settings.names["en"] = "=" + hostile
    kpi.figure.source_note = "العربية ไทย 𓀀 " + hostile
    services.edition.mark.note = hostile
    services.edition.book.frame.costs[0].label = "@" + hostile
    pdf = browser.get("/insights/kpi/editions/2026/2.pdf?locale=ja")
    assert pypdf.PdfReader(io.BytesIO(pdf.data)).pages
    sheets = openpyxl.load_workbook(
        io.BytesIO(browser.get("/insights/kpi/editions/2026/2.xlsx?locale=ja").data)
    )
    kinds = {cell.data_type for sheet in sheets for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n"}
    line = list(csv.reader(io.StringIO(browser.get("/insights/kpi/editions/2026/2.csv").text)))[1]
    assert not any(cell.startswith(("=", "@", "+")) for cell in line)
    page = browser.get("/insights/kpi/editions/2026/2?locale=en").text
    assert "<script>#strong" not in page


@pytest.mark.parametrize("locale", LOCALES)
def test_costs_are_numbers_in_a_spreadsheet(browser: FlaskClient, locale: str) -> None:
    answer = browser.get(f"/insights/kpi/editions/2026/2.xlsx?locale={locale}")
    sheets = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets
    assert len({sheet.title.lower() for sheet in sheets}) == 4
    cells = [cell.value for sheet in sheets[1:3] for row in sheet.iter_rows() for cell in row]
    assert {120_000, 253} <= set(cells)


def test_yen_are_written_once(browser: FlaskClient, services: Services) -> None:
    for kpi in (services.found.book.kpis[0], services.edition.book.kpis[0]):
        kpi.settings.unit = pb.KPI_UNIT_YEN
    assert "¥1,100</p>" in browser.get("/insights/kpi?locale=ja").text
    pdf = pypdf.PdfReader(
        io.BytesIO(browser.get("/insights/kpi/editions/2026/2.pdf?locale=en").data)
    )
    assert "¥1,100 yen" not in " ".join(pdf.pages[0].extract_text().split())


def test_a_long_word_stays_in_its_column_on_paper(browser: FlaskClient, services: Services) -> None:
    kpi = services.edition.book.kpis[0]
    kpi.settings.names["en"] = kpi.settings.owner = "W" * 80
    pdf = browser.get("/insights/kpi/editions/2026/2.pdf?locale=en").data
    text = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().partition("What it costs")[0]
    words = text.replace("\u200b", "").split()
    assert 6 <= max(len(word) for word in words if set(word) == {"W"}) < 25
