"""Arranging stops: order, place on the plan, retirement; and what was done."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from kit.db import Transaction
from services.multilingual.domain.tour import STEPS_SHOWN, Act, RetireReason, Step


async def order(tx: Transaction, codes: Sequence[str]) -> None:
    """Numbers stops in this order; a load from files no longer says where they stand."""
    await tx.execute_many(
        "update stops set position = %s, arranged = true where area = %s and stop_code = %s",
        [(at, tx.area, code) for at, code in enumerate(codes, 1)],
    )


async def place(
    tx: Transaction, stop_code: str, kind: str, section_id: str, route_m: int | None
) -> None:
    """Keeps what a stop is and where it lies."""
    await tx.execute(
        "update stops set kind = %s, section_id = %s, route_m = %s, arranged = true"
        " where area = %s and stop_code = %s",
        (kind, section_id, route_m, tx.area, stop_code),
    )


async def retire(
    tx: Transaction, stop_code: str, target: str, reason: RetireReason, now: datetime
) -> None:
    """Takes a stop out of the guide. It keeps its position, to come back to."""
    await tx.execute(
        "update stops set retire_time = %s, target_stop_code = %s, retire_reason = %s"
        " where area = %s and stop_code = %s",
        (now, target, int(reason), tx.area, stop_code),
    )


async def bring_back(tx: Transaction, stop_code: str) -> None:
    """Puts a stop into the guide again."""
    await tx.execute(
        "update stops set retire_time = null, target_stop_code = '', retire_reason = 0"
        " where area = %s and stop_code = %s",
        (tx.area, stop_code),
    )


async def add_step(tx: Transaction, step: Step) -> None:
    """Notes what somebody did."""
    await tx.execute(
        "insert into tour_steps (area, change_number, stop_code, act, author, step_time)"
        " values (%s, %s, %s, %s, %s, %s)",
        (tx.area, step.change_number, step.stop_code, int(step.act), step.author,
         step.step_time),
    )  # fmt: skip


async def list_steps(tx: Transaction) -> list[Step]:
    """Returns the newest steps, newest first."""
    rows = await tx.fetch_all(
        "select * from tour_steps where area = %s order by change_number desc limit %s",
        (tx.area, STEPS_SHOWN),
    )
    return [
        Step(row["stop_code"], Act(row["act"]), row["author"], row["step_time"],
             row["change_number"])
        for row in rows
    ]  # fmt: skip


async def list_names(tx: Transaction, locale: str) -> Mapping[str, str]:
    """Returns the newest name of each stop in a locale, published or not."""
    rows = await tx.fetch_all(
        "select r.stop_code, r.name from narrations n join narration_revisions r"
        " on (r.area, r.stop_code, r.locale, r.revision) ="
        " (n.area, n.stop_code, n.locale, n.latest_revision)"
        " where n.area = %s and n.locale = %s",
        (tx.area, locale),
    )
    return {row["stop_code"]: row["name"] for row in rows}


async def list_drafts(tx: Transaction, stop_code: str) -> list[str]:
    """Returns the locales in which a stop has a draft that visitors do not see."""
    rows = await tx.fetch_all(
        "select locale from narrations where area = %s and stop_code = %s"
        " and latest_revision > published_revision order by locale",
        (tx.area, stop_code),
    )
    return [row["locale"] for row in rows]
