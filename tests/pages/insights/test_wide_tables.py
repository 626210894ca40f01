"""Every table of figures that may be wider than a phone is one region with a hint, made one way."""

import re
from pathlib import Path

import pytest

from services.edge.insights import routes

FOLDER = Path(routes.__file__).parent
TEMPLATES = sorted((FOLDER / "templates" / "insights").glob("*.html"))
STYLE = (FOLDER / "static" / "insights.css").read_text("utf-8")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_what_scrolls_sideways_is_made_by_the_macro(path: Path) -> None:
    text = path.read_text("utf-8")
    by_hand = re.findall(r'<div class="table-scroll', text)
    assert by_hand == []
    if path.name != "macros.html":
        assert ("wide(" not in text) or re.search(r"import [^%]*\bwide\b", text)


def test_a_region_has_a_name_and_can_be_reached_by_keys() -> None:
    (macro,) = re.findall(
        r"macro wide\(label\)(.*?)endmacro", (TEMPLATES[0].parent / "macros.html").read_text(), re.S
    )
    for needed in ('tabindex="0"', 'role="region"', 'aria-label="{{ label }}"'):
        assert needed in macro


def test_the_hint_goes_at_the_end_and_on_paper_and_the_first_column_stays() -> None:
    rule = re.search(r"\.table-scroll--wide \{ background: (.*?); \}", STYLE)
    assert rule
    assert rule[1].count(" local,") == 2  # covers that scroll along with the table
    assert rule[1].count(" scroll,") == 2  # shades that stay at the edges
    phone = STYLE.partition("@media screen and (max-width: 48rem) { .table-scroll--wide")[2]
    assert "position: sticky" in phone.partition("\n")[0]
    assert "@media print { .table-scroll--wide { background: none; } }" in STYLE
