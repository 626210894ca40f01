"""The program that reads one file that somebody imports, in a process of its own (kit/child.py).

In: the date it is today, a NUL, the file; out: a Reply as MessagePack. Nothing of the file is said
anywhere else.
"""

import sys
from collections.abc import Sequence
from datetime import date

import msgspec

from kit.bounded import keep_within
from kit.pure.card_text import holds_card_number
from services.insights.domain.imported import jma
from services.insights.domain.imported.jma import JmaSheet
from services.insights.domain.imported.notes import Unusable
from services.insights.domain.imported.sheet import Grid
from services.insights.domain.imported.weather_days import values_of
from services.insights.domain.weather import Element, Value
from services.insights.gateways import tables

MOST_SHEET_ROWS, MOST_SHEET_CELLS = 3_000, 60_000  # of statistics
CARD = 14  # characters of the shortest number of a card
MOST_NOTES = 500  # that are told one by one


class Day(msgspec.Struct, frozen=True):
    """A value of a day."""

    station: str
    on: date
    element: Element
    value: Value


class Weather(msgspec.Struct, frozen=True):
    """What a file of weather holds. rejected and warnings: row, column, reason, text; at most
    MOST_NOTES of each, the counts say how many there are."""

    downloaded: str
    hourly: bool
    has_quality: bool
    stations: tuple[str, ...]
    read: int
    taken: int
    days: tuple[Day, ...]
    aside: tuple[str, ...]
    rejected: tuple[tuple[int, str, str, str], ...]
    rejected_count: int
    warnings: tuple[tuple[int, str, str, str], ...]
    warning_count: int


class Sheet(msgspec.Struct, frozen=True):
    """A sheet of statistics."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()

    @property
    def grid(self) -> Grid:
        """As the rules read it."""
        return Grid(self.name, self.rows, self.merged)


class Reply(msgspec.Struct):
    """What is in a file: weather or sheets; or why nothing of it can be used. broke: the name of a
    failure of ours."""

    weather: Weather | None = None
    sheets: tuple[Sheet, ...] = ()
    reason: str = ""
    text: str = ""
    broke: str = ""


def answer(content: bytes, today: date) -> Reply:
    """Returns what is to be said of a file, whatever is in it."""
    try:
        grids = tables.read(content)
        _refuse_cards(grids)
        if jma.looks_like(grids[0].rows):
            return Reply(weather=_weather(jma.read(grids[0].rows, today)))
        _refuse_masses(grids)
        return Reply(sheets=tuple(Sheet(each.name, each.rows, each.merged) for each in grids))
    except Unusable as error:
        return Reply(reason=error.reason, text=str(error)[:200])
    except MemoryError:
        return Reply(reason="TOO_LARGE", text="it takes more memory than any table of a town")
    except Exception as error:  # noqa: BLE001 - the caller logs it and refuses the file
        return Reply(broke=type(error).__name__)


def _refuse_masses(grids: Sequence[Grid]) -> None:
    """Somebody is to look through it, and the service reads it anew at each look. Errors: Unusable
    TOO_MANY_ROWS, TOO_LARGE."""
    if sum(len(grid.rows) for grid in grids) > MOST_SHEET_ROWS:
        raise Unusable("TOO_MANY_ROWS", f"more than {MOST_SHEET_ROWS:,} rows of all sheets")
    filled = sum(1 for grid in grids for row in grid.rows for cell in row if cell)
    if filled > MOST_SHEET_CELLS:
        raise Unusable("TOO_LARGE", f"more than {MOST_SHEET_CELLS:,} cells of all sheets")


def _refuse_cards(grids: Sequence[Grid]) -> None:
    """No file may carry a card's number anywhere. Errors: Unusable CARD_NUMBER."""
    for grid in grids:
        for number, row in enumerate(grid.rows, 1):
            if any(len(cell) >= CARD and holds_card_number(cell) for cell in row):
                raise Unusable("CARD_NUMBER", f"{grid.name[:40]}, row {number}")


def _weather(sheet: JmaSheet) -> Weather:
    days = [Day(*key, value) for key, value in sorted(values_of(sheet).items())]
    rejected, warnings = (
        tuple((each.row, each.field, each.reason, each.text) for each in notes)
        for notes in (sheet.rejected, sheet.warnings)
    )
    return Weather(
        sheet.downloaded, sheet.hourly, sheet.has_quality, sheet.stations, sheet.read, sheet.taken,
        tuple(days), tuple(jma.names(sheet.aside))[:100], rejected[:MOST_NOTES], len(rejected),
        warnings[:MOST_NOTES], len(warnings),
    )  # fmt: skip


if __name__ == "__main__":
    memory_bytes, cpu_s = map(int, sys.argv[1:])
    keep_within(memory_bytes, cpu_s)
    said, _, body = sys.stdin.buffer.read().partition(b"\0")
    found = answer(body, date.fromisoformat(said.decode()))
    sys.stdout.buffer.write(msgspec.msgpack.encode(found))
