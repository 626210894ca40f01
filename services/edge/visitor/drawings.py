# ruff: noqa: E501 - path data reads best unbroken
"""Our own drawings: scenes of the cave by kind of formation, and the plan of the route.

Shapes are made from a seed, so each stop has its own picture and always the same one. Colors are
classes (p1 far … p5 near the lamp) that the style sheet fills per mood.
"""

import random
from functools import lru_cache

from markupsafe import Markup

from services.edge.visitor.formations import (
    FLOOR,
    HEIGHT,
    SHAPES,
    WIDTH,
    background,
    ceiling,
    ground,
)

SCENES = {
    "rimstone_pool": "pools", "pool": "water", "river": "water", "waterfall": "fall",
    "flowstone": "fall", "flowstone_mound": "mound", "slope": "mound", "rock": "mound",
    "statue_or_stone": "mound", "stalactite": "icicles", "stalagmite": "cones", "column": "pillar",
    "flowstone_column": "pillar", "hall": "hall", "shaft": "hall", "entrance": "mouth",
    "exit": "mouth", "artificial_tunnel": "mouth", "animal": "dark", "history": "mouth",
}  # fmt: skip


@lru_cache(maxsize=1_000)
def scene(kind: str, seed: str) -> Markup:
    """Returns a drawing of a kind of formation (form code of the guide) as inline SVG, hidden
    from readers that cannot see: it shows nothing the text does not say."""
    dice = random.Random(seed)  # noqa: S311 - a picture, not a secret
    what = SCENES.get(kind, "hall")
    body = [background(), ceiling(dice, 70, 46, "p2"), ground(dice, FLOOR - 26, 14, "p2")]
    body += SHAPES[what](dice)
    body.append(ceiling(dice, 34, 60 if what != "icicles" else 24, "p3"))
    return Markup(  # noqa: S704 - numbers and fixed words only
        f'<svg class="scene" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">'
        f"{''.join(body)}</svg>"
    )  # fmt: skip


GROWING = frozenset({"stalactite", "stalagmite", "column", "flowstone_column"})


@lru_cache(maxsize=1)
def growth() -> Markup:
    """Returns a section in four steps: drop, straw, stalactite over stalagmite, column."""
    parts = ['<path class="rock" d="M0 0h720v34H0zM0 226h720v34H0z"/>']
    for index, (hang, stand, width) in enumerate(
        ((0, 0, 0), (34, 6, 5), (78, 58, 20), (96, 96, 34))
    ):
        x = 90 + index * 180
        parts.append(f'<path class="film" d="M{x} 0v{34 + hang}"/>')
        if hang:
            parts.append(_hanging(x, hang, width))
        if stand:
            parts.append(_standing(x, stand, width))
        if index < 3:
            parts.append(
                f'<path class="drop" d="M{x} {40 + hang}c5 8 7 11 7 14a7 7 0 0 1-14 0c0-3 2-6 7-14z"/>'
            )
            parts.append(f'<path class="film" d="M{x} {72 + hang}V{222 - stand}"/>')
    return Markup(  # noqa: S704 - numbers only
        f'<svg viewBox="0 0 720 260" aria-hidden="true" focusable="false">{"".join(parts)}</svg>'
    )


def _hanging(x: int, length: int, half: int) -> str:
    tip = max(half // 4, 4)
    rings = "".join(
        f'<path class="ring" d="M{x - half * share:.0f} 34q{half * share * 0.7:.0f} {length * 0.5:.0f} {half * share:.0f} {length - 6}'
        f'q{half * share * 0.3:.0f} {-length * 0.5:.0f} {half * share:.0f} {6 - length}"/>'
        for share in (0.4, 0.7)
        if half > 8
    )
    return (
        f'<path class="stone" d="M{x - half - 4} 32c{half * 0.6:.0f} {length * 0.4:.0f} {half + 4 - tip} {length * 0.6:.0f} {half + 4 - tip} {length}'
        f'h{tip * 2}c0 {-length * 0.4:.0f} {(half + 4 - tip) * 0.4:.0f} {-length * 0.6:.0f} {half + 4 - tip} {-length}z"/>{rings}'
    )


def _standing(x: int, tall: int, half: int) -> str:
    wide, head = half + 10, max(half // 3, 5)
    return (
        f'<path class="stone" d="M{x - wide} 228c{wide * 0.5:.0f} -4 {wide - head} {-tall * 0.6:.0f} {wide - head} {-tall}'
        f'q{head} -6 {head * 2} 0c0 {tall * 0.4:.0f} {(wide - head) * 0.5:.0f} {tall * 0.96:.0f} {wide - head} {tall}z"/>'
    )
