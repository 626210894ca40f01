"""Texts that visitors are to see from some time on."""

from collections.abc import Collection
from datetime import datetime

from kit.db import Row, Transaction
from services.multilingual.domain.later import Plan


def _plan(row: Row) -> Plan:
    return Plan(
        stop_code=row["stop_code"], locale=row["locale"], revision=row["revision"],
        replaced_revision=row["replaced_revision"], planner=row["planner"],
        reviews=row["reviews"], reason=row["reason"], due_time=row["due_time"],
        create_time=row["create_time"], problem=row["problem"],
    )  # fmt: skip


async def put(tx: Transaction, plan: Plan) -> None:
    """Keeps a plan, in the place of what was planned for the text before."""
    await forget(tx, [(plan.stop_code, plan.locale)])
    await tx.execute(
        "insert into planned_publications (area, stop_code, locale, revision, replaced_revision,"
        " planner, reviews, reason, due_time, create_time)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.area, plan.stop_code, plan.locale, plan.revision, plan.replaced_revision, plan.planner,
         plan.reviews, plan.reason, plan.due_time, plan.create_time),
    )  # fmt: skip


async def read(tx: Transaction, stop_code: str, locale: str) -> Plan | None:
    """Returns what is planned for a text."""
    row = await tx.fetch_one(
        "select * from planned_publications where area = %s and stop_code = %s and locale = %s",
        (tx.area, stop_code, locale),
    )
    return _plan(row) if row else None


async def list_all(tx: Transaction) -> dict[tuple[str, str], Plan]:
    """Returns (stop code, locale) → what is planned for it."""
    rows = await tx.fetch_all("select * from planned_publications where area = %s", (tx.area,))
    return {(row["stop_code"], row["locale"]): _plan(row) for row in rows}


async def list_due(tx: Transaction, now: datetime, limit: int) -> list[tuple[str, str, str]]:
    """Returns area, stop code and locale of what is to be shown, in the order of its times. For a
    transaction of all areas."""
    rows = await tx.fetch_all(
        "select area, stop_code, locale from planned_publications"
        " where problem = '' and due_time <= %s order by due_time, area, stop_code, locale"
        " limit %s",
        (now, limit),
    )
    return [(row["area"], row["stop_code"], row["locale"]) for row in rows]


async def hold(tx: Transaction, stop_code: str, locale: str, problem: str) -> None:
    """Notes why a plan was not carried out; it is not tried again."""
    await tx.execute(
        "update planned_publications set problem = %s"
        " where area = %s and stop_code = %s and locale = %s",
        (problem, tx.area, stop_code, locale),
    )


async def forget(tx: Transaction, texts: Collection[tuple[str, str]]) -> None:
    """Ends what is planned for (stop code, locale)."""
    await tx.execute_many(
        "delete from planned_publications where area = %s and stop_code = %s and locale = %s",
        [(tx.area, code, locale) for code, locale in texts],
    )
