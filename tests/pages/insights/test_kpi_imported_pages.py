"""A KPI of imported figures on its pages and papers, with a book made up."""

import io
import re

import openpyxl  # type: ignore[import-untyped] # it has none
import pytest
from flask.testing import FlaskClient

from meguri.insights.v1 import import_service_pb2 as imports_pb
from meguri.insights.v1 import kpi_service_pb2 as pb
from services.edge.insights.kpi import series
from tests.pages.insights.kpi_made import Services, book, figure, nights, send
from tests.pages.insights.test_pages import Backstage, app, backstage, browser

__all__ = ["app", "backstage", "browser"]  # fixtures
ONE = "/insights/kpi/one/foreign_stays"
SERIES = pb.KpiSeries(measure="宿泊客延数", place="美祢市")
TYPED = {"name-ja": "宿泊", "measure": "0", "unit": str(pb.KPI_UNIT_NIGHTS), "version": "3"}


@pytest.fixture
def services(backstage: Backstage) -> Services:
    backstage.services = found = Services()
    return found


def imported(value: int = 30, months: int = 3) -> pb.KpiFigure:
    return figure(
        value, certainty=pb.KPI_CERTAINTY_IMPORTED, month_count=months, import_number=3,
        source_note="prefecture, table 2",
    )  # fmt: skip


def of_imports() -> pb.Kpi:
    kpi = nights()
    kpi.settings.series.CopyFrom(SERIES)
    kpi.ClearField("progress")
    kpi.figure.CopyFrom(imported())
    del kpi.years[:]
    kpi.years.add(period="2026", figure=imported())
    kpi.months[0].figure.CopyFrom(imported(10, 1))
    return kpi


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_the_form_offers_what_was_imported_with_its_months_and_unit(browser: FlaskClient) -> None:
    text = browser.get(f"{ONE}/settings?locale=en").text
    assert "宿泊客延数 · 美祢市 (Apr 2025 to Jun 2025) · nights" in text
    assert series.unpacked(series.packed("宿泊客延数", "美祢市")) == ("宿泊客延数", "美祢市")


def test_a_source_is_chosen_with_its_months(browser: FlaskClient, services: Services) -> None:
    answer = send(
        browser, f"{ONE}/settings", **TYPED, series=series.packed("宿泊客延数", "美祢市"),
        series_first="2025-04", series_last="2026-03",
    )  # fmt: skip
    assert answer.status_code == 303
    (said,) = services.said
    assert said.settings.series == pb.KpiSeries(
        measure="宿泊客延数", place="美祢市", first_month="2025-04", last_month="2026-03"
    )
    assert said.settings.measure == pb.KPI_MEASURE_UNSPECIFIED


def test_without_one_there_is_none(browser: FlaskClient, services: Services) -> None:
    send(browser, f"{ONE}/settings", **TYPED, series="")
    (said,) = services.said
    assert not said.settings.HasField("series")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"series": "visitors"}, "f-series"), ({"series": "[1, 2]"}, "f-series"),
        ({"series": '["a", "b", "c"]'}, "f-series"), ({"series": '["a", "b"]', "measure": "2",
         "unit": "1"}, "f-series"),
        ({"series": '["a", "b"]', "series_first": "2025"}, "f-series_first"),
        ({"series": '["a", "b"]', "series_first": "2025-05", "series_last": "2025-04"},
         "f-series_last"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_at_its_field(
    browser: FlaskClient, services: Services, given: dict[str, str], field: str
) -> None:
    answer = send(browser, f"{ONE}/settings?locale=en", **(TYPED | given))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert services.said == []


def test_what_is_not_imported_any_more_stays_chosen(
    browser: FlaskClient, services: Services
) -> None:
    services.found = pb.ReadKpiBookResponse(book=book(of_imports()))
    services.months = imports_pb.ReadMonthsResponse()
    text = browser.get(f"{ONE}/settings?locale=en").text
    assert "What was chosen; it is not imported any more" in text
    assert "selected" in text.partition("f-series")[2].partition("</select>")[0]


def test_a_series_of_two_units_is_not_offered() -> None:
    both = [
        imports_pb.MonthFigure(measure="m", place="p", month=f"2025-0{n}", unit=unit)
        for n, unit in ((4, imports_pb.MONTH_UNIT_YEN), (5, imports_pb.MONTH_UNIT_NIGHTS))
    ]
    assert series.choices_of(both) == []
    assert set(series.UNITS) == set(imports_pb.MonthUnit.values()) - {0}


def test_pages_say_which_import_a_figure_is_of(browser: FlaskClient, services: Services) -> None:
    services.found = pb.ReadKpiBookResponse(book=book(of_imports()))
    said = "Import no. 3, kept by Mori on 2026-05-03: prefecture, table 2"
    whole = words(browser.get("/insights/kpi?locale=en").text)
    assert f"宿泊客延数 · 美祢市 – {said}" in whole
    assert "3 of 12 months imported" in whole
    one = browser.get(f"{ONE}?locale=en").text
    assert words(one).count(said) >= 2  # of the year, and of the month in its row
    # A month that is imported is none that can be entered.
    offered = one.partition('id="f-period"')[2].partition("</select>")[0]
    assert 'value="2026-05"' in offered
    assert 'value="2026-04"' not in offered


def test_editions_say_it_on_paper_as_well(browser: FlaskClient, services: Services) -> None:
    services.edition.book.CopyFrom(book(of_imports()))
    page = browser.get("/insights/kpi/editions/2026/2?locale=en").text
    assert "Import no. 3, kept by Mori on 2026-05-03" in page
    sheet = openpyxl.load_workbook(
        io.BytesIO(browser.get("/insights/kpi/editions/2026/2.xlsx?locale=en").data)
    )
    cells = [str(cell.value) for rows in sheet.active.iter_rows() for cell in rows]
    assert any("Import no. 3" in each for each in cells)
    table = browser.get("/insights/kpi/editions/2026/2.csv?locale=en").text
    assert "Import no. 3" in table


def test_a_year_without_an_imported_month_says_so(browser: FlaskClient, services: Services) -> None:
    kpi = of_imports()
    kpi.ClearField("figure")
    del kpi.years[:]
    services.found = pb.ReadKpiBookResponse(book=book(kpi))
    text = words(browser.get("/insights/kpi?locale=en").text)
    assert "No month of this year is imported yet" in text
    assert "From what is imported: 宿泊客延数 · 美祢市" in text
