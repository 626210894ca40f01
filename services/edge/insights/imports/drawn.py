"""Charts of weather: temperatures as spans on an axis that may go below zero, rain as columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from meguri.insights.v1 import import_service_pb2 as pb
from services.edge.insights import charts
from services.edge.insights.charts import BOTTOM, HEIGHT, LEFT, TOP, Chart, Column, Tick, Whisker

DEGREES = 10  # between two marks of the axis


@dataclass(frozen=True)
class Axis:
    """An upright axis from low to high."""

    low: int
    high: int

    def y(self, value: float) -> float:
        """Returns where a value stands, from the top of the drawing."""
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share, 2)


def temperatures(days: Sequence[pb.WeatherDay], hints: Sequence[str]) -> Chart | None:
    """Returns the span of each day from the lowest to the highest temperature with its mean; None
    where no day has one."""
    told = [_span(day) for day in days]
    there = [each for each in told if each]
    if not there:
        return None
    low = int(min(each[1] for each in there) // DEGREES * DEGREES)
    high = int(-(-max(each[2] for each in there) // DEGREES) * DEGREES)
    axis = Axis(low, max(high, low + DEGREES))
    room = charts.room(len(days))
    marks = [
        Whisker(
            round(LEFT + (n + 0.5) * room, 2), axis.y(span[0]), axis.y(span[1]), axis.y(span[2]),
            hints[n],
        )
        for n, span in enumerate(told)
        if span
    ]  # fmt: skip
    levels = tuple(
        Tick(axis.y(value), str(value)) for value in range(axis.low, axis.high + 1, DEGREES)
    )
    return Chart(levels, _labels(days), whiskers=tuple(marks), top=axis.high)


def rain(days: Sequence[pb.WeatherDay], hints: Sequence[str]) -> Chart | None:
    """Returns a column of each day's rain; None where no day has any figure."""
    values = [_tenths(day.precipitation) for day in days]
    there = [each for each in values if each is not None]
    if not there:
        return None
    top, steps = charts.nice_ceiling(max(4.0, *there))
    room = charts.room(len(days))
    columns = []
    for n, value in enumerate(values):
        y = charts.height_of(value or 0.0, top)
        columns.append(
            Column(
                round(LEFT + n * room + room * charts.GAP_SHARE / 2, 2), round(y, 2),
                round(room * (1 - charts.GAP_SHARE), 2), round(HEIGHT - BOTTOM - y, 2), hints[n],
            )
        )  # fmt: skip
    return Chart(charts.levels(top, steps), _labels(days), columns=tuple(columns), top=top)


def months(
    values: Sequence[int | None], names: Sequence[str], hints: Sequence[str]
) -> Chart | None:
    """Returns a column for each month; None where no month has a figure."""
    if not any(values):
        return None
    return charts.columns([value or 0 for value in values], names, hints)


def _span(day: pb.WeatherDay) -> tuple[float, float, float] | None:
    low, high = _tenths(day.temperature_min), _tenths(day.temperature_max)
    mean = _tenths(day.temperature_mean)
    there = [each for each in (low, high, mean) if each is not None]
    if not there:
        return None
    least, most = min(there), max(there)
    return (mean if mean is not None else (least + most) / 2, least, most)


def _tenths(value: pb.WeatherValue) -> float | None:
    return value.tenths / 10 if value.HasField("tenths") else None


def _labels(days: Sequence[pb.WeatherDay]) -> tuple[Tick, ...]:
    texts = [day.date[5:].lstrip("0").replace("-0", "/").replace("-", "/") for day in days]
    return charts.thinned(texts)
