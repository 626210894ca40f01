"""Which files of registers were taken, and what was undone of them."""

from datetime import datetime

import msgspec

from kit.db import Row, Transaction
from services.payments.domain.register_journal import RegisterImport

_NAMES = (
    "import_id", "shop_place_id", "register", "file_name", "mapping", "read_count", "loaded_count",
    "known_count", "skipped_count", "rejected_count", "sold_yen", "returned_yen", "made_by",
    "make_time",
)  # fmt: skip
_INSERT = (
    f"insert into register_imports (area, {', '.join(_NAMES)})"  # noqa: S608 - constants above
    f" values (%(area)s, {', '.join(f'%({name})s' for name in _NAMES)})"
)


def _import(row: Row) -> RegisterImport:
    values = {name: row[name] for name in row if name != "area"}
    return msgspec.convert(values | {"import_id": str(row["import_id"])}, RegisterImport)


async def insert(tx: Transaction, made: RegisterImport) -> None:
    """Stores an import."""
    await tx.execute(_INSERT, {"area": tx.area} | {name: getattr(made, name) for name in _NAMES})


async def lock(tx: Transaction, import_id: str) -> RegisterImport | None:
    """Returns an import, its row locked, or None."""
    row = await tx.fetch_one(
        "select * from register_imports where area = %s and import_id = %s for update",
        (tx.area, import_id),
    )
    return _import(row) if row else None


async def note_undo(
    tx: Transaction, import_id: str, undone_by: str, now: datetime, count: int
) -> None:
    """Notes that sales of an import were taken back."""
    await tx.execute(
        "update register_imports set undone_by = %s, undo_time = %s,"
        " undone_count = undone_count + %s where area = %s and import_id = %s",
        (undone_by, now, count, tx.area, import_id),
    )


async def page(tx: Transaction, shop_place_ids: list[str], limit: int) -> list[RegisterImport]:
    """Returns imports, newest first. shop_place_ids: empty for all."""
    rows = await tx.fetch_all(
        "select * from register_imports where area = %s and (%s or shop_place_id = any(%s))"
        " order by make_time desc, import_id desc limit %s",
        (tx.area, not shop_place_ids, shop_place_ids, limit),
    )
    return [_import(row) for row in rows]
