"""Questions that are put together already: one tap, and the answer shows how asking works."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import gettext as _

from meguri.insights.v1 import query_service_pb2 as pb

PAGE = "/insights/query"


@dataclass(frozen=True)
class Ready:
    """A question in words, and its address."""

    text: str
    address: str


@dataclass(frozen=True)
class Theme:
    """Some questions about the same."""

    title: str
    icon: str
    questions: tuple[Ready, ...]


def themes() -> Iterator[Theme]:
    """Yields the questions by theme."""
    pages, plans, gates = pb.QUERY_MEASURE_PAGES, pb.QUERY_MEASURE_PLANS, pb.QUERY_MEASURE_ENTRIES
    year = pb.QUERY_COMPARE_YEAR_BEFORE
    yield Theme(_("When people come"), "people", (
        _ready(_("On which days of the week are most people let in?"), gates, pb.QUERY_BY_WEEKDAY),
        _ready(_("At which hours, and on which kinds of days?"), gates, pb.QUERY_BY_HOUR,
               pb.QUERY_BY_DAY_KIND),
        _ready(_("How many come in the rain?"), gates, pb.QUERY_BY_RAIN),
        _ready(_("From which countries, beside last year?"), gates, pb.QUERY_BY_ORIGIN,
               compare=year),
        _ready(_("What do the shops take on which days of the week?"), pb.QUERY_MEASURE_TAKINGS,
               pb.QUERY_BY_WEEKDAY),
    ))  # fmt: skip
    yield Theme(_("What they read"), "qr", (
        _ready(_("Which languages does the guide need?"), pages, pb.QUERY_BY_LANGUAGE_ASKED),
        _ready(_("Which stops are read, beside last year?"), pages, pb.QUERY_BY_STOP, compare=year),
        _ready(_("At which hours is the guide read on which weekdays?"), pages, pb.QUERY_BY_HOUR,
               pb.QUERY_BY_WEEKDAY),
    ))  # fmt: skip
    yield Theme(_("What they did not find"), "warning", (
        _ready(_("Which languages were asked for and not there?"), pages,
               pb.QUERY_BY_LANGUAGE_MISSED),
        _ready(_("Why did wished spots not fit into days?"), plans, pb.QUERY_BY_LEFT_OUT),
    ))  # fmt: skip
    yield Theme(_("What goes together"), "chart", (
        _together(_("More people at the gates, more sales?"), gates, pb.QUERY_MEASURE_SALES),
        _together(_("More people at the gates, more pages read?"), gates, pages),
        _together(_("More rain, fewer people?"), gates, pb.QUERY_MEASURE_PRECIPITATION),
        _together(_("More visitors by the sensors, more sales?"), pb.QUERY_MEASURE_VISITORS,
                  pb.QUERY_MEASURE_SALES),
    ))  # fmt: skip


def _ready(text: str, measure: int, by: int, then_by: int = 0, compare: int = 0) -> Ready:
    pairs = {"measure": measure, "by": by, "then_by": then_by, "compare": compare}
    said = urlencode({name: value for name, value in pairs.items() if value})
    return Ready(text, f"{PAGE}?{said}")


def _together(text: str, first: int, second: int) -> Ready:
    return Ready(text, f"{PAGE}/together?{urlencode({'measure': first, 'second': second})}")
