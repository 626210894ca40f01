"""Figures of days and hours as Parquet files, with a description that stands by itself."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from kit.pure.errors import Refusal
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.insights.v1.insights_service_pb2_grpc import InsightsServiceStub
from services.insights.cli.description import describe
from services.insights.cli.tables import TABLES, Row, rows_of

DEADLINE_S = 60.0
DAYS_AT_ONCE = 31  # in memory, and in one part of a file

Progress = Callable[[int, int], None]


class ExportRefused(Refusal):
    """No files were written; the text says why."""


def write(
    stub: InsightsServiceStub, area: str, folder: Path, first: date | None, last: date | None,
    progress: Progress = lambda _done, _whole: None,
) -> dict[str, Any]:  # fmt: skip
    """Writes a file for each table and README.md into a new or empty folder.

    Only days that are over: figures of the running one would be wrong tomorrow. Returns area,
    first, last, days, folder, and rows by table. Errors: ExportRefused.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportRefused(f"{folder} is there already and not empty; name another folder")
    today = stub.ReadToday(pb.ReadTodayRequest(), timeout=DEADLINE_S).day
    dates = _dates(stub, date.fromisoformat(today.date), first, last)
    folder.mkdir(parents=True, exist_ok=True)
    counts: defaultdict[str, int] = defaultdict(int)
    from services.insights.cli.parquet_files import Files  # noqa: PLC0415 - 0.3 s and 60 MB

    with Files(folder) as files:
        for start in range(0, len(dates), DAYS_AT_ONCE):
            some = dates[start : start + DAYS_AT_ONCE]
            rows: defaultdict[str, list[Row]] = defaultdict(list)
            for on in some:
                request = pb.ReadDayRequest(date=on.isoformat())
                for name, found in rows_of(stub.ReadDay(request, timeout=DEADLINE_S).day).items():
                    rows[name] += found
            for name in TABLES:
                files.add(name, rows[name])
                counts[name] += len(rows[name])
            progress(start + len(some), len(dates))
    made = {
        "area": area, "first": dates[0].isoformat(), "last": dates[-1].isoformat(),
        "days": len(dates), "folder": str(folder), "rows": dict(counts),
    }  # fmt: skip
    (folder / "README.md").write_text(describe(made, today), encoding="utf-8")
    return made


def _dates(
    stub: InsightsServiceStub, today: date, first: date | None, last: date | None
) -> list[date]:
    yesterday = today - timedelta(days=1)
    last = min(last or yesterday, yesterday)
    asked = pb.ReadRangeRequest(from_date=last.isoformat(), until_date=last.isoformat())
    known = stub.ReadRange(asked, timeout=DEADLINE_S).first_date
    if not known or date.fromisoformat(known) > last:
        raise ExportRefused("there is no day that is over with any event")
    first = max(first or date.fromisoformat(known), date.fromisoformat(known))
    if first > last:
        raise ExportRefused(f"the first day is after the last one that is over, {last}")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
