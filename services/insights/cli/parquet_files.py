"""Tables as Parquet files. Loaded by the one command that writes them: it costs 0.3 s and 60 MB."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped] # it has none
from pyarrow import parquet

from services.insights.cli.tables import TABLES, Column, Row

_KINDS = {
    "date": pa.date32(), "time": pa.timestamp("s", tz="UTC"), "text": pa.string(),
    "whole": pa.int64(), "flag": pa.bool_(),
}  # fmt: skip


class Files:
    """One file for each table, written in parts; whole once the block ends."""

    def __init__(self, folder: Path) -> None:
        self._open = {
            name: parquet.ParquetWriter(
                folder / f"{name}.parquet", _schema(columns), compression="zstd"
            )
            for name, columns in TABLES.items()
        }

    def __enter__(self) -> "Files":
        return self

    def __exit__(self, *_error: object) -> None:
        for each in self._open.values():
            each.close()

    def add(self, name: str, rows: Iterable[Row]) -> None:
        """Adds rows to a file."""
        table = pa.Table.from_pylist(list(rows), schema=_schema(TABLES[name]))
        self._open[name].write_table(table)


def _schema(columns: Iterable[Column]) -> pa.Schema:
    return pa.schema([
        pa.field(each.name, _KINDS[each.kind], nullable=each.nullable,
                 metadata={"about": each.about})
        for each in columns
    ])  # fmt: skip
