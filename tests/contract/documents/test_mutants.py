"""Each mistake that is made on purpose can still be made: its text stands in its file, once."""

import pytest

from infra.local.home import ROOT
from tests.mutants.__main__ import MUTANTS


@pytest.mark.parametrize("name", MUTANTS)
def test_what_a_mutant_replaces_is_there_once(name: str) -> None:
    mutant = MUTANTS[name]
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.right) == 1
    assert mutant.wrong != mutant.right
    for word in mutant.command:
        if word.startswith("tests/"):
            assert (ROOT / word.partition("::")[0]).exists(), word
