# ruff: noqa: E501 - path data reads best unbroken
"""How stone grows in a cave: our own sections in four steps, one for each way of growing.

A column grows drop by drop, a pool by the rim where water runs thin, flowstone as skin upon skin
(general knowledge of karst, told in our own words). They stand still until a visitor lets them
move: the style sheet moves what has a class, so that no script and no inline style is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup

STEPS, STEP_WIDTH, HEIGHT = 4, 180, 260
_GAP = 4  # dark between two steps that are no one scene


@dataclass(frozen=True)
class Growth:
    """One way of growing. steps: what each picture shows, read one after the other."""

    title: Any
    steps: Sequence[Any]
    drawing: Markup


_KINDS = {
    "stalactite": "column", "stalagmite": "column", "column": "column",
    "flowstone_column": "column", "rimstone_pool": "pool", "flowstone": "skin",
    "flowstone_mound": "skin",
}  # fmt: skip
_WORDS = {
    "column": (_l("Drop by drop"), (
        _l("Water brings dissolved lime"), _l("a thin straw hangs down"),
        _l("stone grows from above and below"), _l("and meets in a column"),
    )),
    "pool": (_l("Rim by rim"), (
        _l("Water runs down a slope"), _l("where it runs thin, it leaves lime"),
        _l("the lime becomes a rim and holds the water back"),
        _l("and pool follows pool, like terraced fields"),
    )),
    "skin": (_l("Skin upon skin"), (
        _l("Water runs down the rock as a thin film"), _l("it leaves a skin of lime"),
        _l("skin is laid upon skin"), _l("and the rock looks like a frozen waterfall"),
    )),
}  # fmt: skip


def growth(kind: str) -> Growth | None:
    """Returns how a kind of formation (form code of the guide) grows; None for what does not."""
    way = _KINDS.get(kind)
    return Growth(*_WORDS[way], draw(way)) if way else None


@lru_cache
def draw(way: str) -> Markup:
    """Returns the section in four steps as inline SVG, hidden from readers that cannot see: its
    words stand below it."""
    drawn = (_DRAWN[way](index) for index in range(STEPS))
    steps = "".join(
        f'<g class="step step--{number}">{step}</g>' for number, step in enumerate(drawn, 1)
    )
    width = STEPS * STEP_WIDTH
    ground = f'<path class="rock" d="M0 0h{width}v34H0zM0 226h{width}v34H0z"/>'
    return Markup(  # noqa: S704 - numbers and fixed words only
        f'<svg viewBox="0 0 {width} {HEIGHT}" aria-hidden="true" focusable="false">'
        f"{ground if way == 'column' else ''}{steps}</svg>"
    )


def _column(index: int) -> str:
    hang, stand, half = ((0, 0, 0), (34, 6, 5), (78, 58, 20), (96, 96, 34))[index]
    x = STEP_WIDTH // 2 + index * STEP_WIDTH
    parts = [f'<path class="film" d="M{x} 0v{34 + hang}"/>']
    if index < STEPS - 1:
        parts.append(f'<path class="film" d="M{x} {72 + hang}V{222 - stand}"/>')
        drop = f"M{x} {40 + hang}c5 8 7 11 7 14a7 7 0 0 1-14 0c0-3 2-6 7-14z"
        parts.append(f'<path class="drop" d="{drop}"/>')
    if hang:
        parts.append(f'<g class="down">{_hanging(x, hang, half)}</g>')
    if stand:
        parts.append(f'<g class="up">{_standing(x, stand, half)}</g>')
    return "".join(parts)


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


def _pool(index: int) -> str:
    """A slope from the upper left; the rims stand across it, and water lies behind them."""
    left, right = index * STEP_WIDTH + _GAP, (index + 1) * STEP_WIDTH - _GAP
    top, bottom, rim = 116, 204, (0, 6, 15, 25)[index]
    fall = (bottom - top) / (right - left)
    parts, surface = [], [f"M{left} {top - 2}"]
    for share in (0.32, 0.62, 0.92):
        x = left + (right - left) * share
        y = top + (bottom - top) * share
        level, reach = y - rim * 0.86, rim * 0.86 / fall
        if index > 1:
            parts.append(
                f'<path class="water up" d="M{x - reach:.0f} {level:.0f}H{x:.0f}V{y:.0f}z"/>'
            )
        if rim:
            foot = 6 + rim * 0.35
            parts.append(
                f'<path class="stone up" d="M{x - foot:.0f} {y - foot * fall + 5:.0f}C{x - foot * 0.4:.0f} {y - rim * 0.3:.0f} {x - 5:.0f} {y - rim:.0f} {x:.0f} {y - rim:.0f}'
                f'S{x + foot * 0.7:.0f} {y - rim * 0.2:.0f} {x + foot * 1.2:.0f} {y + foot * 1.2 * fall + 5:.0f}z"/>'
            )
        surface.append(
            f"L{x - reach:.0f} {level - 2:.0f}H{x + 2:.0f}L{x + 6 + rim * 0.4:.0f} {y + 3:.0f}"
        )
    surface.append(f"L{right} {bottom - 2}")
    rock = f'<path class="rock" d="M{left} {top}L{right} {bottom}V{HEIGHT}H{left}z"/>'
    return f'{"".join(parts)}{rock}<path class="film" d="{"".join(surface)}"/>'


def _skin(index: int) -> str:
    """A wall that leans back; each skin is a wider stroke under the rock."""
    x, thick = index * STEP_WIDTH + _GAP, (0, 8, 22, 40)[index]
    right = (index + 1) * STEP_WIDTH - _GAP
    wall = f"M{x + 44} -30C{x + 50} 70 {x + 78} 84 {x + 84} 138S{x + 128} 216 {x + 150} 300"
    parts = [f'<path class="film" d="{wall}" stroke-width="{2 * thick + 5}"/>']
    widths = [2 * thick * share / 3 for share in (3, 2, 1)] if index > 1 else [2 * thick]
    skins = "".join(
        f'<path class="skin" d="{wall}" stroke-width="{width:.0f}"/>'
        f'<path class="skin skin--edge" d="{wall}" stroke-width="{width - 2:.0f}"/>'
        for width in widths
        if width
    )
    if skins:
        parts.append(f'<g class="out">{skins}</g>')
    parts.append(f'<path class="rock" d="M{x} -30H{x + 44}{wall[wall.index("C") :]}H{x}z"/>')
    clip = f"M{x} 0H{right}V{HEIGHT}H{x}z"
    return (
        f'<clipPath id="skin-{index}"><path d="{clip}"/></clipPath>'
        f'<g clip-path="url(#skin-{index})">{"".join(parts)}</g>'
    )


_DRAWN = {"column": _column, "pool": _pool, "skin": _skin}
