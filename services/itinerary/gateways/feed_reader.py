"""The program that reads one feed of an operator, in a process of its own (kit/child.py): a feed
went through other hands. In: the archive; out: a Reply as MessagePack.
"""

import sys
from collections.abc import Iterator

import msgspec

from kit.bounded import keep_within
from kit.pure.card_text import holds_card_number
from services.itinerary.domain.transit.timetable import Timetable
from services.itinerary.gateways.gtfs.archive import BadFeed, Limits
from services.itinerary.gateways.gtfs.reader import read
from services.itinerary.gateways.gtfs.report import Problem

# Some times what is kept at most, and that five times the largest feed of a town at hand.
LIMITS = Limits(table_bytes=32_000_000, table_rows=250_000)
MOST_CALLS, MOST_STOPS, MOST_RUNS = 100_000, 3_000, 10_000
TEXT_CHARACTERS = 200
NOTES = 200


class Table(msgspec.Struct, frozen=True):
    """A table of a feed and what became of its rows."""

    name: str
    read: int
    refused: int


class Reply(msgspec.Struct):
    """What is in a feed, or why nothing of it can be used. broke: the name of a failure of ours."""

    timetable: Timetable | None = None
    language: str = ""
    tables: tuple[Table, ...] = ()
    notes: tuple[Problem, ...] = ()
    reason: str = ""
    text: str = ""
    broke: str = ""


def answer(archive: bytes) -> Reply:
    """Returns what is to be said of a feed, whatever is in it."""
    try:
        feed = read(archive, LIMITS)
        table, report = feed.timetable, feed.report
        _check(table)
        return Reply(
            table, feed.language[:20],
            tuple(Table(name, count, report.refused[name]) for name, count in report.read.items()),
            tuple(report.problems[:NOTES]),
        )  # fmt: skip
    except BadFeed as error:
        return Reply(reason=error.reason, text=str(error)[:TEXT_CHARACTERS])
    except MemoryError:
        return Reply(reason="TOO_HEAVY", text="it takes more memory than any timetable of an area")
    except Exception as error:  # noqa: BLE001 - the caller logs it and refuses the feed
        return Reply(broke=type(error).__name__)


def _check(table: Timetable) -> None:
    calls = sum(len(run.calls) for run in table.runs)
    counts = (calls, len(table.stops), len(table.runs))
    if any(count > most for count, most in zip(counts, (MOST_CALLS, MOST_STOPS, MOST_RUNS),
                                               strict=True)):  # fmt: skip
        raise BadFeed(
            "TOO_LARGE",
            f"{counts[0]:,} calls, {counts[1]:,} transit stops, {counts[2]:,} runs; at most"
            f" {MOST_CALLS:,}, {MOST_STOPS:,} and {MOST_RUNS:,}",
        )
    if not table.runs:
        raise BadFeed("NOTHING_RUNS", "no run of it can be used")
    for text in _texts(table):
        if len(text) > TEXT_CHARACTERS:
            raise BadFeed("TEXT_TOO_LONG", f"{text[:40]}… is longer than {TEXT_CHARACTERS}")
        if "\0" in text:
            raise BadFeed("BAD_TEXT", "a text holds a NUL character")
    if any(holds_card_number(text) for text in _words(table)):
        raise BadFeed("CARD_NUMBER", "a name holds a card's number")


def _words(table: Timetable) -> Iterator[str]:
    yield from (table.version, table.publisher)
    for stop in table.stops:
        yield stop.name
    for line in table.lines.values():
        yield from (line.name, line.operator)
    yield from {run.headsign for run in table.runs}


def _texts(table: Timetable) -> Iterator[str]:
    yield from _words(table)
    yield from table.lines
    yield from table.services
    for stop in table.stops:
        yield from (stop.stop_id, stop.station_id)
    for run in table.runs:
        yield run.run_id


if __name__ == "__main__":
    memory_bytes, cpu_s = map(int, sys.argv[1:])
    keep_within(memory_bytes, cpu_s)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(sys.stdin.buffer.read())))
