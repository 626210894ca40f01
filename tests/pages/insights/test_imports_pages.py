"""Pages of imports with services made up: every state in every language, forms that are refused."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.insights.v1 import import_service_pb2 as pb
from services.edge import cookies
from services.edge.insights.imports import mapped, words
from tests.pages.edge.fakes import SESSION, Failure, FakeServices
from tests.pages.insights.test_pages import Backstage, app, backstage

__all__ = ["app", "backstage"]  # fixtures
LOCALES = ("ja", "en", "ko", "zh-Hans", "zh-Hant")
PAGE, DRAFT = "/insights/imports", "/insights/imports/drafts/d1"
MONTHS = [f"2025-{month:02}" for month in range(4, 13)]


def value(tenths: int | None, quality: int = 8) -> pb.WeatherValue:
    return pb.WeatherValue(tenths=tenths, quality=quality)


def day(on: str, low: int, high: int, rain: int | None) -> pb.WeatherDay:
    return pb.WeatherDay(
        date=on, temperature_min=value(low), temperature_max=value(high),
        precipitation=value(rain, 8 if rain is not None else 1), classes=["rain"],
    )  # fmt: skip


def station() -> pb.WeatherStation:
    return pb.WeatherStation(
        name="秋吉台", first_date="2025-08-01", last_date="2025-08-03", day_count=2
    )


def listed() -> pb.ListImportsResponse:
    found = pb.ListImportsResponse(
        imports=[
            pb.Import(number=2, file_name="<b>.xlsx", sha256="a" * 64, source_note="観光課",
                      signed_as="森", kept_count=36, rejected_count=1, first_date="2025-04-01",
                      last_date="2026-03-01"),
            pb.Import(number=1, weather=True, file_name="data.csv", sha256="b" * 64, signed_as="森",
                      kept_count=60, first_date="2025-08-01", last_date="2025-08-03",
                      undone_by="林"),
        ],
        stations=[station()], weather_dates=["2025-08-01", "2025-08-03"],
        series=[pb.MonthSeries(measure="入込客数", place="秋芳洞", unit=pb.MONTH_UNIT_PERSONS,
                               months=[m for m in MONTHS if m != "2025-06"])],
    )  # fmt: skip
    found.imports[1].undone_time.FromJsonString("2026-05-01T00:00:00Z")
    return found


def months() -> pb.ReadMonthsResponse:
    figures = [
        pb.MonthFigure(measure="入込客数", place="秋芳洞", month=month, value=1_000 + n,
                       state=pb.CELL_STATE_NUMBER, unit=pb.MONTH_UNIT_PERSONS, step=1,
                       source_note="=HYPERLINK", import_number=2)
        for n, month in enumerate(MONTHS)
    ]  # fmt: skip
    figures.append(
        pb.MonthFigure(measure="入込客数", place="別府弁天池", month="2025-04", step=1,
                       state=pb.CELL_STATE_WITHHELD, unit=pb.MONTH_UNIT_PERSONS)
    )  # fmt: skip
    return pb.ReadMonthsResponse(figures=figures, measures=["入込客数"])


def sheet_draft() -> pb.ReadImportDraftResponse:
    rows = [["令和7年度"], ["地点", "4月", "5月"], ["秋芳洞", "10", "<20>"], ["秋吉台", "3", "4"]]
    fates = (pb.ROW_FATE_TITLE, pb.ROW_FATE_HEADING, pb.ROW_FATE_REJECTED, pb.ROW_FATE_TAKEN)
    return pb.ReadImportDraftResponse(
        draft_id="d1", file_name="入込.xlsx", sha256="c" * 64, version=7, read_count=2,
        loaded_count=1, rejected_count=1, new_count=2, warning_count=1,
        rejected=[pb.ImportNote(row=3, field="5月", reason="NOT_A_NUMBER", text="<20>")],
        warnings=[pb.ImportNote(row=9, field="秋吉台 precipitation", reason="SUM_DIFFERS")],
        statistics=pb.StatisticsDraft(
            sheets=["入込", "宿泊"], row_count=42, column_count=3,
            head=[pb.SheetRow(cells=row) for row in rows],
            mapping=pb.SheetMapping(
                sheet="入込", months="r2", years="title", year=2025, fiscal=True, places="c1",
                measure="入込客数", unit=pb.SHEET_UNIT_PERSONS,
            ),
            rows=[pb.SheetLine(at=n, fate=fate, label="x") for n, fate in enumerate(fates, 1)],
            columns=[pb.SheetLine(at=4, fate=pb.ROW_FATE_TOTAL, label="計", count=2)],
            totals=[pb.SheetTotal(row=9, column=2, told="9", summed="8")],
            mapping_names=["地点別"], figures=months().figures[:2], figure_count=2,
            series=[pb.MonthSeries(measure="入込客数", place="秋吉台", months=["2025-04"],
                                   unit=pb.MONTH_UNIT_PERSONS)],
        ),
    )  # fmt: skip


def weather_draft() -> pb.ReadImportDraftResponse:
    return pb.ReadImportDraftResponse(
        draft_id="d1", file_name="data.csv", read_count=3, loaded_count=3, new_count=9,
        other_count=1, kept_before_by="森",
        weather=pb.WeatherDraft(
            downloaded="2026/05/20 12:49:53", hourly=True, stations=[station()],
            aside=["最大風速(m/s)"], change_count=1, shown_station="秋吉台",
            changes=[pb.WeatherChange(station="秋吉台", date="2025-08-01", stays=True,
                                      element="temperature_max", before=value(300),
                                      after=value(290))],
            days=[day("2025-08-01", 231, 324, 25)],
        ),
    )  # fmt: skip


class Services(FakeServices):
    """Stand-ins that know imports; `refuse` is raised by a method of that name."""

    def __init__(self) -> None:
        super().__init__()
        self.user = directory_pb.User(
            user_id="u9", login_name="mori", display_name="森",
            roles=[directory_pb.ROLE_ANALYST],
        )  # fmt: skip
        self.draft, self.found, self.months = sheet_draft(), listed(), months()
        self.weather = pb.ReadWeatherResponse(
            station="秋吉台", stations=[station()],
            days=[day("2025-08-01", -31, 324, 25), day("2025-08-03", 10, 300, None)],
        )  # fmt: skip
        self.refuse: dict[str, grpc.RpcError] = {}
        self.answers |= {
            "ListImports": lambda _: self.found,
            "ReadMonths": lambda _: self.months,
            "ReadWeather": lambda _: self.weather,
            "ReadImportDraft": lambda _: self.draft,
            "StartImport": self._done("StartImport", pb.StartImportResponse(draft_id="d1")),
            "KeepImport": self._done("KeepImport", pb.KeepImportResponse(number=3, kept_count=2)),
            "DropImportDraft": self._done("DropImportDraft", pb.DropImportDraftResponse()),
            "UndoImport": self._done("UndoImport", pb.UndoImportResponse()),
        }

    def _done(self, name: str, answer: Any) -> Any:
        def call(_request: Any) -> Any:
            if name in self.refuse:
                raise self.refuse[name]
            return answer

        return call


@pytest.fixture
def services(backstage: Backstage) -> Services:
    backstage.services = found = Services()
    return found


@pytest.fixture
def staff(app: Flask, services: Services) -> Iterator[FlaskClient]:
    app.extensions["meguri"].sessions.forget_all()
    with app.test_client() as client:
        client.set_cookie(cookies.SESSION.name, SESSION)
        yield client


def post(staff: FlaskClient, at: str, page: str = "", **entered: Any) -> Any:
    shown = staff.get(f"{page or at}?locale=en").text
    ids = {
        name: shown.partition(f'name="{name}" value="')[2].partition('"')[0]
        for name in ("form_token", "request_id")
    }
    return staff.post(
        f"{at}?locale=en", data={**ids, **entered}, headers={"Origin": "http://localhost"}
    )


def sent(staff: FlaskClient, content: bytes, name: str = "a.csv") -> Any:
    """Sends a file; by hand, since the client of tests leaves files of its own behind."""
    shown = staff.get(f"{PAGE}?locale=en").text
    lines = []
    for field in ("form_token", "request_id"):
        typed = shown.partition(f'name="{field}" value="')[2].partition('"')[0]
        lines += ["--b", f'Content-Disposition: form-data; name="{field}"', "", typed]
    lines += ["--b", f'Content-Disposition: form-data; name="file"; filename="{name}"', "", ""]
    return staff.post(
        f"{PAGE}?locale=en", data="\r\n".join(lines).encode() + content + b"\r\n--b--\r\n",
        content_type="multipart/form-data; boundary=b", headers={"Origin": "http://localhost"},
    )  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("at", ["", "/help", "/weather", "/months", "/drafts/d1"])
def test_pages_are_there_in_every_language(
    staff: FlaskClient, services: Services, locale: str, at: str
) -> None:
    answer = staff.get(f"{PAGE}{at}?locale={locale}")
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text
    if at == "/drafts/d1":
        services.draft = weather_draft()
        assert staff.get(f"{PAGE}{at}?locale={locale}").status_code == 200


@pytest.mark.parametrize("at", ["", "/weather", "/months"])
def test_pages_are_whole_before_the_first_import(
    staff: FlaskClient, services: Services, at: str
) -> None:
    services.found, services.months = pb.ListImportsResponse(), pb.ReadMonthsResponse()
    services.weather = pb.ReadWeatherResponse()
    text = staff.get(f"{PAGE}{at}?locale=en").text
    assert "imported yet" in text
    assert f'href="{PAGE}/help' in text


def test_what_is_there_and_what_is_missing_is_told_in_words(staff: FlaskClient) -> None:
    text = staff.get(f"{PAGE}?locale=en").text
    assert "Gaps: Jun 2025: missing" in text
    assert "Gaps: Aug 2025: 2 of 31 days" in text
    assert "&lt;b&gt;.xlsx" in text
    assert "taken back" in text
    assert "出典：気象庁ホームページ" in text
    assert len(re.findall(r'name="number" value="\d"', text)) == 1  # what is taken back stays so


def test_a_file_is_read_and_looked_at(staff: FlaskClient, services: Services) -> None:
    answer = sent(staff, b"a,b", "folder/入込.csv")
    assert answer.headers["Location"] == DRAFT
    (asked,) = services.called("StartImport")
    assert (asked.file, asked.file_name) == (b"a,b", "入込.csv")


@pytest.mark.parametrize("reason", sorted(words.UNUSABLE))
def test_a_file_of_no_use_is_told_at_its_field(
    staff: FlaskClient, services: Services, reason: str
) -> None:
    services.refuse["StartImport"] = Failure(
        grpc.StatusCode.INVALID_ARGUMENT, "FILE_UNUSABLE", fields=[("file", f"no [{reason}]")]
    )
    answer = sent(staff, b"a")
    assert answer.status_code == 422
    assert 'id="f-file-error"' in answer.text
    assert str(words.UNUSABLE[reason])[:20].replace("'", "&#39;") in answer.text


def test_no_file_and_one_too_large_are_told(staff: FlaskClient, services: Services) -> None:
    assert post(staff, PAGE).status_code == 422
    assert sent(staff, b"x" * (3 * 1024 * 1024 + 1)).status_code == 413
    assert sent(staff, b"x" * 4_000_000).status_code == 413
    assert not services.called("StartImport")


def test_the_sheet_is_shown_with_what_becomes_of_each_row(staff: FlaskClient) -> None:
    text = staff.get(f"{DRAFT}?locale=en").text
    assert "&lt;20&gt;" in text
    assert "<20>" not in text
    for said in (
        "no number, nor a sign", "cannot be used", "1 sum differs", "Row 2: 地点, 4月, 5月",
        "Column A: ", "All other rows, 38",
    ):  # fmt: skip
        assert said in text, said
    assert '<option value="r2" selected>' in text
    assert "use=%E5%9C%B0%E7%82%B9%E5%88%A5" in text


def test_another_mapping_is_asked_for_by_the_form(staff: FlaskClient, services: Services) -> None:
    query = {"sheet": "入込", "months": "r2", "years": "title", "year": "2024", "fiscal": "0",
             "places": "c1", "measure": "宿泊者数", "unit": "3", "dash": "1"}  # fmt: skip
    staff.get(DRAFT, query_string=query)
    mapping = services.called("ReadImportDraft")[-1].mapping
    assert (mapping.year, mapping.fiscal, mapping.unit) == (2024, False, pb.SHEET_UNIT_NIGHTS)
    assert (mapping.measure, mapping.dash_is_zero) == ("宿泊者数", True)
    assert mapped.read(mapped.fields(mapping)) == mapping
    staff.get(DRAFT, query_string={"use": "地点別"})
    asked = services.called("ReadImportDraft")[-1]
    assert (asked.mapping_name, asked.HasField("mapping")) == ("地点別", False)


def test_what_does_not_fit_is_told_at_its_field(staff: FlaskClient, services: Services) -> None:
    sheet = services.draft.statistics
    sheet.wrong.add(field="mapping.months", text="x")
    sheet.wrong.add(field="mapping.year", text="x")
    del sheet.rows[:], sheet.figures[:], sheet.series[:]
    text = staff.get(f"{DRAFT}?locale=en").text
    for field in ("f-months", "f-year"):
        assert f'href="#{field}"' in text
        assert f'id="{field}-error"' in text


def keep(staff: FlaskClient, **entered: Any) -> Any:
    fields = mapped.fields(sheet_draft().statistics.mapping)
    return post(staff, DRAFT, **(fields | {"version": "7", "action": "keep"} | entered))


def test_figures_are_kept_once_somebody_says_where_from(
    staff: FlaskClient, services: Services
) -> None:
    answer = keep(staff, source="観光課", name="地点別", leave_out="1")
    assert answer.headers["Location"] == f"{PAGE}?done=kept&count=2"
    (asked,) = services.called("KeepImport")
    assert (asked.source_note, asked.mapping_name, asked.signed_as) == ("観光課", "地点別", "森")
    assert (asked.expected_version, asked.leave_out, asked.mapping.months) == (7, True, "r2")
    assert "Kept: 2 figures" in staff.get(f"{PAGE}?done=kept&count=2&locale=en").text


@pytest.mark.parametrize(
    ("entered", "at"),
    [
        ({"source": " ", "leave_out": "1"}, "f-source"),
        ({"source": "x" * 201, "leave_out": "1"}, "f-source"), ({"source": "a"}, "f-leave_out"),
        ({"source": "a", "leave_out": "1", "name": "x" * 61}, "f-name"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_at_its_field(
    staff: FlaskClient, services: Services, entered: dict[str, str], at: str
) -> None:
    answer = keep(staff, **entered)
    assert answer.status_code == 422
    assert f'href="#{at}"' in answer.text
    assert f'id="{at}"' in answer.text
    assert not services.called("KeepImport")


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("VERSION_CONFLICT", 409),
        ("NOTHING_NEW", 422),
        ("INVALID_FIELDS", 422),
        ("CARD_NUMBER_TYPED", 422),
    ],
)
def test_what_the_service_refuses_is_told_beside_what_was_typed(
    staff: FlaskClient, services: Services, reason: str, status: int
) -> None:
    services.refuse["KeepImport"] = Failure(grpc.StatusCode.ABORTED, reason)
    answer = keep(staff, source="観光課 <表>", leave_out="1")
    assert answer.status_code == status
    assert "観光課 &lt;表&gt;" in answer.text


def test_a_draft_is_thrown_away_and_an_import_taken_back(
    staff: FlaskClient, services: Services
) -> None:
    assert keep(staff, action="drop").headers["Location"] == f"{PAGE}?done=dropped"
    assert services.called("DropImportDraft")[0].draft_id == "d1"
    answer = post(staff, f"{PAGE}/undo", PAGE, number="2")
    assert answer.headers["Location"] == f"{PAGE}?done=undone#list"
    (asked,) = services.called("UndoImport")
    assert (asked.number, asked.signed_as) == (2, "森")


def test_a_draft_that_is_gone_is_told(staff: FlaskClient, services: Services) -> None:
    def gone(_request: Any) -> Any:
        raise Failure(grpc.StatusCode.NOT_FOUND, "NOT_FOUND")

    services.answers["ReadImportDraft"] = gone
    assert staff.get(DRAFT).status_code == 404


def test_files_hold_all_of_it_and_nothing_in_them_runs(staff: FlaskClient) -> None:
    def rows(name: str) -> list[list[str]]:
        text = staff.get(f"{PAGE}/{name}").data.decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))

    told = rows("months.csv")
    assert told[0][:4] == ["month", "measure", "place", "value"]
    assert told[1] == ["2025-04", "入込客数", "秋芳洞", "1000", "number", "persons", "1",
                       "'=HYPERLINK", "2"]  # fmt: skip
    assert told[-1][3:5] == ["", "withheld"]
    heading, *lines = rows("weather.csv")
    weather = [dict(zip(heading, each, strict=True)) for each in lines]
    assert (weather[0]["temperature_min"], weather[0]["precipitation"]) == ("-3.1", "2.5")
    assert (weather[1]["precipitation"], weather[1]["precipitation_quality"]) == ("", "1")
    assert weather[0]["snow_depth_quality"] == ""


def test_dates_asked_for_are_passed_on(staff: FlaskClient, services: Services) -> None:
    staff.get(f"{PAGE}/weather?from=2025-08-01&until=2025-08-02&station=山口")
    asked = services.called("ReadWeather")[-1]
    assert (asked.from_date, asked.until_date, asked.station) == (
        "2025-08-01",
        "2025-08-02",
        "山口",
    )


def test_a_hash_is_short_until_somebody_wants_all_of_it(
    staff: FlaskClient, services: Services
) -> None:
    text = staff.get(f"{PAGE}?locale=en").text
    assert services.found.imports
    for each in services.found.imports:
        assert f"{each.sha256[:8]}…</span></summary><code>{each.sha256}</code>" in text
        assert text.count(each.sha256) == 1
    draft = staff.get(f"{PAGE}/drafts/d1?locale=en").text
    assert f"<code>{'c' * 64}</code>" in draft
