"""The same file again, a corrected one, and one too large, over gRPC with real PostgreSQL."""

from typing import Any

import pytest

from meguri.insights.v1 import import_service_pb2 as pb
from tests.service.insights.test_imports import (
    deps,
    keeping,
    listed,
    new,
    refused,
    service,
    start,
    stub,
)
from tests.unit.insights.imported_made import as_csv, spots, xlsx

__all__ = ["deps", "service", "stub"]  # fixtures


async def kept(stub: Any, file: bytes, name: str = "a.csv", **more: Any) -> Any:
    return await stub.KeepImport(keeping(await start(stub, file, name), **more), timeout=30)


async def april(stub: Any, place: str = "秋芳洞") -> pb.MonthFigure:
    found: pb.ReadMonthsResponse = await stub.ReadMonths(pb.ReadMonthsRequest(), timeout=30)
    return next(each for each in found.figures if (each.month, each.place) == ("2025-04", place))


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
async def test_the_same_sheet_in_another_encoding_brings_nothing_new(
    stub: Any, encoding: str
) -> None:
    await kept(stub, xlsx(spots()), "入込.xlsx")
    draft = await start(stub, as_csv(spots(), encoding), "入込.csv")
    assert (draft.new_count, draft.other_count, draft.same_count) == (0, 0, 36)
    assert not draft.HasField("kept_before_time")  # another file, the same figures
    assert await refused(stub.KeepImport, keeping(draft)) == "NOTHING_NEW"
    assert len((await listed(stub)).imports) == 1


async def test_the_same_file_twice_is_known_by_its_hash_whatever_it_is_called(stub: Any) -> None:
    file = as_csv(spots())
    await kept(stub, file, "入込.csv")
    again = await start(stub, file, "コピー.csv")
    assert again.HasField("kept_before_time")
    assert again.sha256 == (await listed(stub)).imports[0].sha256
    assert await refused(stub.KeepImport, keeping(again)) == "NOTHING_NEW"


async def test_a_corrected_file_says_what_it_changes_and_can_be_taken_back(stub: Any) -> None:
    await kept(stub, as_csv(spots()))
    rows = spots()
    rows[3][1] = "１，２００"
    rows[3][13] = "12,200"
    draft = await start(stub, as_csv(rows), "訂正.csv")
    assert (draft.new_count, draft.other_count, draft.same_count) == (0, 1, 35)
    await stub.KeepImport(keeping(draft, source_note="訂正表"), timeout=30)
    told = await april(stub)
    assert (told.value, told.import_number, told.source_note) == (1_200, 2, "訂正表")
    # What the correction leaves as it was stands as it said it last.
    assert (await april(stub, "秋吉台")).value == 200
    undo = pb.UndoImportRequest(request_id=new(), number=2, signed_as="森")
    await stub.UndoImport(undo, timeout=30)
    back = await april(stub)
    assert (back.value, back.import_number) == (1_000, 1)


async def test_a_figure_that_is_hidden_later_is_told_no_more(stub: Any) -> None:
    await kept(stub, as_csv(spots()))
    rows = spots()
    rows[3][1], rows[3][13] = "x", "…"
    await kept(stub, as_csv(rows), "秘匿.csv")
    told = await april(stub)
    assert not told.HasField("value")
    assert told.state == pb.CELL_STATE_WITHHELD


async def test_rows_without_a_month_of_the_calendar_keep_nothing(stub: Any) -> None:
    rows: list[list[Any]] = [["月", "入込客数"], ["2025年13月", 1], ["2025年0月", 2]]
    draft = await start(stub, as_csv(rows))
    assert draft.loaded_count == 0
    assert not (await listed(stub)).imports
    code = await refused(stub.KeepImport, keeping(draft))
    assert code in {"NOTHING_NEW", "INVALID_FIELDS", "ROWS_REJECTED"}
    assert not (await listed(stub)).imports


async def test_ten_megabytes_are_refused_at_the_door(stub: Any) -> None:
    line = as_csv([["秋芳洞", *range(1, 13)]])
    file = line * (10 * 1024**2 // len(line))
    asked = pb.StartImportRequest(request_id=new(), file=file, file_name="10MB.csv")
    assert await refused(stub.StartImport, asked) in {
        "INVALID_FIELDS", "RESOURCE_EXHAUSTED", "FILE_UNUSABLE",
    }  # fmt: skip
    assert not (await listed(stub)).imports
    # Whoever sends the next one is served.
    assert (await start(stub, as_csv(spots()))).loaded_count == 3
