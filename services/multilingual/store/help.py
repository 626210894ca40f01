"""Help requests and their steps."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import Row, Transaction
from services.multilingual.domain.help import (
    CONTACT_DAYS,
    Act,
    HelpRequest,
    Standing,
    State,
    Step,
    Topic,
)

_OPEN = (int(State.NEW), int(State.TAKEN))
_SELECT = "select * from help_requests where area = %s"


def _request(row: Row) -> HelpRequest:
    standing = Standing(
        State(row["state"]), row["owner"], row["due_time"], row["version"], row["answer_time"],
        row["close_time"],
    )  # fmt: skip
    return HelpRequest(
        str(row["help_id"]), bytes(row["secret_sha256"]), Topic(row["topic"]), row["text"],
        row["contact"], row["stop_code"], row["receipt_number"], row["locale"],
        row["write_time"], row["arrive_time"], standing,
    )  # fmt: skip


async def count_waiting(tx: Transaction, now: datetime) -> tuple[int, int]:
    """Returns how many requests wait for an answer, and how many of them are overdue."""
    row = await tx.fetch_one(
        "select count(*) as waiting, count(*) filter (where due_time <= %s) as overdue"
        " from help_requests where area = %s and state = any(%s)",
        (now, tx.area, list(_OPEN)),
    )
    return (row["waiting"], row["overdue"]) if row else (0, 0)


async def add_new(tx: Transaction, requests: Sequence[HelpRequest]) -> int:
    """Keeps those requests whose id and secret are not known yet; returns how many."""
    added = 0
    for each in sorted(requests, key=lambda one: one.help_id):
        standing = each.standing
        added += await tx.execute(
            "insert into help_requests (area, help_id, secret_sha256, topic, text, contact,"
            " stop_code, receipt_number, locale, write_time, arrive_time, state, owner, due_time,"
            " version) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " on conflict do nothing",
            (tx.area, each.help_id, each.secret_sha256, int(each.topic), each.text, each.contact,
             each.stop_code, each.receipt_number, each.locale, each.write_time,
             each.arrive_time, int(standing.state), standing.owner, standing.due_time,
             standing.version),
        )  # fmt: skip
    return added


async def list_open(tx: Transaction, most: int) -> list[HelpRequest]:
    """Returns requests that are not closed: those that wait first, the one that is due first
    ahead."""
    rows = await tx.fetch_all(
        f"{_SELECT} and state <> %s order by state = %s, due_time, arrive_time, help_id limit %s",
        (tx.area, int(State.CLOSED), int(State.ANSWERED), most),
    )
    return [_request(row) for row in rows]


async def list_closed(tx: Transaction, most: int) -> list[HelpRequest]:
    """Returns requests that were closed, the newest first."""
    rows = await tx.fetch_all(
        f"{_SELECT} and close_time is not null order by close_time desc, help_id limit %s",
        (tx.area, most),
    )
    return [_request(row) for row in rows]


async def read(tx: Transaction, help_id: str) -> HelpRequest | None:
    """Returns a request."""
    row = await tx.fetch_one(f"{_SELECT} and help_id = %s", (tx.area, help_id))
    return _request(row) if row else None


async def read_by_secret(tx: Transaction, secret_sha256: bytes) -> HelpRequest | None:
    """Returns the request whose secret has a hash."""
    row = await tx.fetch_one(f"{_SELECT} and secret_sha256 = %s", (tx.area, secret_sha256))
    return _request(row) if row else None


async def lock(tx: Transaction, help_id: str) -> HelpRequest | None:
    """Returns a request and keeps others from changing it meanwhile."""
    row = await tx.fetch_one(f"{_SELECT} and help_id = %s for update", (tx.area, help_id))
    return _request(row) if row else None


async def list_steps(tx: Transaction, help_id: str) -> list[Step]:
    """Returns the steps of a request, the first one first."""
    rows = await tx.fetch_all(
        "select * from help_steps where area = %s and help_id = %s order by number",
        (tx.area, help_id),
    )
    return [
        Step(
            Act(row["act"]), row["author"], row["step_time"], row["text"], row["locale"],
            row["machine_draft"], row["owner"], row["due_time"],
        )
        for row in rows
    ]  # fmt: skip


async def add_step(tx: Transaction, help_id: str, standing: Standing, step: Step) -> None:
    """Keeps a step, and how its request stands after it."""
    await tx.execute(
        "insert into help_steps (area, help_id, number, act, author, step_time, text, locale,"
        " machine_draft, owner, due_time) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.area, help_id, standing.version, int(step.act), step.author, step.step_time, step.text,
         step.locale, step.machine_draft, step.owner, step.due_time),
    )  # fmt: skip
    await tx.execute(
        "update help_requests set state = %s, owner = %s, due_time = %s, version = %s,"
        " answer_time = %s, close_time = %s where area = %s and help_id = %s",
        (int(standing.state), standing.owner, standing.due_time, standing.version,
         standing.answer_time, standing.close_time, tx.area, help_id),
    )  # fmt: skip


async def left_open(
    tx: Transaction, answered_before: datetime, arrived_before: datetime, most: int
) -> list[tuple[str, str]]:
    """Returns area and id of requests that time alone is to close, in all areas."""
    rows = await tx.fetch_all(
        "select area, help_id::text as help_id from help_requests where close_time is null and"
        " ((state = %s and answer_time <= %s) or (state <> %s and arrive_time <= %s)) limit %s",
        (int(State.ANSWERED), answered_before, int(State.ANSWERED), arrived_before, most),
    )
    return [(row["area"], row["help_id"]) for row in rows]


async def erase(tx: Transaction, now: datetime, default_keep_days: int) -> int:
    """Erases contacts no longer needed, and requests whose days are over, in all areas.

    Returns how many requests are gone.
    """
    await tx.execute(
        "update help_requests set contact = '' where contact <> ''"
        " and close_time <= %s - make_interval(days => %s)",
        (now, CONTACT_DAYS),
    )
    return await tx.execute(
        "delete from help_requests r where close_time <= %s - make_interval(days =>"
        " coalesce((select keep_days from help_desks d where d.area = r.area), %s))",
        (now, default_keep_days),
    )
