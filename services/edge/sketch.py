"""A sketch map drawn from nothing but coordinates: pins, lines between them, a scale, north.

It claims no roads. A pin whose position is an estimate is drawn hollow and dashed. Numbers that
would cover one another are moved apart and tied to their point by a line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, hypot, radians

WIDTH, MIN_HEIGHT, MAX_HEIGHT = 440.0, 260.0, 520.0
MARGIN = 30.0
RADIUS = 11.0
GAP = 2.0
ROUNDS = 120  # of moving numbers apart; far more than a screen of pins needs
METERS_PER_DEGREE = 111_195.0
MIN_SPAN_M = 800.0
SCALES_M = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
SCALE_SHARE = 0.3


@dataclass(frozen=True)
class Pin:
    """Something to draw. kind: visit, end, or how full it is (a level)."""

    label: str
    title: str
    latitude: float
    longitude: float
    estimated: bool
    kind: str


@dataclass
class Placed:
    """A pin on paper: its point and where its number stands."""

    pin: Pin
    x: float
    y: float
    label_x: float
    label_y: float

    @property
    def moved(self) -> bool:
        """A line ties the number to its point."""
        return hypot(self.label_x - self.x, self.label_y - self.y) > RADIUS * 0.6


@dataclass(frozen=True)
class Sketch:
    """A map ready for the template. Lengths are units of the view box."""

    height: float
    pins: Sequence[Placed]
    path: Sequence[tuple[float, float]] = field(default_factory=tuple)
    scale_m: int = 0
    scale_length: float = 0.0
    width: float = WIDTH

    @property
    def points(self) -> str:
        """The path as SVG wants it."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.path)

    @property
    def scale_text(self) -> str:
        """The length of the scale bar."""
        return f"{self.scale_m} m" if self.scale_m < 1000 else f"{self.scale_m // 1000} km"


def draw(pins: Sequence[Pin], joined: Sequence[Pin]) -> Sketch | None:
    """Returns a map of the pins; None for none. joined: pins a line runs through, in order."""
    if not pins:
        return None
    frame = _Frame(pins)
    placed = [_place(frame, pin) for pin in pins]
    _move_apart(placed, frame.height)
    path = [frame.at(pin) for pin in joined]
    scale_m = max((m for m in SCALES_M if m * frame.scale <= WIDTH * SCALE_SHARE), default=100)
    return Sketch(frame.height, placed, path, scale_m, scale_m * frame.scale)


class _Frame:
    """From degrees to paper: equirectangular around the middle, exact enough for 100 km."""

    def __init__(self, pins: Sequence[Pin]) -> None:
        south, north = min(p.latitude for p in pins), max(p.latitude for p in pins)
        west, east = min(p.longitude for p in pins), max(p.longitude for p in pins)
        self._latitude, self._longitude = (south + north) / 2, (west + east) / 2
        self._shrink = cos(radians(self._latitude))
        wide_m = max(MIN_SPAN_M, (east - west) * self._shrink * METERS_PER_DEGREE)
        high_m = max(MIN_SPAN_M / 2, (north - south) * METERS_PER_DEGREE)
        inner = WIDTH - 2 * MARGIN
        ideal = inner * high_m / wide_m + 2 * MARGIN
        self.height = min(MAX_HEIGHT, max(MIN_HEIGHT, ideal))
        self.scale = min(inner / wide_m, (self.height - 2 * MARGIN) / high_m)

    def at(self, pin: Pin) -> tuple[float, float]:
        east_m = (pin.longitude - self._longitude) * self._shrink * METERS_PER_DEGREE
        north_m = (pin.latitude - self._latitude) * METERS_PER_DEGREE
        return WIDTH / 2 + east_m * self.scale, self.height / 2 - north_m * self.scale


def _place(frame: _Frame, pin: Pin) -> Placed:
    x, y = frame.at(pin)
    return Placed(pin, x, y, x, y)


def _move_apart(placed: list[Placed], height: float) -> None:
    """Pushes numbers from one another until none touches, never off the paper."""
    wanted = 2 * RADIUS + GAP
    labelled = [each for each in placed if each.pin.label]
    for _ in range(ROUNDS):
        still = True
        for index, one in enumerate(labelled):
            for other in labelled[:index]:
                dx, dy = one.label_x - other.label_x, one.label_y - other.label_y
                apart = hypot(dx, dy)
                if apart >= wanted:
                    continue
                still = False
                if apart < 0.01:  # the same spot: any direction, but always the same one
                    dx, dy, apart = (1.0, 0.6 * (-1) ** index, 1.17)
                push = (wanted - apart) / 2 / apart
                one.label_x += dx * push
                one.label_y += dy * push
                other.label_x -= dx * push
                other.label_y -= dy * push
        for each in labelled:
            each.label_x = min(WIDTH - RADIUS - 2, max(RADIUS + 2, each.label_x))
            each.label_y = min(height - RADIUS - 2, max(RADIUS + 2, each.label_y))
        if still:
            return
