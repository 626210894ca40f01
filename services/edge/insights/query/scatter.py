"""Two measures from day to day as a picture, and what may be said of them."""

from dataclasses import dataclass

from flask_babel import gettext as _

from meguri.insights.v1 import query_service_pb2 as pb
from services.edge.insights import charts
from services.edge.insights.query import words

RADIUS = 3.0


@dataclass(frozen=True)
class Point:
    """A day in the picture."""

    x: float
    y: float
    hint: str


@dataclass(frozen=True)
class Scatter:
    """The picture, of the size of a chart."""

    points: tuple[Point, ...]
    levels: tuple[charts.Tick, ...]
    labels: tuple[charts.Tick, ...]
    width: float = charts.WIDTH
    height: float = charts.HEIGHT
    left: float = charts.LEFT
    right: float = charts.WIDTH - charts.RIGHT
    base: float = charts.HEIGHT - charts.BOTTOM


def scatter(found: pb.RelateResponse, tenths: int = 1) -> Scatter | None:
    """Returns a dot per day: the first measure to the right, the second upwards. tenths: 10 where
    the second is told in tenths. Below zero there is no room: frost lies on the line."""
    if not found.days:
        return None
    right, right_steps = charts.nice_ceiling(max(day.first for day in found.days))
    top, top_steps = charts.nice_ceiling(max(day.second for day in found.days) / tenths)
    wide = charts.WIDTH - charts.LEFT - charts.RIGHT
    points = tuple(
        Point(
            round(charts.LEFT + wide * max(day.first, 0) / right, 1),
            round(charts.height_of(max(day.second / tenths, 0), top), 1),
            f"{day.date}: {day.first:,} · {day.second / tenths:,.4g}",
        )
        for day in found.days
    )
    steps = [right * step // right_steps for step in range(right_steps + 1)]
    labels = tuple(
        charts.Tick(round(charts.LEFT + wide * value / right, 1), charts.short_number(value))
        for value in steps
    )
    return Scatter(points, charts.levels(top, top_steps), labels)


def said(found: pb.RelateResponse, first: int, second: int) -> str:
    """Returns what may be said, in a sentence. What is left when kinds of days are taken off
    decides: that weekends fill everything is no news."""
    names = {"first": words.MEASURES[first], "second": words.COMPARABLE[second]}
    if not found.HasField("within_kinds"):
        return str(
            _(
                "Nothing can be said yet: it takes 20 days that both tell and that are not all "
                "alike."
            )
        )
    together = found.within_kinds.together
    if together == pb.TOGETHER_RISE:
        return str(
            _("On days with more “%(first)s” than usual there is more “%(second)s”, too.", **names)
        )
    if together == pb.TOGETHER_FALL:
        return str(
            _("On days with more “%(first)s” than usual there is less “%(second)s”.", **names)
        )
    if found.all_days.together == pb.TOGETHER_RISE:
        return str(
            _(
                "Both are higher on the same kinds of days, such as weekends. Beyond that nothing "
                "can be told."
            )
        )
    return str(_("Whether the two go together cannot be told from these days."))
