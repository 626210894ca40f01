"""Frozen editions of the KPI book: written once, read as written."""

from datetime import UTC, datetime

import msgspec

from kit.db import Row, Transaction
from services.insights.domain.kpi_book import Book
from services.insights.domain.kpi_edition import Mark, digest


class EditionDamaged(Exception):
    """What is kept of an edition is not what was frozen."""


def frozen(book: Book) -> str:
    """Returns a book as it is kept: JSON whose bytes are the same for equal books."""
    return msgspec.json.encode(book, order="deterministic").decode()


async def freeze(
    tx: Transaction, book: Book, number: int, note: str, signed_as: str, principal: str,
    at: datetime,
) -> None:  # fmt: skip
    """Writes an edition."""
    text = frozen(book)
    await tx.execute(
        "insert into kpi_editions (area, fiscal_year, number, book, digest, note, signed_as,"
        " principal, said_time) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.area, book.fiscal_year, number, text, digest(text), note, signed_as, principal, at),
    )


async def marks(tx: Transaction, fiscal_year: int) -> list[Mark]:
    """Returns the editions of a fiscal year, the newest first."""
    rows = await tx.fetch_all(
        "select number, signed_as, note, said_time from kpi_editions"
        " where area = %s and fiscal_year = %s order by number desc",
        (tx.area, fiscal_year),
    )
    return [_mark(row) for row in rows]


async def read(tx: Transaction, fiscal_year: int, number: int) -> tuple[Book, Mark, str] | None:
    """Returns an edition with its digest, None where there is none. Errors: EditionDamaged."""
    row = await tx.fetch_one(
        "select number, book, digest, signed_as, note, said_time from kpi_editions"
        " where area = %s and fiscal_year = %s and number = %s",
        (tx.area, fiscal_year, number),
    )
    if row is None:
        return None
    if digest(row["book"]) != row["digest"]:
        raise EditionDamaged(f"edition {number} of {fiscal_year} is not what was frozen")
    return msgspec.json.decode(row["book"], type=Book), _mark(row), row["digest"]


def _mark(row: Row) -> Mark:
    at = row["said_time"].astimezone(UTC).isoformat()
    return Mark(row["number"], at, row["signed_as"], row["note"])
