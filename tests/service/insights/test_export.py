"""Figures as files: read back, they are what the pages say, small cells of people withheld."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from pyarrow import parquet  # type: ignore[import-untyped] # it has none

from kit.auth import Caller, Role, Verifier
from kit.bus import Delivery
from kit.client import sync_channel
from kit.clock import SystemClock
from kit.db import Database
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub
from services.insights import cli, events
from services.insights.cli import export
from services.insights.cli.tables import TABLES
from services.insights.main import build
from tests import harness
from tests.service.insights import said
from tests.service.insights.conftest import NOON
from tests.service.insights.said import Ear
from tests.service.insights.test_intake import a_day

DAY = date(2026, 5, 3)

Ask = Callable[..., Any]


@asynccontextmanager
async def insights(
    url: str, nats_url: str, role: Role = Role.ADMIN, more: Sequence[Delivery] = ()
) -> AsyncIterator[Ask]:
    """A running service whose store has a day of events, and a way to ask it from a thread."""
    database = Database(url, pool_max=2)
    await database.open()
    ear = Ear(database, SystemClock())
    await ear.hear(a_day())
    await ear.hear([said.scan(NOON + timedelta(days=2)), *more])
    await database.close()
    async with harness.running("insights", events.ENCODERS, build, url, nats_url) as it:

        def stub() -> InsightsServiceStub:
            token = it.token("mine", role)
            return InsightsServiceStub(sync_channel(it.address, None, lambda _service: token))

        yield lambda work, *given: asyncio.to_thread(lambda: work(stub(), *given))


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parquet.read_table(folder / f"{name}.parquet").to_pylist()
    return found


async def test_what_is_read_back_is_what_the_pages_say(
    service_database: Callable[[str], str], nats_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    async with insights(service_database("insights"), nats_url) as ask:
        made = await ask(export.write, "mine", folder, DAY, DAY + timedelta(days=2))
        day: pb.Day = await ask(
            lambda stub: stub.ReadDay(pb.ReadDayRequest(date="2026-05-03"), timeout=20).day
        )
    assert (made["days"], made["rows"]["days"], made["rows"]["hours"]) == (3, 3, 72)
    days = {row["date"]: row for row in rows(folder, "days")}
    assert [days[DAY + timedelta(days=n)]["guide_views"] for n in range(3)] == [56, 0, 1]
    assert days[DAY]["net_yen"] == day.live_payments.net_yen == 20_500
    assert days[DAY]["entries_from_abroad"] == day.visitors.foreign_count
    hours = [row for row in rows(folder, "hours") if row["date"] == DAY]
    assert [row["guide_views"] for row in hours] == [hour.scan_count for hour in day.hours]
    zones = rows(folder, "zone_hours")
    assert [(row["estimate"], row["low"], row["withheld"]) for row in zones] == [(55, 53, False)]
    assert zones[0]["start_time"].utcoffset() == timedelta(0)
    shops = [r for r in rows(folder, "days_by_value") if r["by"] == "shop" and not r["practice"]]
    assert [(r["value"], r["name_ja"], r["amount_yen"]) for r in shops] == [
        ("shop-a", "売店", 21_000)
    ]


SALES = ("sales_kept", "net_yen", "captured", "captured_yen", "voided", "voided_yen", "refunded",
         "refunded_yen")  # fmt: skip


async def test_analysts_get_no_sales_of_single_shops(
    service_database: Callable[[str], str], nats_url: str, tmp_path: Path
) -> None:
    many = [said.captured(NOON + timedelta(days=1), 500, "2026-05-04", shop=shop) for shop in "abc"]
    url = service_database("insights")
    async with insights(url, nats_url, Role.ANALYST, many) as ask:
        await ask(export.write, "mine", tmp_path, DAY, DAY + timedelta(days=1))
    alone, told = (
        [row[name] for name in SALES]
        for row in sorted(rows(tmp_path, "days"), key=lambda row: row["date"])
    )
    assert alone == [None] * 8  # of one shop
    assert told == [3, 1_500] + [None] * 6
    live = [row for row in rows(tmp_path, "days_by_value") if not row["practice"]]
    assert not [row for row in live if row["by"] in {"shop", "tender"}]
    assert {row["captured_yen"] for row in rows(tmp_path, "hours")} == {None}
    assert "Other sales are empty" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_the_command_asks_as_an_analyst_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever owns the machine may read all; the files are for others."""
    private, public = harness.token_keys(tmp_path)
    (tmp_path / "private.pem").write_bytes(private)
    asked: list[Caller] = []

    class Peers:
        def __init__(self, _settings: object, mint: Callable[[str], str]) -> None:
            asked.append(Verifier(public.read_bytes(), "insights").verify(mint("insights")))

        def channel(self, _service: str) -> object:
            return grpc.insecure_channel("127.0.0.1:1")

    monkeypatch.setattr(cli, "Peers", Peers)
    monkeypatch.setattr(export, "write", lambda *_given: {"days": 1, "first": "", "last": "",
                                                          "folder": ""})  # fmt: skip
    monkeypatch.setenv("MEGURI_TOKEN_PRIVATE_KEY", str(tmp_path / "private.pem"))
    given = {"area": "mine", "out": tmp_path, "first": None, "last": None, "json": True}
    assert cli.run_export(argparse.Namespace(**given)) == 0
    assert [each.roles for each in asked] == [frozenset({Role.ANALYST})]


async def test_cells_that_pages_withhold_are_empty_and_described(
    service_database: Callable[[str], str], nats_url: str, tmp_path: Path
) -> None:
    async with insights(service_database("insights"), nats_url) as ask:
        await ask(export.write, "mine", tmp_path, DAY, DAY)
        day: pb.Day = await ask(
            lambda stub: stub.ReadDay(pb.ReadDayRequest(date="2026-05-03"), timeout=20).day
        )
    told = {(r["by"], r["value"]): r for r in rows(tmp_path, "days_by_value") if not r["practice"]}
    for by, breakdown in (
        ("origin", day.visitors.by_origin), ("language_asked", day.scans.by_locale_asked),
        ("language_missed", day.scans.by_locale_missed),
    ):  # fmt: skip
        for cell in breakdown.cells:
            row = told[by, cell.value]
            assert row["withheld"] == cell.withheld
            assert row["count"] == (None if cell.withheld else cell.count)
    assert {v for (by, v), r in told.items() if by == "origin" and r["withheld"]} == {"KR", "TW"}
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "k = 10" in text
    assert "Asia/Tokyo" in text
    for name, columns in TABLES.items():
        schema = parquet.read_schema(tmp_path / f"{name}.parquet")
        assert schema.names == [column.name for column in columns]
        assert all(f"| `{column.name}` |" in text for column in columns)


async def test_nothing_is_written_over_and_the_running_day_is_left_out(
    service_database: Callable[[str], str], nats_url: str, tmp_path: Path
) -> None:
    async with insights(service_database("insights"), nats_url) as ask:
        made = await ask(export.write, "mine", tmp_path / "all", None, None)
        today = await ask(lambda stub: stub.ReadToday(pb.ReadTodayRequest(), timeout=20).day.date)
        assert made["first"] == "2026-05-03"
        assert made["last"] == (date.fromisoformat(today) - timedelta(days=1)).isoformat()
        (tmp_path / "all" / "notes.txt").write_text("mine")
        for given, told in (
            ((tmp_path / "all", None, None), "not empty"),
            ((tmp_path / "new", date.fromisoformat(today), None), "after the last one"),
            ((tmp_path / "new", None, date(2026, 5, 2)), "no day that is over"),
        ):
            with pytest.raises(export.ExportRefused, match=told):
                await ask(export.write, "mine", *given)
    assert not (tmp_path / "new").exists()
