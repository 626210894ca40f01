# ruff: noqa: E501 - path data reads best unbroken
"""Our own drawings: scenes of the cave by kind of formation.

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
