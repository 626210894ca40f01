"""CSV files of what other sensors heard: every row becomes an observation or a reason.

Columns, by name in the first row: time (RFC 3339 with its offset) and address; rssi_dbm if known.
Addresses live in the function that reads the row, as in frames.py.
"""

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from services.visitor_sense.domain import day
from services.visitor_sense.domain.errors import AddressMalformed
from services.visitor_sense.domain.optout import read_hardware_address
from services.visitor_sense.domain.pseudonym import pseudonym
from services.visitor_sense.sensor.frames import Kept, kept_signal

LONGEST_LINE = 4_096
MOST_ROWS = 5_000_000


class RowsUnreadable(Exception):
    """A row cannot be used. The text names the row and shows nothing of it."""


def read_times(path: Path) -> Iterator[int]:
    """Yields the time of every row in milliseconds, checking all of it. Errors: RowsUnreadable."""
    for time_ms, _, _ in _rows(path):
        yield time_ms


def read_kept(path: Path, keys: dict[int, bytes]) -> Iterator[tuple[int, Kept]]:
    """Yields time and observation of every row of the days that have a key.

    keys: by day number. The kind of radio is not known, so that each address is a class of its own.
    Errors: RowsUnreadable.
    """
    for time_ms, address, signal_dbm in _rows(path):
        key = keys.get(day.day_number(time_ms))
        if key is not None:
            name = pseudonym(key, address)
            yield time_ms, (name, name | 1, signal_dbm, 0, bool(address[0] & 0x02), b"")


def _rows(path: Path) -> Iterator[tuple[int, bytes, int]]:
    try:
        with path.open(encoding="utf-8-sig", newline="", errors="strict") as file:
            rows = csv.DictReader(_bounded(file))
            if not {"time", "address"} <= set(rows.fieldnames or ()):
                raise RowsUnreadable("The first row has to name the columns time and address.")
            for number, row in enumerate(rows, 2):
                if number > MOST_ROWS:
                    raise RowsUnreadable(f"The file has more than {MOST_ROWS} rows.")
                yield _row(number, row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RowsUnreadable(f"The file cannot be read: {type(error).__name__}.") from None


def _bounded(file: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        if len(line) > LONGEST_LINE:
            raise RowsUnreadable(f"Row {number} is too long.")
        yield line


def _row(number: int, row: dict[str, str | None]) -> tuple[int, bytes, int]:
    try:
        moment = datetime.fromisoformat((row["time"] or "").strip())
        address = read_hardware_address(row["address"] or "")
        signal_dbm = round(float(row.get("rssi_dbm") or 0))
        if moment.tzinfo is None:
            raise ValueError
        return day.to_ms(moment), address, kept_signal(signal_dbm)
    except (ValueError, OverflowError, AddressMalformed):
        raise RowsUnreadable(
            f"Row {number}: time with its offset from UTC, and address, as 00:11:22:aa:bb:cc."
        ) from None
