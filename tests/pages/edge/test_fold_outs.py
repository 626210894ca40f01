"""What folds out has air around it: the style gives it to a <div> right below the summary."""

import re

from infra.local.home import ROOT

FOLD_OUT = re.compile(
    r'<details class="details[ "].*?</summary>\s*(?:\{#.*?#\}\s*)?(.{0,60})', re.DOTALL
)

# The till's forms have room of their own.
OFF_THE_EDGE = ("<div", '<form class="till-form"')


def test_every_fold_out_holds_its_words_off_its_edge() -> None:
    found = [
        (template.name, inside)
        for template in sorted((ROOT / "services").rglob("*.html"))
        for inside in FOLD_OUT.findall(template.read_text())
    ]
    assert len(found) > 30
    assert [each for each in found if not each[1].startswith(OFF_THE_EDGE)] == []
