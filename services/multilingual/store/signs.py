"""Printings of signs: what each sheet says, and whether it hangs."""

import json
from collections.abc import Sequence
from datetime import datetime

from kit.db import Row, Transaction
from services.multilingual.domain.sign import Front, Print, Sheet


def _sheet(row: Row) -> Sheet:
    return Sheet(
        print_id=str(row["print_id"]),
        stop_code=row["stop_code"],
        revision=row["revision"],
        front=Front(row["number"], row["names"], row["stop_code"], row["url"]),
        print_time=row["print_time"],
        hung_time=row["hung_time"],
    )


async def add_print(tx: Transaction, made: Print, author: str, now: datetime) -> None:
    """Keeps a printing with its sheets."""
    await tx.execute(
        "insert into sign_prints (area, print_id, paper, printed_on, source_locale, author,"
        " print_time) values (%s, %s, %s, %s, %s, %s, %s)",
        (tx.area, made.print_id, made.paper, made.printed_on, made.source_locale, author, now),
    )
    await tx.execute_many(
        "insert into signs (area, stop_code, print_id, place, revision, number, names, url,"
        " print_time) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [(tx.area, each.stop_code, made.print_id, place, each.revision, each.front.number,
          json.dumps(dict(each.front.names)), each.front.url, now)
         for place, each in enumerate(made.sheets)],
    )  # fmt: skip


async def read_print(tx: Transaction, print_id: str) -> Print | None:
    """Returns a printing with its sheets in order."""
    row = await tx.fetch_one(
        "select paper, printed_on, source_locale from sign_prints"
        " where area = %s and print_id = %s",
        (tx.area, print_id),
    )
    if row is None:
        return None
    sheets = await tx.fetch_all(
        "select * from signs where area = %s and print_id = %s order by place", (tx.area, print_id)
    )
    return Print(
        print_id, row["paper"], row["printed_on"], row["source_locale"],
        tuple(_sheet(each) for each in sheets),
    )  # fmt: skip


async def list_newest(tx: Transaction, *, hung: bool) -> dict[str, Sheet]:
    """Returns the newest sheet of each stop. hung: of those that were hung up, the last one."""
    rows = await tx.fetch_all(
        "select distinct on (stop_code) * from signs where area = %s"
        " and (hung_time is not null or not %s)"
        " order by stop_code, case when %s then hung_time else print_time end desc, print_id desc",
        (tx.area, hung, hung),
    )
    return {row["stop_code"]: _sheet(row) for row in rows}


async def mark(tx: Transaction, sheets: Sequence[Sheet], hung_time: datetime | None) -> None:
    """Notes when sheets were hung up; None takes it back."""
    await tx.execute_many(
        "update signs set hung_time = %s where area = %s and stop_code = %s and print_id = %s",
        [(hung_time, tx.area, each.stop_code, each.print_id) for each in sheets],
    )
