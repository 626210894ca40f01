"""Imports by several at once, twice, and in any order, with real PostgreSQL."""

import asyncio
from datetime import date, timedelta
from random import Random
from typing import Any

import grpc
import pytest

from kit.client import problem_of
from kit.db import Database
from kit.pure.errors import NotFound
from meguri.insights.v1 import import_service_pb2 as pb
from services.insights.app import imports
from services.insights.app.deps import Deps
from services.insights.domain.imported.accounts import Figure
from services.insights.domain.imported.cells import State
from services.insights.domain.kpi import Unit
from services.insights.store import import_drafts, imported
from services.insights.store.imported import Import
from tests.service.insights.conftest import NOON
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
from tests.service.insights.test_open_data import key
from tests.unit.insights.imported_made import as_csv, spots

__all__ = ["deps", "service", "stub"]  # fixtures


async def test_two_who_keep_the_same_draft_keep_it_once(stub: Any) -> None:
    draft = await start(stub, as_csv(spots()))
    calls = [stub.KeepImport(keeping(draft), timeout=60) for _ in range(4)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    kept = [each for each in answers if isinstance(each, pb.KeepImportResponse)]
    assert len(kept) == 1
    reasons = {problem_of(each).reason for each in answers if isinstance(each, grpc.RpcError)}
    assert reasons == {"NOT_FOUND"}
    assert len((await listed(stub)).imports) == 1


async def test_many_files_at_once_wait_or_are_told(stub: Any) -> None:
    def one(n: int) -> Any:
        rows: list[list[object]] = [["月", "客数"], ["2025年4月", n], ["2025年5月", n]]
        asked = pb.StartImportRequest(request_id=new(), file=as_csv(rows), file_name=f"{n}.csv")
        return stub.StartImport(asked, timeout=60)

    answers = await asyncio.gather(*(one(n) for n in range(8)), return_exceptions=True)
    made = [each for each in answers if isinstance(each, pb.StartImportResponse)]
    reasons = {problem_of(each).reason for each in answers if isinstance(each, grpc.RpcError)}
    assert len(made) >= 4
    assert reasons <= {"IMPORTS_BUSY"}
    assert len({each.draft_id for each in made}) == len(made)


async def test_one_request_starts_one_draft(stub: Any) -> None:
    asked = pb.StartImportRequest(request_id=new(), file=as_csv(spots()), file_name="a.csv")
    first = await stub.StartImport(asked, timeout=60)
    assert (await stub.StartImport(asked, timeout=60)).draft_id == first.draft_id
    other = pb.StartImportRequest(request_id=asked.request_id, file=b"b", file_name="a.csv")
    assert await refused(stub.StartImport, other) == "REQUEST_ID_REUSED"
    for name, reason in (("x" * 201, "TEXT_TOO_LONG"), ("a\nb", "INVALID_FIELDS")):
        odd = pb.StartImportRequest(request_id=new(), file=as_csv(spots()), file_name=name)
        assert await refused(stub.StartImport, odd) == reason


async def test_drafts_are_no_more_than_twenty(deps: Deps, database: Database) -> None:
    file = as_csv([["月", "客数"], ["2025年4月", 1], ["2025年5月", 2]])
    first = await imports.start(deps, key(), "mine", file, "first.csv")
    async with database.transaction("mine") as tx:  # as if 20 others had come since
        for n in range(20):
            at = deps.clock.now() + timedelta(seconds=n + 1)
            await import_drafts.add(tx, import_drafts.Draft(new(), "a.csv", at, "0" * 64, b""))
        row = await tx.fetch_one("select count(*) as n from import_drafts where area = 'mine'")
        assert row is not None
        assert row["n"] == 20
    with pytest.raises(NotFound):
        await imports.look(deps, "mine", first, None, "")


async def test_whatever_is_imported_and_taken_back_the_newest_that_counts_is_told(
    deps: Deps, database: Database
) -> None:
    """A hundred imports and undos in any order, beside a model of two lines."""
    chance = Random(86)
    model: list[dict[str, int] | None] = []
    for _ in range(100):
        standing = [n for n, each in enumerate(model) if each is not None]
        if standing and chance.random() < 0.4:
            chosen = chance.choice(standing)
            await imports.undo(deps, key(), "mine", chosen + 1, "森")
            model[chosen] = None
        else:
            months = chance.sample(range(1, 5), chance.randint(1, 3))
            rows = {f"2025-{month:02}": chance.randint(0, 3) for month in months}
            async with database.transaction("mine") as tx:
                made = Import(0, False, "a", "0" * 64, "", "森", 1, 0, None, None, NOON)  # noqa: FBT003 - as in the row
                number = await imported.add(tx, made, "u")
                await imported.add_months(tx, number, map(figure, rows.items()), NOON)
            model.append(rows)
        expected: dict[str, int] = {}
        for each in model:
            expected |= each or {}
        async with database.read("mine") as tx:
            found = await imported.months_of(tx)
        assert {f"{each.month:%Y-%m}": each.value for each in found} == expected


def figure(told: tuple[str, int]) -> Figure:
    month = date.fromisoformat(f"{told[0]}-01")
    return Figure("客数", "全体", month, told[1], State.NUMBER, Unit.PERSONS, 1, 1)
