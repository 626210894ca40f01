"""What programs may ask of questions, for the machine-readable description."""

from collections.abc import Iterable
from typing import Any

from services.edge.insights.query import api

_FIGURE = {"$ref": "#/components/schemas/InsightsFigure"}
_NUMBER = {"type": ["integer", "null"]}
_REAL = {"type": ["number", "null"]}
_DATE = {"type": ["string", "null"], "format": "date"}


def _object(text: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "description": text, "properties": properties}


def _choice(name: str, known: Iterable[str], text: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"enum": list(known)}, "description": text}


def _several(name: str, known: Iterable[str], text: str) -> dict[str, Any]:
    schema = {"type": "array", "items": {"enum": list(known)}}
    return {"name": name, "in": "query", "schema": schema, "description": text}


def _dates(days: int) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "schema": {"type": "string", "format": "date"},
         "description": text}
        for name, text in (
            ("from", f"First day; {days} days until the last one when not given."),
            ("until", "Last day, included; yesterday when not given. At most 400 days."),
        )
    ]  # fmt: skip


DAYS = [
    _several("weekday", "1234567", "ISO numbers of days of the week; all when not given."),
    _several("kind", api.KINDS, "Kinds of days; all when not given."),
    _several("rain", api.RAIN, "Days by their rain, where weather was imported."),
]
ASK = [
    _choice("measure", api.MEASURES, "What is counted; pages when not given."),
    _choice("by", api.BY, "What rows are; one row when not given."),
    _choice("then_by", api.COLUMNS, "What columns are; none when not given."),
    _choice("compare", api.COMPARED, "Which other days stand beside; none when not given."),
    *_dates(28), *DAYS,
]  # fmt: skip
RELATE = [
    _choice("measure", api.COMPARABLE, "One measure; pages when not given."),
    _choice("second", api.COMPARABLE, "The other; entries when not given."), *_dates(182), *DAYS,
]  # fmt: skip

SCHEMAS: dict[str, Any] = {
    "InsightsFigure": _object(
        "A figure between two ends; null where no day of it is told.",
        low=_NUMBER, high=_NUMBER,
        exact={"type": "boolean", "description": "The ends are one: nothing is withheld."},
        day_count={"type": "integer", "description": "Days in the group."},
        told_day_count={"type": "integer", "description": "Days in the figure: of too few shops a"
                        " day tells no sales."},
    ),
    "InsightsAnswer": _object(
        "An answer to a question: sums of what pages of days tell, and nothing finer.",
        question={"type": "object", "description": "As it was understood, defaults filled in."},
        source=_object(
            "Where all figures are from.", service={"type": "string"}, method={"type": "string"},
            begin_date=_DATE, as_of_time={"type": ["string", "null"], "format": "date-time"},
            demo={"type": "boolean"},
        ),
        privacy=_object(
            "What was withheld from all figures; withheld makes the ends of a figure lie apart.",
            suppression_k={"type": "integer"}, least_shops={"type": "integer"},
            most_share_percent={"type": "integer"}, noise_added={"type": "boolean"},
        ),
        from_date=_DATE, until_date=_DATE, other_from_date=_DATE, other_until_date=_DATE,
        columns={"type": "array", "items": {"type": "string"}},
        whole=_FIGURE, other={"oneOf": [_FIGURE, {"type": "null"}]},
        rows={"type": "array", "items": _object(
            "A row.", value={"type": "string"}, name={"type": "string"}, figure=_FIGURE,
            columns={"type": "array", "items": _FIGURE},
            other={"oneOf": [_FIGURE, {"type": "null"}]},
        )},
    ),
    "InsightsCorrelation": _object(
        "Spearman's coefficient with its 90 % interval; null with too few days.",
        together={"enum": ["too_few_days", "unclear", "rise", "fall"]}, value=_REAL, low=_REAL,
        high=_REAL, effective_day_count=_REAL,
    ),
    "InsightsTogether": _object(
        "Two measures from day to day, of days that both tell.",
        question={"type": "object"}, source={"type": "object"},
        day_count={"type": "integer"}, left_out_count={"type": "integer"},
        demo={"type": "boolean"},
        all_days={"$ref": "#/components/schemas/InsightsCorrelation"},
        within_kinds={"$ref": "#/components/schemas/InsightsCorrelation"},
        days={"type": "array", "items": _object(
            "A day.", date={"type": "string", "format": "date"}, measure={"type": "integer"},
            second={"type": "integer"},
        )},
    ),
}  # fmt: skip
