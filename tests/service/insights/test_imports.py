"""Imports with real PostgreSQL and the real program that reads files: looked at, kept, taken
back."""

import uuid
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from kit.clock import ManualClock
from kit.db import Database
from kit.pure.errors import NotFound
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.insights.v1 import import_service_pb2 as pb
from meguri.insights.v1 import import_service_pb2_grpc as pb_grpc
from services.insights import events
from services.insights.app import imports
from services.insights.app.deps import Deps
from services.insights.domain.weather import Element
from services.insights.main import build
from services.insights.store import imported
from tests import harness
from tests.service.insights.said import Ear, said
from tests.service.insights.test_open_data import key
from tests.unit.insights.imported_made import as_csv, jma_daily, jma_hourly, nights, spots, xlsx

Stub: Any = pb_grpc.ImportServiceStub


@pytest.fixture
async def service(
    service_database: Callable[[str], str], nats_url: str
) -> AsyncIterator[harness.Running]:
    async with harness.running(
        "insights", events.ENCODERS, build, service_database("insights"), nats_url
    ) as it:
        yield it


@pytest.fixture
def stub(service: harness.Running) -> Any:
    return Stub(service.channel(f"a{uuid.uuid4().hex[:12]}", Role.ANALYST))


def new() -> str:
    return str(uuid.uuid4())


async def start(stub: Any, file: bytes, name: str = "sheet.csv") -> pb.ReadImportDraftResponse:
    asked = pb.StartImportRequest(request_id=new(), file=file, file_name=name)
    made = await stub.StartImport(asked, timeout=60)
    found: pb.ReadImportDraftResponse = await stub.ReadImportDraft(
        pb.ReadImportDraftRequest(draft_id=made.draft_id), timeout=30
    )
    return found


def keeping(draft: pb.ReadImportDraftResponse, **more: Any) -> pb.KeepImportRequest:
    mapping = draft.statistics.mapping if draft.HasField("statistics") else None
    given: dict[str, Any] = {
        "request_id": new(), "draft_id": draft.draft_id, "expected_version": draft.version,
        "mapping": mapping, "source_note": "観光課 集計表", "signed_as": "森",
    }  # fmt: skip
    return pb.KeepImportRequest(**(given | more))


async def refused(call: Any, request: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(request, timeout=60)
    problem = problem_of(caught.value)
    inside = problem.fields[0][1].rpartition("[")[2].rstrip("].") if problem.fields else ""
    return inside if problem.reason == "FILE_UNUSABLE" else problem.reason


async def listed(stub: Any) -> pb.ListImportsResponse:
    found: pb.ListImportsResponse = await stub.ListImports(pb.ListImportsRequest(), timeout=30)
    return found


async def test_a_sheet_is_looked_at_kept_and_found_again(stub: Any) -> None:
    draft = await start(stub, xlsx(spots()), "入込.xlsx")
    sheet = draft.statistics
    assert (draft.read_count, draft.loaded_count, draft.rejected_count) == (3, 3, 0)
    assert (draft.new_count, sheet.figure_count) == (36, 36)
    assert (sheet.mapping.months, sheet.mapping.places, sheet.mapping.year) == ("r3", "c1", 2025)
    assert [row.fate for row in sheet.rows][-3:] == [
        pb.ROW_FATE_TOTAL, pb.ROW_FATE_WORKED_OUT, pb.ROW_FATE_NOTE,
    ]  # fmt: skip
    assert all(each.agrees for each in sheet.totals)
    assert not (await listed(stub)).series  # looking keeps nothing
    kept = await stub.KeepImport(keeping(draft, mapping_name="地点別"), timeout=30)
    assert (kept.number, kept.kept_count) == (1, 36)
    found = await listed(stub)
    assert [(each.place, len(each.months)) for each in found.series] == [
        ("別府弁天池", 12), ("秋吉台", 12), ("秋芳洞", 12),
    ]  # fmt: skip
    (made,) = found.imports
    assert (made.file_name, made.signed_as, len(made.sha256)) == ("入込.xlsx", "森", 64)
    assert (made.first_date, made.last_date) == ("2025-04-01", "2026-03-01")
    # The next year has the same shape: its mapping is there already, its year is of its title.
    again = await start(stub, xlsx(spots("令和６年度")), "入込6.xlsx")
    assert again.statistics.mapping_name == "地点別"
    assert again.statistics.mapping.year == 2024
    assert (again.new_count, again.same_count) == (36, 0)
    same = await start(stub, xlsx(spots()), "もう一度.xlsx")
    assert same.same_count == 36
    assert await refused(stub.KeepImport, keeping(same)) == "NOTHING_NEW"


async def test_figures_can_be_read_with_what_is_withheld(stub: Any) -> None:
    draft = await start(stub, as_csv(spots()))
    await stub.KeepImport(keeping(draft), timeout=30)
    found = await stub.ReadMonths(pb.ReadMonthsRequest(measure="入込客数"), timeout=30)
    by_month = {(each.place, each.month): each for each in found.figures}
    assert by_month["秋芳洞", "2026-01"].value == 1_000
    hidden = by_month["別府弁天池", "2025-04"]
    assert not hidden.HasField("value")
    assert hidden.state == pb.CELL_STATE_WITHHELD
    assert by_month["秋吉台", "2026-03"].state == pb.CELL_STATE_DASH
    assert by_month["秋芳洞", "2025-04"].source_note == "観光課 集計表"
    assert list(found.measures) == ["入込客数"]


async def test_rows_that_cannot_be_used_are_left_out_only_when_somebody_says_so(stub: Any) -> None:
    rows: list[list[Any]] = [
        ["観光地点", "2025年4月", "2025年5月"],
        ["秋芳洞", 10, -5],
        ["秋吉台", 3, 4],
    ]
    draft = await start(stub, as_csv(rows))
    assert [(each.row, each.reason, each.text) for each in draft.rejected] == [
        (2, "NEGATIVE", "-5")
    ]
    assert await refused(stub.KeepImport, keeping(draft)) == "ROWS_REJECTED"
    assert not (await listed(stub)).imports
    assert (await stub.KeepImport(keeping(draft, leave_out=True), timeout=30)).kept_count == 2
    assert (await listed(stub)).imports[0].rejected_count == 1


async def test_an_import_is_taken_back_and_what_was_before_counts_again(stub: Any) -> None:
    rows: list[list[Any]] = [["月", "入込客数"], ["2025年4月", 10], ["2025年5月", 20]]
    first = await start(stub, as_csv(rows))
    await stub.KeepImport(keeping(first), timeout=30)
    rows[1][1] = 11
    second = await start(stub, as_csv(rows))
    assert (second.new_count, second.other_count, second.same_count) == (0, 1, 1)
    await stub.KeepImport(keeping(second), timeout=30)

    async def april() -> int:
        found = await stub.ReadMonths(pb.ReadMonthsRequest(), timeout=30)
        return int(next(each.value for each in found.figures if each.month == "2025-04"))

    assert await april() == 11
    undo = pb.UndoImportRequest(request_id=new(), number=2, signed_as="森")
    await stub.UndoImport(undo, timeout=30)
    await stub.UndoImport(undo, timeout=30)  # the same request twice
    assert await april() == 10
    newest = (await listed(stub)).imports[0]
    assert newest.undone_by == "森"
    assert newest.HasField("undone_time")
    third = await start(stub, as_csv(rows))
    assert not third.HasField("kept_before_time")  # it counts no more
    assert (await stub.KeepImport(keeping(third), timeout=30)).number == 3
    none = pb.UndoImportRequest(request_id=new(), number=9, signed_as="森")
    assert await refused(stub.UndoImport, none) == "NOT_FOUND"


async def test_one_request_keeps_once_and_two_at_once_are_told(stub: Any) -> None:
    rows: list[list[Any]] = [["月", "入込客数"], ["2025年4月", 10], ["2025年5月", 20]]
    one = await start(stub, as_csv(rows))
    two = await start(stub, as_csv([*rows, ["2025年6月", 30]]))
    asked = keeping(one)
    assert await stub.KeepImport(asked, timeout=30) == await stub.KeepImport(asked, timeout=30)
    assert len((await listed(stub)).imports) == 1
    assert await refused(stub.KeepImport, keeping(two)) == "VERSION_CONFLICT"
    look = pb.ReadImportDraftRequest(draft_id=two.draft_id)
    now = await stub.ReadImportDraft(look, timeout=30)
    assert (now.new_count, now.same_count) == (1, 2)
    assert (await stub.KeepImport(keeping(now), timeout=30)).kept_count == 1
    assert await refused(stub.ReadImportDraft, look) == "NOT_FOUND"  # it was kept


async def test_weather_is_replaced_and_says_what_changed(stub: Any) -> None:
    draft = await start(stub, jma_daily().encode("cp932"), "data.csv")
    assert (draft.read_count, draft.loaded_count, draft.rejected_count) == (31, 31, 0)
    assert [each.name for each in draft.weather.stations] == ["秋吉台", "山口"]
    assert list(draft.weather.aside) == ["最大風速(m/s)", "最大風速(m/s) 風向"]
    assert draft.weather.downloaded == "2026/05/20 12:49:53"
    await stub.KeepImport(keeping(draft, source_note=""), timeout=30)
    found = await stub.ReadWeather(pb.ReadWeatherRequest(station="秋吉台"), timeout=30)
    assert len(found.days) == 31
    day = found.days[0]
    assert (day.date, day.temperature_max.tenths, day.precipitation.tenths) == (
        "2025-08-01",
        324,
        25,
    )
    assert not day.snow_depth.HasField("tenths")
    assert list(day.classes) == ["rain", "hot"]
    same = await start(stub, jma_daily(days=10).encode("cp932"))
    assert await refused(stub.KeepImport, keeping(same)) == "NOTHING_NEW"
    other = await start(stub, jma_daily(days=10, rain="0.0").encode("cp932"))
    assert other.other_count == 20
    change = other.weather.changes[0]
    assert (change.date, change.element, change.before.tenths, change.after.tenths) == (
        "2025-08-01", "precipitation", 25, 0,
    )  # fmt: skip
    assert (await stub.KeepImport(keeping(other), timeout=30)).kept_count == 20
    wrong = pb.ReadWeatherRequest(from_date="2025-13-01")
    assert await refused(stub.ReadWeather, wrong) == "INVALID_FIELDS"


async def test_hours_do_not_take_the_place_of_days(stub: Any) -> None:
    days = await start(stub, jma_daily(days=1).encode("cp932"))
    await stub.KeepImport(keeping(days), timeout=30)
    hours = await start(stub, jma_hourly().encode("cp932"))
    assert hours.weather.hourly
    assert all(each.stays for each in hours.weather.changes)
    assert hours.weather.change_count == 5
    assert await refused(stub.KeepImport, keeping(hours)) == "NOTHING_NEW"


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", "EMPTY"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "OLD_EXCEL"),
        (b"PK\x03\x04nothing", "NO_TABLE"), (b"\xff\xfe\x00a\x00b", "NO_TEXT"),
        (b"a,b\n" * 13_000, "TOO_MANY_ROWS"), (b"x" * 3_200_000, "TOO_LARGE"),
        (b"," * 700 + b"a\n", "TOO_MANY_COLUMNS"),
    ],
)  # fmt: skip
async def test_a_file_of_no_use_is_told_why(stub: Any, file: bytes, reason: str) -> None:
    asked = pb.StartImportRequest(request_id=new(), file=file, file_name="a.csv")
    assert await refused(stub.StartImport, asked) == reason
    assert not (await listed(stub)).imports


async def test_what_was_typed_wrong_is_named(stub: Any) -> None:
    draft = await start(stub, as_csv(nights()))
    assert draft.loaded_count == 4
    wrong = pb.SheetMapping()
    wrong.CopyFrom(draft.statistics.mapping)
    wrong.months, wrong.measures = "c99", "c99"
    look = pb.ReadImportDraftRequest(draft_id=draft.draft_id, mapping=wrong)
    told = await stub.ReadImportDraft(look, timeout=30)
    assert {each.field for each in told.statistics.wrong} == {"mapping.months", "mapping.measures"}
    assert told.statistics.head
    assert await refused(stub.KeepImport, keeping(draft, mapping=wrong)) == "INVALID_FIELDS"
    for more in ({"source_note": " "}, {"signed_as": ""}, {"mapping_name": "x" * 61}):
        assert await refused(stub.KeepImport, keeping(draft, **more)) == "INVALID_FIELDS"
    unknown = pb.ReadImportDraftRequest(draft_id=draft.draft_id, mapping_name="none")
    assert await refused(stub.ReadImportDraft, unknown) == "NOT_FOUND"
    drop = pb.DropImportDraftRequest(request_id=new(), draft_id=draft.draft_id)
    await stub.DropImportDraft(drop, timeout=30)
    gone = pb.ReadImportDraftRequest(draft_id=draft.draft_id)
    assert await refused(stub.ReadImportDraft, gone) == "NOT_FOUND"
    odd = pb.ReadImportDraftRequest(draft_id="../draft")
    assert await refused(stub.ReadImportDraft, odd) == "NOT_FOUND"


async def test_another_area_sees_nothing_of_it(service: harness.Running) -> None:
    mine = Stub(service.channel("here", Role.ANALYST))
    draft = await start(mine, as_csv(spots()))
    await mine.KeepImport(keeping(draft), timeout=30)
    there = Stub(service.channel("there", Role.ADMIN))
    assert not (await listed(there)).imports
    waiting = await start(mine, as_csv(nights()))
    look = pb.ReadImportDraftRequest(draft_id=waiting.draft_id)
    assert await refused(there.ReadImportDraft, look) == "NOT_FOUND"
    clerk = Stub(service.channel("here", Role.CLERK))
    assert await refused(clerk.ListImports, pb.ListImportsRequest()) == "NOT_ALLOWED"


@pytest.fixture
def deps(database: Database, clock: ManualClock) -> Deps:
    return Deps(db=database, clock=clock)


async def keep_all(deps: Deps, file: bytes) -> imports.Kept:
    draft_id = await imports.start(deps, key(), "mine", file, "a.csv")
    view = await imports.look(deps, "mine", draft_id, None, "")
    mapping = view.sheet.mapping if view.sheet else None
    asked = imports.Keeping(draft_id, view.version, mapping, "", "表", "森", leave_out=False)
    return await imports.keep(deps, key(), "mine", asked)


async def test_others_inside_read_days_and_months(deps: Deps, database: Database) -> None:
    await keep_all(deps, jma_daily().encode("cp932"))
    await keep_all(deps, as_csv(spots("令和6年度")))
    async with database.read("mine") as tx:
        days = await imported.weather_by_date(tx, date(2025, 8, 30), date(2025, 9, 2))
        assert sorted(days) == [date(2025, 8, 30), date(2025, 8, 31)]
        assert days[date(2025, 8, 30)].tenths(Element.TEMPERATURE_MIN) == 231
        at = await imported.months_of(tx, "入込客数", "秋芳洞", date(2024, 4, 1), date(2024, 6, 1))
        assert [each.value for each in at] == [1_000] * 3
        assert at[0].source_note == "表"
        nothing = await imported.weather_by_date(tx, date(2025, 1, 1), date(2025, 2, 1), "東京")
        assert nothing == {}


async def test_a_draft_waits_for_a_day(deps: Deps, clock: ManualClock, database: Database) -> None:
    draft_id = await imports.start(deps, key(), "mine", as_csv(spots()), "a.csv")
    clock.advance(timedelta(hours=23))
    await imports.look(deps, "mine", draft_id, None, "")
    assert len((await imports.list_all(deps, "mine")).drafts) == 1
    clock.advance(timedelta(hours=2))
    assert not (await imports.list_all(deps, "mine")).drafts
    with pytest.raises(NotFound):
        await imports.look(deps, "mine", draft_id, None, "")
    assert await imports.forget_old(deps) == 1
    async with database.read("mine") as tx:
        row = await tx.fetch_one("select count(*) as n from import_drafts where area = 'mine'")
        assert row is not None
        assert row["n"] == 0


async def test_a_dropped_area_keeps_no_import(
    deps: Deps, ear: Ear, clock: ManualClock, database: Database
) -> None:
    await keep_all(deps, jma_daily().encode("cp932"))
    await keep_all(deps, as_csv(spots("令和6年度")))
    await imports.start(deps, key(), "mine", as_csv(spots()), "a.csv")
    clock.advance(timedelta(minutes=1))
    await ear.hear([said("directory", "area_dropped", directory.AreaDropped(), clock.now())])
    async with database.read("mine") as tx:
        for table in ("imports", "weather_values", "imported_months", "import_drafts"):
            row = await tx.fetch_one(f"select count(*) as n from {table} where area = 'mine'")  # noqa: S608 - constants
            assert row is not None
            assert row["n"] == 0, table


async def test_drafts_are_listed_until_they_are_kept_or_thrown_away(stub: Any) -> None:
    first, second = await start(stub, xlsx(spots()), "入込.xlsx"), await start(stub, xlsx(nights()))
    found = (await listed(stub)).drafts
    assert [each.draft_id for each in found] == [second.draft_id, first.draft_id], "newest first"
    assert found[1].file_name == "入込.xlsx"
    assert found[0].until_time.ToDatetime() - found[0].said_time.ToDatetime() == timedelta(days=1)
    await stub.KeepImport(keeping(first), timeout=60)
    await stub.DropImportDraft(
        pb.DropImportDraftRequest(request_id=new(), draft_id=second.draft_id), timeout=30
    )
    assert not (await listed(stub)).drafts
