"""Questions for programs: words instead of numbers, and every figure with what it rests on."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, json, make_response, request
from werkzeug.datastructures import MultiDict

from kit.roles import ANALYSTS
from meguri.insights.v1 import query_service_pb2 as pb
from services.edge.errors import Problem
from services.edge.insights.plain import plain
from services.edge.insights.query import asked as reading
from services.edge.insights.query import calls, words
from services.edge.insights.query.asked import Asked
from services.edge.insights.visitors.period import date_of
from services.edge.login import requires
from services.edge.parts import area, day_there

ADDRESS = "/api/v1/insights/query"

blueprint = Blueprint("query_api", __name__)

_Enum = Any  # of protobuf: Name, Value, values


def word(enum: _Enum, number: int, prefix: str) -> str:
    """Returns the word of a number; "" for the one that stands for nothing."""
    found = str(enum.Name(number)).removeprefix(prefix).lower()
    return "" if found == "unspecified" else found


def words_of(enum: _Enum, prefix: str, numbers: Iterable[int] = ()) -> dict[str, int]:
    """Returns the words of an enum with their numbers; numbers: only these."""
    wanted = list(numbers) or [number for number in enum.values() if number]
    return {word(enum, number, prefix): number for number in wanted if number}


MEASURES = words_of(pb.QueryMeasure, "QUERY_MEASURE_", words.MEASURES)
COMPARABLE = words_of(pb.QueryMeasure, "QUERY_MEASURE_", words.COMPARABLE)
BY = words_of(pb.QueryBy, "QUERY_BY_")
COLUMNS = words_of(pb.QueryBy, "QUERY_BY_", words.COLUMNS)
COMPARED = words_of(pb.QueryCompare, "QUERY_COMPARE_")
KINDS = words_of(pb.DayKind, "DAY_KIND_")
RAIN = words_of(pb.Rain, "RAIN_")
_DAYS = {"from", "until", "weekday", "kind", "rain", "locale"}
ASKS = {"measure", "by", "then_by", "compare", *_DAYS}
RELATES = {"measure", "second", *_DAYS}
_SEVERAL = {"weekday", "kind", "rain"}
WORDS: Mapping[str, Mapping[str, int]] = {
    "measure": MEASURES, "second": COMPARABLE, "by": BY, "then_by": COLUMNS,
    "compare": COMPARED, "kind": KINDS, "rain": RAIN,
}  # fmt: skip
# Which service says the events or hours that a measure is counted from.
OWNERS: Mapping[int, str] = {
    pb.QUERY_MEASURE_PAGES: "multilingual", pb.QUERY_MEASURE_PLANS: "itinerary",
    pb.QUERY_MEASURE_PLANNED_PEOPLE: "itinerary", pb.QUERY_MEASURE_ENTRIES: "payments",
    pb.QUERY_MEASURE_SALES: "payments", pb.QUERY_MEASURE_TAKINGS: "payments",
    pb.QUERY_MEASURE_VISITORS: "visitor_sense", pb.QUERY_MEASURE_DEVICES: "visitor_sense",
}  # fmt: skip


@blueprint.get(ADDRESS)
@requires(*ANALYSTS)
def api_ask() -> Response:
    """One question, for programs."""
    asked = read(request.args)
    return _json(answer(asked, calls.ask(asked)))


@blueprint.get(f"{ADDRESS}/together")
@requires(*ANALYSTS)
def api_relate() -> Response:
    """Two measures from day to day, for programs."""
    asked = read(request.args, MEASURES | COMPARABLE, together=True)
    return _json(relation(asked, calls.relate(asked)))


def read(
    args: "MultiDict[str, str]", measures: Mapping[str, int] = MEASURES, *, together: bool = False
) -> Asked:
    """Returns what an address asks in words. Errors: Problem naming each field that is not known:
    a program that mistypes a word wants no answer to another question."""
    numbers: MultiDict[str, str] = MultiDict()
    wrong = _names_wrong(args, RELATES if together else ASKS)
    for name, value in args.items(multi=True):
        known = WORDS.get(name)
        if name == "measure":
            known = measures
        if known is None:
            numbers.add(name, value)
        elif value in known:
            numbers.add(name, str(known[value]))
        else:
            wrong.append((name, f"give one of {', '.join(known)}"))
    asked = reading.read(numbers, day_there(), reading.LONG if together else reading.DAYS)
    said = {name: text for name, text in asked.wrong.items()
            if not together or name in reading.TOGETHER}  # fmt: skip
    wrong += [(name.removeprefix("f-"), text) for name, text in said.items()]
    for name in ("from", "until"):
        if args.get(name) and date_of(args, name) is None:
            wrong.append((name, "give a date, as 2026-05-31"))
    wrong += [("weekday", "give 1 for Monday to 7 for Sunday")
              for value in args.getlist("weekday") if value not in set("1234567")]  # fmt: skip
    if wrong:
        raise Problem(400, "invalid_fields", fields=wrong)
    return asked


def _names_wrong(args: "MultiDict[str, str]", known: Collection[str]) -> list[tuple[str, str]]:
    """Returns names that nothing reads, and those of one value that came with two."""
    words_known = ", ".join(sorted(known))
    unknown = [(name, f"give only {words_known}") for name in args if name not in known]
    double = [(name, "give it once") for name, values in args.lists()
              if len(values) > 1 and name not in _SEVERAL]  # fmt: skip
    return unknown + double


def answer(asked: Asked, found: pb.AskResponse) -> dict[str, Any]:
    """Returns an answer with where its figures are from, of how many days each is, between which
    ends it lies, and by which rules small ones were withheld."""
    times = plain(found, area().time_zone)
    return {
        "question": {
            "measure": word(pb.QueryMeasure, asked.measure, "QUERY_MEASURE_"),
            "by": word(pb.QueryBy, asked.by, "QUERY_BY_") or None,
            "then_by": word(pb.QueryBy, asked.then_by, "QUERY_BY_") or None,
            "compare": word(pb.QueryCompare, asked.compare, "QUERY_COMPARE_") or None,
            **_days(asked),
        },
        "source": {
            "service": OWNERS[asked.measure], "method": str(words.METHODS[asked.measure]),
            "begin_date": found.begin_date or None, "as_of_time": times["as_of_time"],
            "demo": found.demo,
        },
        "privacy": {
            "suppression_k": found.suppression_k, "least_shops": found.least_shops,
            "most_share_percent": found.most_share_percent, "noise_added": False,
        },
        "from_date": found.from_date, "until_date": found.until_date,
        "other_from_date": found.other_from_date or None,
        "other_until_date": found.other_until_date or None,
        "columns": list(found.columns),
        "whole": figure(found.whole),
        "other": figure(found.other) if found.HasField("other") else None,
        "rows": [
            {
                "value": row.value, "name": words.value_word(asked.by, row.value, row.names),
                "figure": figure(row.whole), "columns": [figure(cell) for cell in row.cells],
                "other": figure(row.other) if row.HasField("other") else None,
            }
            for row in found.rows
        ],
    }  # fmt: skip


def relation(asked: Asked, found: pb.RelateResponse) -> dict[str, Any]:
    """Returns whether two measures go together, with the days it rests on and its intervals."""
    both = {name: word(pb.QueryMeasure, number, "QUERY_MEASURE_")
            for name, number in (("measure", asked.measure), ("second", asked.second))}  # fmt: skip
    return {
        "question": both | _days(asked),
        "source": {name: OWNERS.get(number, "import") for name, number in
                   (("measure", asked.measure), ("second", asked.second))},
        "day_count": len(found.days), "left_out_count": found.left_out_count, "demo": found.demo,
        "all_days": _correlation(found.all_days), "within_kinds": _correlation(found.within_kinds),
        "days": [
            {"date": day.date, "measure": day.first, "second": day.second} for day in found.days
        ],
    }  # fmt: skip


def _correlation(found: pb.Correlation) -> dict[str, Any]:
    said = word(pb.Together, found.together, "TOGETHER_")
    ends = (found.value, found.low, found.high, found.effective_day_count)
    names = ("value", "low", "high", "effective_day_count")
    return {
        "together": said or "too_few_days",
        **{name: round(end, 4) if said else None for name, end in zip(names, ends, strict=True)},
    }


def figure(cell: pb.AskedCell) -> dict[str, Any]:
    """Returns a figure with its ends, null where no day of it is told: 0 would be a count."""
    told = cell.told_day_count > 0
    return {
        "low": cell.low if told else None, "high": cell.high if told else None,
        "exact": told and cell.low == cell.high,
        "day_count": cell.day_count, "told_day_count": cell.told_day_count,
    }  # fmt: skip


def _days(asked: Asked) -> dict[str, Any]:
    return {
        "from": asked.first.isoformat(), "until": asked.last.isoformat(),
        "weekday": sorted(asked.weekdays),
        "kind": [word(pb.DayKind, each, "DAY_KIND_") for each in sorted(asked.kinds)],
        "rain": [word(pb.Rain, each, "RAIN_") for each in sorted(asked.rain)],
    }  # fmt: skip


def _json(found: Mapping[str, Any]) -> Response:
    response = make_response(json.dumps(found, ensure_ascii=False))
    response.content_type = "application/json"
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
