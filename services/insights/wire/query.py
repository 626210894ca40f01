"""Questions and answers on the wire."""

from enum import StrEnum
from typing import Any, Protocol, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from meguri.insights.v1 import query_service_pb2 as pb
from services.insights.app.query import Answered, AnsweredTogether
from services.insights.app.reading import span_of
from services.insights.domain.query.answer import Cell, Row
from services.insights.domain.query.asked import By, Compare, Measure, Question
from services.insights.domain.query.days import DayFilter, DayKind, Rain
from services.insights.domain.query.related import Correlation, Together
from services.insights.domain.sales import LEAST_SHOPS, MOST_SHARE_PERCENT
from services.insights.domain.weather import Element

_LABEL_KIND = {By.STOP: "stop", By.SPOT: "poi", By.GATE: "place", By.ZONE: "zone"}
OWNER = {
    Measure.PAGES: "multilingual",
    Measure.PLANS: "itinerary",
    Measure.PLANNED_PEOPLE: "itinerary",
    Measure.VISITORS: "visitor_sense",
    Measure.DEVICES: "visitor_sense",
}  # the rest is payments'

Word = TypeVar("Word", bound=StrEnum)


class _Enum(Protocol):
    def Name(self, number: Any, /) -> str: ...


def measure_of(field: str, number: int) -> Measure:
    """Returns a measure. Errors: InvalidFields."""
    return _word(field, Measure, pb.QueryMeasure, number, "QUERY_MEASURE_")


def compared_of(field: str, number: int) -> Measure | Element:
    """Returns a measure or an element of the weather. Errors: InvalidFields."""
    return _WEATHER.get(number) or measure_of(field, number)


_WEATHER = {
    int(pb.QUERY_MEASURE_PRECIPITATION): Element.PRECIPITATION,
    int(pb.QUERY_MEASURE_TEMPERATURE_MAX): Element.TEMPERATURE_MAX,
}


def filter_of(message: pb.DayFilter) -> DayFilter:
    """Returns which days are asked about. Errors: InvalidFields."""
    if not all(1 <= each <= 7 for each in message.weekdays):
        raise InvalidFields([("only.weekdays", "give numbers from 1, Monday, to 7")])
    kinds = (
        _word("only.day_kinds", DayKind, pb.DayKind, each, "DAY_KIND_")
        for each in message.day_kinds
    )
    rain = (_word("only.rain", Rain, pb.Rain, each, "RAIN_") for each in message.rain)
    return DayFilter(frozenset(message.weekdays), frozenset(kinds), frozenset(rain))


def question_of(message: pb.AskRequest) -> Question:
    """Returns a question. Errors: InvalidFields."""
    return Question(
        measure_of("measure", message.measure),
        span_of(message.from_date, message.until_date),
        _word("by", By, pb.QueryBy, message.by, "QUERY_BY_"),
        _word("then_by", By, pb.QueryBy, message.then_by, "QUERY_BY_"),
        filter_of(message.only),
        _word("compare", Compare, pb.QueryCompare, message.compare, "QUERY_COMPARE_"),
    )


def _word(field: str, words: type[Word], enum: _Enum, number: int, prefix: str) -> Word:
    """UNSPECIFIED is the empty word, where there is one."""
    try:
        name = enum.Name(number).removeprefix(prefix).lower()
        return words("" if name == "unspecified" else name)
    except ValueError as error:
        raise InvalidFields([(field, "give one that is known")]) from error


def answer_message(found: Answered) -> pb.AskResponse:
    """An answer."""
    question, answer = found.question, found.answer
    kind = _LABEL_KIND.get(question.by, "")
    other = question.other
    message = pb.AskResponse(
        rows=[
            _row(row, answer.columns, found.labels.get((kind, row.value), {}))
            for row in answer.rows
        ],
        columns=answer.columns, whole=_cell(answer.whole),
        other=_cell(answer.other) if answer.other else None,
        from_date=question.span.first.isoformat(), until_date=question.span.last.isoformat(),
        other_from_date=other.first.isoformat() if other else "",
        other_until_date=other.last.isoformat() if other else "",
        begin_date=found.begins.isoformat() if found.begins else "",
        suppression_k=K, least_shops=LEAST_SHOPS, most_share_percent=MOST_SHARE_PERCENT,
        demo=found.demo,
    )  # fmt: skip
    owner = OWNER.get(question.measure, "payments")
    heard = next((each.last_heard_time for each in found.sources if each.service == owner), None)
    if heard:
        stamp = Timestamp()
        stamp.FromDatetime(heard)
        message.as_of_time.CopyFrom(stamp)
    return message


def _row(row: Row, columns: tuple[str, ...], names: Any) -> pb.AskedRow:
    return pb.AskedRow(
        value=row.value, names=names, whole=_cell(row.cells.get("", Cell())),
        cells=[_cell(row.cells.get(column, Cell())) for column in columns],
        other=_cell(row.other) if row.other else None,
    )  # fmt: skip


def _cell(cell: Cell) -> pb.AskedCell:
    return pb.AskedCell(
        low=cell.figure.low, high=cell.figure.high, day_count=cell.days,
        told_day_count=cell.told_days,
    )  # fmt: skip


_TOGETHER = {
    Together.UNCLEAR: pb.TOGETHER_UNCLEAR, Together.RISE: pb.TOGETHER_RISE,
    Together.FALL: pb.TOGETHER_FALL,
}  # fmt: skip


def together_message(found: AnsweredTogether) -> pb.RelateResponse:
    """How two measures go together."""
    return pb.RelateResponse(
        days=[
            pb.RelatedDay(date=on.isoformat(), first=int(first), second=int(second))
            for on, first, second in found.found.points
        ],
        all_days=_correlation(found.found.all_days),
        within_kinds=_correlation(found.found.within_kinds),
        left_out_count=found.left_out, demo=found.demo,
    )  # fmt: skip


def _correlation(found: Correlation | None) -> pb.Correlation | None:
    if found is None:
        return None
    return pb.Correlation(
        together=_TOGETHER[found.together], value=found.value, low=found.low, high=found.high,
        effective_day_count=found.effective_days,
    )  # fmt: skip
