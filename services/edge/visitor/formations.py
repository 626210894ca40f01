# ruff: noqa: E501 - path data reads best unbroken
"""The shapes of each kind of formation, drawn from dice so that no two stops look the same."""

import math
import random
from collections.abc import Callable, Sequence
from itertools import pairwise

WIDTH, HEIGHT = 720, 420
FLOOR = 330


def background() -> str:
    """Returns the dark and the light of a lamp."""
    return (
        '<defs><radialGradient id="lamp" cx="50%" cy="62%" r="62%"><stop offset="0" class="glow-1"/>'
        '<stop offset="1" class="glow-0"/></radialGradient></defs>'
        f'<path class="p1" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
        f'<path fill="url(#lamp)" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
    )


def _path(points: Sequence[tuple[float, float]], style: str, *, closed: bool = True) -> str:
    """Draws a smooth line through points (quadratic curves through the middles)."""
    (x0, y0), *_ = points
    parts = [f"M{x0:.0f} {y0:.0f}"]
    for (x1, y1), (x2, y2) in pairwise(points[1:]):
        parts.append(f"Q{x1:.0f} {y1:.0f} {(x1 + x2) / 2:.0f} {(y1 + y2) / 2:.0f}")
    parts.append(f"L{points[-1][0]:.0f} {points[-1][1]:.0f}{'z' if closed else ''}")
    return f'<path class="{style}" d="{"".join(parts)}"/>'


def ceiling(dice: random.Random, base: float, depth: float, style: str) -> str:
    """Returns a ceiling with hanging points. base, depth: pixels."""
    parts, x = [f"M0 0V{base:.0f}"], 0.0
    while x < WIDTH:
        width = dice.uniform(18, 52)
        length = depth * dice.uniform(0.15, 1) ** 1.6
        middle, end = x + width / 2, min(x + width, WIDTH)
        parts.append(
            f"Q{x + width * 0.38:.0f} {base:.0f} {middle:.0f} {base + length:.0f}"
            f"Q{x + width * 0.62:.0f} {base:.0f} {end:.0f} {base + dice.uniform(-6, 6):.0f}"
        )
        x += width
    return f'<path class="{style}" d="{"".join(parts)}V0z"/>'


def ground(dice: random.Random, top: float, swing: float, style: str) -> str:
    """Returns an uneven floor. top, swing: pixels."""
    points: list[tuple[float, float]] = [(-60, HEIGHT + 40), (-60, top)]
    points += [(WIDTH * step / 8, top + dice.uniform(-swing, swing)) for step in range(9)]
    points += [(WIDTH + 60, top), (WIDTH + 60, HEIGHT + 40)]
    return _path(points, style)


def _pools(dice: random.Random) -> list[str]:
    """Terraces of shallow basins, each spilling over its rim into the next."""
    shapes = []
    for row in range(6):
        y = 205 + row * 38
        count, reach = 3 + row % 2, 300 + row * 46
        for index in range(count):
            width = reach * 2 / count
            x = WIDTH / 2 - reach + (index + 0.5) * width + dice.uniform(-14, 14)
            half, deep = width * dice.uniform(0.46, 0.56), 13 + row * 2.2
            shapes.append(
                f'<path class="p3" d="M{x - half:.0f} {y:.0f}q{half:.0f} {deep * 3.6:.0f}'
                f' {half * 2:.0f} 0v60h-{half * 2:.0f}z"/>'
                f'<ellipse class="p4" cx="{x:.0f}" cy="{y:.0f}" rx="{half:.0f}" ry="{deep:.0f}"/>'
                f'<ellipse class="water" cx="{x:.0f}" cy="{y - 2:.0f}" rx="{half - 6:.0f}" ry="{deep - 4:.0f}"/>'
                f'<path class="shine" d="M{x - half * 0.5:.0f} {y - 3:.0f}h{half * 0.55:.0f}"/>'
            )
    return shapes


def _water(dice: random.Random) -> list[str]:
    shapes = [f'<path class="water" d="M0 268h{WIDTH}v{HEIGHT - 268}H0z"/>']
    for _ in range(15):
        y = dice.uniform(282, 412)
        half = 18 + (y - 270) * dice.uniform(0.2, 0.8)
        x = WIDTH / 2 + dice.gauss(0, 120)
        shapes.append(f'<path class="shine" d="M{x - half:.0f} {y:.0f}h{half * 2:.0f}"/>')
    left = [(0, HEIGHT), (0, 232), (90, 244), (170, 268), (210, 300), (150, 340), (60, HEIGHT)]
    right = [
        (WIDTH, HEIGHT),
        (WIDTH, 222),
        (640, 238),
        (560, 262),
        (520, 286),
        (600, 330),
        (690, HEIGHT),
    ]
    return [*shapes, _path(left, "p3"), _path(right, "p3")]


def _fall(dice: random.Random) -> list[str]:
    """Flowstone: a frozen waterfall of calcite, drawn as hanging folds."""
    shapes = [
        _path(
            [
                (170, 60),
                (150, 180),
                (110, 300),
                (90, HEIGHT),
                (630, HEIGHT),
                (600, 290),
                (560, 170),
                (540, 60),
            ],
            "p3",
        )
    ]
    x = 176.0
    while x < 530:
        width = dice.uniform(14, 30)
        spread = (x + width / 2 - WIDTH / 2) * dice.uniform(0.2, 0.36)
        bottom = dice.uniform(320, 392)
        style = "p5" if abs(x - 350) < 70 and dice.random() < 0.6 else "p4"
        shapes.append(
            f'<path class="{style}" d="M{x:.0f} {dice.uniform(70, 120):.0f}c{spread * 0.2:.0f} 90 {spread:.0f} 150 {spread:.0f} {bottom - 110:.0f}'
            f'q{width * 0.6:.0f} 16 {width:.0f} 0c0 -80 {-spread * 0.7:.0f} -150 {-spread * 0.8:.0f} {110 - bottom:.0f}z"/>'
        )
        x += width + dice.uniform(3, 9)
    return [*shapes, ground(dice, 384, 8, "p2")]


def _mound(dice: random.Random) -> list[str]:
    """A heap of rounded lumps, each ring of it a little paler."""
    shapes = [ground(dice, FLOOR, 8, "p3")]
    for size, style in ((1.0, "p3"), (0.82, "p4"), (0.5, "p5")):
        half, top = 210 * size, FLOOR - 190 * size - dice.uniform(-8, 8)
        lumps: list[tuple[float, float]] = [(WIDTH / 2 - half, FLOOR + 20)]
        for step in range(1, 10):
            angle = math.pi * step / 10
            swell = 1 + 0.07 * (-1) ** step
            lumps.append((WIDTH / 2 - math.cos(angle) * half * swell,
                          FLOOR - math.sin(angle) * (FLOOR - top) * swell))  # fmt: skip
        lumps.append((WIDTH / 2 + half, FLOOR + 20))
        shapes.append(_path(lumps, style))
    for _ in range(7):
        x = WIDTH / 2 + dice.uniform(-130, 130)
        shapes.append(
            f'<path class="crease" d="M{x:.0f} {dice.uniform(210, 250):.0f}q{dice.uniform(-14, 14):.0f} 40 {dice.uniform(-10, 10):.0f} {dice.uniform(60, 90):.0f}"/>'
        )
    return shapes


def _icicles(dice: random.Random) -> list[str]:
    """Stalactites: straws and cones that hang, with the drop that makes them."""
    shapes = []
    for _ in range(15):
        x = dice.uniform(60, WIDTH - 60)
        near = 1 - abs(x - WIDTH / 2) / 360
        length, half = dice.uniform(90, 150) + near * 110, dice.uniform(7, 15) + near * 9
        style = "p5" if near > 0.72 else "p4" if near > 0.4 else "p3"
        shapes.append(
            (
                near,
                f'<path class="{style}" d="M{x - half:.0f} 24q{half * 0.7:.0f} {length * 0.5:.0f} {half:.0f} {length:.0f}q{half * 0.3:.0f} {-length * 0.5:.0f} {half:.0f} {-length:.0f}z"/>',
            )
        )
        if near > 0.66:
            shapes.append(
                (
                    1,
                    f'<circle class="drop" cx="{x:.0f}" cy="{24 + length + dice.uniform(8, 40):.0f}" r="3"/>',
                )
            )
    return [shape for _, shape in sorted(shapes)] + [ground(dice, 366, 8, "p2")]


def _cones(dice: random.Random) -> list[str]:
    """Stalagmites: broad at the foot, round at the head, under the drip they grow from."""
    shapes = [ground(dice, FLOOR + 14, 6, "p3")]
    for x, mean_tall, mean_half in ((206, 120, 46), (530, 96, 40), (318, 70, 26), (430, 205, 74)):
        tall, half = mean_tall * dice.uniform(0.9, 1.1), mean_half * dice.uniform(0.92, 1.08)
        top = FLOOR + 24 - tall
        side = [(x - half, FLOOR + 30), (x - half * 0.72, FLOOR - tall * 0.2), (x - half * 0.5, top + tall * 0.3),
                (x - half * 0.36, top + 6), (x, top - 6), (x + half * 0.36, top + 6), (x + half * 0.5, top + tall * 0.3),
                (x + half * 0.72, FLOOR - tall * 0.2), (x + half, FLOOR + 30)]  # fmt: skip
        shapes.append(_path(side, "p5" if tall > 150 else "p4"))
        for step in range(1, 5):
            y = top + tall * step / 5
            w = half * (0.34 + 0.13 * step)
            shapes.append(
                f'<path class="crease" d="M{x - w:.0f} {y:.0f}q{w:.0f} 10 {w * 2:.0f} 0"/>'
            )
    return [
        *shapes,
        '<circle class="drop" cx="430" cy="96" r="3"/><path class="drip" d="M430 60v28"/>',
    ]


def _pillar(dice: random.Random) -> list[str]:
    shapes = [ground(dice, FLOOR + 20, 6, "p3")]
    outline = [
        (306, 20),
        (318, 90),
        (326, 170),
        (318, 250),
        (286, 330),
        (262, 372),
        (474, 372),
        (446, 330),
        (408, 250),
        (400, 170),
        (408, 90),
        (424, 20),
    ]
    shapes.append(_path(outline, "p4"))
    for x, w in ((326, 20), (352, 24), (382, 16)):
        bend = (x - 364) * 0.9
        shapes.append(
            f'<path class="p5" d="M{x} 24c{-bend * 0.1:.0f} 120 {-bend * 0.2:.0f} 180 {bend:.0f} 332h{w}c{-bend * 0.4:.0f} -140 {-bend * 0.6:.0f} -220 {-bend:.0f} -332z"/>'
        )
    for _ in range(9):
        left, top = dice.uniform(316, 404), dice.uniform(60, 330)
        shapes.append(f'<path class="crease" d="M{left:.0f} {top:.0f}q8 7 18 0"/>')
    for foot, tall in ((150, 60), (196, 34), (560, 52), (606, 84)):
        shapes.append(f'<path class="p3" d="M{foot - 22} 360q14 -{tall} 22 -{tall}t22 {tall}z"/>')
    return shapes


def _hall(dice: random.Random) -> list[str]:
    """A wide room with people as the measure."""
    shapes = [
        _path(
            [
                (0, 300),
                (120, 220),
                (260, 190),
                (420, 186),
                (580, 214),
                (WIDTH, 290),
                (WIDTH, 360),
                (0, 360),
            ],
            "p3",
        )
    ]
    shapes.append(ground(dice, FLOOR - 6, 8, "p4"))
    shapes += [_person(x, FLOOR + dice.uniform(4, 22), 0.8) for x in (318, 344, 420)]
    for x, tall in ((90, 90), (140, 50), (600, 110), (652, 60)):
        shapes.append(
            f'<path class="p2" d="M{x - 30} {HEIGHT}q16 -{tall + 60} 30 -{tall + 60}t30 {tall + 60}z"/>'
        )
    return shapes


def _mouth(dice: random.Random) -> list[str]:
    """The way out: daylight, a stream, people."""
    arch = "M250 360C236 250 262 120 352 104s150 110 132 256z"
    shapes = [f'<path class="day" d="{arch}"/>']
    shapes.append('<path class="day-2" d="M252 330q40 -46 78 -30t66 -18 88 30l2 48H250z"/>')
    shapes.append(ground(dice, FLOOR + 10, 6, "p2"))
    shapes.append(
        f'<path class="water" d="M330 344c-10 30 -70 50 -120 {HEIGHT - 344}h250c-30 -30 -70 -50 -66 -{HEIGHT - 344}z"/>'
    )
    shapes += [_person(448, 352, 0.95), _person(470, 356, 0.8)]
    return shapes


def _dark(dice: random.Random) -> list[str]:
    """For what lives here: a circle of lamp light on wet stone."""
    shapes = [ground(dice, 250, 18, "p2"), '<ellipse class="p3" cx="360" cy="300" rx="230" ry="92"/>',
              '<ellipse class="p4" cx="360" cy="300" rx="150" ry="58"/>']  # fmt: skip
    for _ in range(12):
        x, y = 360 + dice.gauss(0, 110), 300 + dice.gauss(0, 34)
        shapes.append(f'<path class="crease" d="M{x:.0f} {y:.0f}q10 -8 22 0"/>')
    shapes.append(
        '<path class="p2" d="M300 306c20 -34 92 -36 118 -6 8 9 6 18 -4 20-34 8-88 6-110 0-8-2-9-8-4-14z"/>'
    )
    shapes += [f'<path class="leg" d="M{x} 316q-4 14 -12 20"/>' for x in range(314, 410, 16)]
    return [*shapes, '<path class="leg" d="M414 302q34 -20 52 -46M414 300q40 -8 60 -24"/>']


def _person(x: float, y: float, size: float) -> str:
    return (
        f'<path class="person" d="M{x:.0f} {y:.0f}v{-26 * size:.0f}q0 {-9 * size:.0f} {7 * size:.0f} {-9 * size:.0f}'
        f't{7 * size:.0f} {9 * size:.0f}v{26 * size:.0f}z"/>'
        f'<circle class="person" cx="{x + 7 * size:.0f}" cy="{y - 41 * size:.0f}" r="{5.4 * size:.1f}"/>'
    )


SHAPES: dict[str, Callable[[random.Random], list[str]]] = {
    "pools": _pools, "water": _water, "fall": _fall, "mound": _mound, "icicles": _icicles,
    "cones": _cones, "pillar": _pillar, "hall": _hall, "mouth": _mouth, "dark": _dark,
}  # fmt: skip
