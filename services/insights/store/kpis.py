"""What KPIs are, what was entered for them, and what a fiscal year stands in."""

from datetime import datetime

import msgspec

from kit.db import Row, Transaction
from services.insights.domain.kpi import Certainty, Figure, KpiSettings
from services.insights.domain.kpi_book import Entry, Frame, KeptKpi

ENTRIES_AT_MOST = 1_000


async def lock(tx: Transaction) -> None:
    """Lets one change of the area's book happen after the other, until the transaction ends."""
    await tx.execute("select pg_advisory_xact_lock(hashtext('kpis/' || %s))", (tx.area,))


async def read_all(tx: Transaction) -> list[KeptKpi]:
    """Returns the area's KPIs in the order in which they came."""
    rows = await tx.fetch_all(
        "select kpi_id, settings::text as settings, version from kpis where area = %s"
        " order by ordinal",
        (tx.area,),
    )
    return [
        KeptKpi(
            row["kpi_id"], msgspec.json.decode(row["settings"], type=KpiSettings), row["version"]
        )
        for row in rows
    ]


async def write(tx: Transaction, kept: KeptKpi, at: datetime) -> None:
    """Keeps a new KPI or another version of one."""
    await tx.execute(
        "insert into kpis (area, kpi_id, settings, version, said_time)"
        " values (%s, %s, %s::jsonb, %s, %s) on conflict (area, kpi_id) do update set"
        " settings = excluded.settings, version = excluded.version, said_time = excluded.said_time",
        (tx.area, kept.kpi_id, msgspec.json.encode(kept.settings).decode(), kept.version, at),
    )


async def enter(
    tx: Transaction, kpi_id: str, period: str, value: int | None, source_note: str,
    signed_as: str, principal: str, at: datetime,
) -> None:  # fmt: skip
    """Adds a figure, or None to take one back, behind those entered for the period before."""
    await tx.execute(
        "insert into kpi_values (area, kpi_id, period, number, value, source_note, signed_as,"
        " principal, said_time) select %(area)s, %(kpi)s, %(period)s, coalesce(max(number), 0) + 1,"
        " %(value)s::bigint, %(note)s, %(name)s, %(principal)s, %(at)s from kpi_values"
        " where area = %(area)s and kpi_id = %(kpi)s and period = %(period)s",
        {
            "area": tx.area, "kpi": kpi_id, "period": period, "value": value, "note": source_note,
            "name": signed_as, "principal": principal, "at": at,
        },
    )  # fmt: skip


async def entered(tx: Transaction) -> dict[str, dict[str, Figure]]:
    """Returns the figures that count, by KPI and period."""
    rows = await tx.fetch_all(
        "select distinct on (kpi_id, period) kpi_id, period, value, source_note, signed_as,"
        " said_time from kpi_values where area = %s order by kpi_id, period, number desc",
        (tx.area,),
    )
    found: dict[str, dict[str, Figure]] = {}
    for row in rows:
        if row["value"] is not None:
            found.setdefault(row["kpi_id"], {})[row["period"]] = _figure(row)
    return found


def _figure(row: Row) -> Figure:
    return Figure(
        row["value"], row["value"], Certainty.ENTERED, 1, row["signed_as"],
        row["said_time"].isoformat(), row["source_note"],
    )  # fmt: skip


async def entries(tx: Transaction, kpi_id: str) -> list[Entry]:
    """Returns all that was entered for a KPI, the newest first, at most ENTRIES_AT_MOST."""
    rows = await tx.fetch_all(
        "select period, value, source_note, signed_as, said_time,"
        " number = max(number) over (partition by period) as newest from kpi_values"
        " where area = %s and kpi_id = %s order by said_time desc, period, number desc limit %s",
        (tx.area, kpi_id, ENTRIES_AT_MOST),
    )
    return [
        Entry(
            row["period"], row["value"], row["source_note"], row["signed_as"],
            row["said_time"].isoformat(), row["newest"],
        )
        for row in rows
    ]  # fmt: skip


async def write_frame(tx: Transaction, fiscal_year: int, frame: Frame, at: datetime) -> None:
    """Keeps what a fiscal year stands in."""
    await tx.execute(
        "insert into kpi_frames (area, fiscal_year, frame, said_time)"
        " values (%s, %s, %s::jsonb, %s)"
        " on conflict (area, fiscal_year) do update set"
        " frame = excluded.frame, said_time = excluded.said_time",
        (tx.area, fiscal_year, msgspec.json.encode(frame).decode(), at),
    )


async def read_frame(tx: Transaction, fiscal_year: int) -> Frame:
    """Returns what a fiscal year stands in. Shops are taken to be as many as in the last year of
    which somebody said so."""
    rows = await tx.fetch_all(
        "select fiscal_year, frame::text as frame from kpi_frames"
        " where area = %s and fiscal_year <= %s order by fiscal_year desc",
        (tx.area, fiscal_year),
    )
    frames = [(row["fiscal_year"], msgspec.json.decode(row["frame"], type=Frame)) for row in rows]
    own = next((frame for year, frame in frames if year == fiscal_year), None)
    if own is not None:
        return own
    return Frame(next((frame.shop_count for _, frame in frames if frame.shop_count), 0))
