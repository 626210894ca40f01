"""The soft ground below the marks of the map says how unsure points are: it must be seen."""

import re

import pytest

from infra.local.home import ROOT

EDGE = ROOT / "services" / "edge"
MOODS = (EDGE / "static/css/moods.css").read_text()
STYLE = (EDGE / "visitor/static/visitor.css").read_text()
LEAST = 1.2


def light(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("scheme", "at"), [("light", 0), ("dark", 1)])
def test_it_differs_from_the_sheet(scheme: str, at: int) -> None:
    rules = re.findall(r"\.map__ground \{ fill: var\(--([\w-]+)\)", STYLE)
    of_day = re.findall(r"\.mood-day \{(.*?)\n\s*\}", MOODS, flags=re.DOTALL)[at]
    colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", of_day))
    assert contrast(colors[rules[at]], colors["surface"]) >= LEAST, scheme
