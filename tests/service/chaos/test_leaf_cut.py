"""The line to the cave cut for seconds, as `./meguri chaos --scenario leaf-cut` does for longer."""

from pathlib import Path

import pytest

from chaos.bench import Bench
from chaos.scenarios import leaf_cut
from chaos.stage import Broken, Size

SMALL = Size(clients=1, payments=0, seed=1)
pytestmark = pytest.mark.long


def test_what_was_acknowledged_at_the_cave_comes_once_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaf_cut, "CUT_S", 12.0)
    bench = Bench(tmp_path)
    leaf_cut.leaf_cut(bench, SMALL)
    assert (bench.lost, bench.doubled, bench.faults) == ([], [], 2)
    assert bench.acknowledged > bench.figures["batches_while_cut"] > leaf_cut.REPEAT_EVERY
    assert bench.figures["joined"] > 1


def test_a_cut_that_nobody_noticed_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaf_cut, "CUT_S", 1.0)
    monkeypatch.setattr(leaf_cut, "PING_S", 60)
    with pytest.raises(Broken, match="not cut for long enough"):
        leaf_cut.leaf_cut(Bench(tmp_path), SMALL)
