"""An answer as a table for spreadsheets."""

from collections.abc import Iterator

from meguri.insights.v1 import query_service_pb2 as pb
from services.edge.insights.export import yes
from services.edge.insights.query import words
from services.edge.insights.query.asked import Asked
from services.edge.spreadsheet import Cells, text_of

HEADINGS = ("measure", "from", "until", "only", "by", "value", "name", "column", "column_name",
            "low", "high", "days", "days_told", "withheld_below", "demo")  # fmt: skip


def answer_csv(asked: Asked, found: pb.AskResponse) -> str:
    """Returns each cell of an answer in a line of its own. low and high are the same where nothing
    is withheld; the days compared with are lines of their own dates."""
    return text_of(HEADINGS, _lines(asked, found))


def _lines(asked: Asked, found: pb.AskResponse) -> Iterator[Cells]:
    here, there = (found.from_date, found.until_date), (
        found.other_from_date, found.other_until_date,
    )  # fmt: skip
    names = [words.value_word(asked.then_by, each, {}) for each in found.columns]

    def line(
        dates: tuple[str, str], row: pb.AskedRow, cell: pb.AskedCell, column: str = "",
        column_name: str = "",
    ) -> Cells:  # fmt: skip
        return (
            _word(pb.QueryMeasure, asked.measure, "QUERY_MEASURE_"), *dates,
            asked.only_words, _word(pb.QueryBy, asked.by, "QUERY_BY_"), row.value,
            words.value_word(asked.by, row.value, row.names), column, column_name,
            cell.low, cell.high, cell.day_count, cell.told_day_count, found.suppression_k,
            yes(found.demo),
        )  # fmt: skip

    for row in found.rows:
        yield line(here, row, row.whole)
        for column, name, cell in zip(found.columns, names, row.cells, strict=True):
            yield line(here, row, cell, column, name)
        if row.HasField("other"):
            yield line(there, row, row.other)


def _word(enum: type[pb.QueryMeasure] | type[pb.QueryBy], number: int, prefix: str) -> str:
    name = enum.Name(number)  # type: ignore[arg-type] # a number of the enum
    return name.removeprefix(prefix).lower().replace("unspecified", "")
