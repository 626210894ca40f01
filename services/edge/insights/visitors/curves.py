"""When devices came and left, per zone of a finished day: two curves from none to all, and rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights import charts

WIDTH, LEFT, RIGHT, HEIGHT, BASE, TOP = 360.0, 34.0, 8.0, 140.0, 118.0, 8.0
HOUR_S, EVERY = 3_600, 3


@dataclass(frozen=True)
class Row:
    """A share of the devices, in percent, and until when it had come and left, as 9:40."""

    share: int
    came: str
    left: str


@dataclass(frozen=True)
class Curves:
    """A zone. came, left: points of lines. ticks: hours."""

    name: str
    came: str
    left: str
    ticks: tuple[charts.Tick, ...]
    rows: tuple[Row, ...]
    left_x: float = LEFT
    right_x: float = WIDTH - RIGHT
    base: float = BASE
    top: float = TOP
    width: float = WIDTH
    height: float = HEIGHT

    @property
    def middle(self) -> float:
        """Where half of them are."""
        return (self.base + self.top) / 2


def curves(dwell: Sequence[wire.ZoneDayDwell], names: Mapping[str, str]) -> list[Curves]:
    """Returns the zones that tell when devices came, in the order of names; all on one scale."""
    known = {one.zone_id: one for one in dwell if one.came_s and one.zone_id in names}
    times = [time for one in known.values() for time in (*one.came_s, *one.left_s)]
    first = max(0, min(times, default=0) // HOUR_S - 1)
    last = min(24, -(-max(times, default=0) // HOUR_S) + 1)

    def x(time_s: float) -> float:
        share = (time_s / HOUR_S - first) / max(1, last - first)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * share, 1)

    def line(steps: Sequence[int]) -> str:
        parts = len(steps) + 1
        points = [
            (x(time), BASE - (BASE - TOP) * number / parts) for number, time in enumerate(steps, 1)
        ]
        return " ".join(f"{at:g},{height:.1f}" for at, height in points)

    ticks = tuple(
        charts.Tick(x(hour * HOUR_S), f"{hour}:00")
        for hour in range(first, last + 1)
        if hour % EVERY == 0
    )
    return [
        Curves(name, line(known[zone].came_s), line(known[zone].left_s), ticks, _rows(known[zone]))
        for zone, name in names.items()
        if zone in known
    ]


def _rows(one: wire.ZoneDayDwell) -> tuple[Row, ...]:
    parts = len(one.came_s) + 1
    return tuple(
        Row(round(100 * number / parts), _clock(came), _clock(left))
        for number, (came, left) in enumerate(zip(one.came_s, one.left_s, strict=False), 1)
    )


def _clock(time_s: int) -> str:
    return f"{time_s // HOUR_S}:{time_s % HOUR_S // 60:02d}"
