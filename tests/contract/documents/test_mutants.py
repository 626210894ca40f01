"""Each mistake that is made on purpose can still be made: its text stands in its file, once."""

import pytest

from infra.local.home import ROOT
from tests.mutants import page, security
from tests.mutants.__main__ import MUTANTS


@pytest.mark.parametrize("name", MUTANTS)
def test_what_a_mutant_replaces_is_there_once(name: str) -> None:
    mutant = MUTANTS[name]
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.right) == 1
    assert mutant.wrong != mutant.right
    for word in mutant.command:
        if word.startswith("tests/"):
            assert (ROOT / word.partition("::")[0]).exists(), word


def test_the_page_lists_them_all() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(MUTANTS, page.tried())


def test_twenty_at_least_were_tried_and_noticed_and_all_that_open_a_door() -> None:
    tried = page.tried()
    assert len(tried) >= 20
    assert not [name for name, said in tried.items() if not said.endswith("noticed")]
    assert set(security.MUTANTS) <= set(tried)
    rooms = {path.parent.name for path in (ROOT / "services").glob("*/main.py")}
    assert rooms <= {MUTANTS[name].file.split("/")[1] for name in tried}
