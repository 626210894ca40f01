"""Runs of pytest side by side: what they say is shown and added up."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import test as command


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., list[list[str]]]:
    """Writes files of tests; returns the words of a run for each."""

    def write(*bodies: str) -> list[list[str]]:
        options = ["--rootdir", str(tmp_path), "-c", os.devnull, "-p", "no:cacheprovider"]
        paths = [tmp_path / f"test_{number}.py" for number in range(len(bodies))]
        for path, body in zip(paths, bodies, strict=True):
            path.write_text(body)
        return [[str(path), "-q", *options] for path in paths]

    return write


GOOD, BAD = "def test_good(): pass\n", "def test_bad(): assert 0\n"


@pytest.mark.parametrize(
    ("bodies", "failed", "counts"),
    [
        ((BAD, GOOD), True, {"passed": 1, "failed": 1}),
        ((GOOD, ""), False, {"passed": 1}),  # -k chose none of this share
        (("", ""), True, {}),
        ((GOOD, "import os\nos._exit(3)"), True, {"passed": 1, "errors": 1}),
    ],
)
def test_runs_at_once_are_added_up(
    written: Callable[..., list[list[str]]],
    tmp_path: Path,
    bodies: tuple[str, ...],
    *,
    failed: bool,
    counts: dict[str, int],
) -> None:
    added = Counter[str]()
    assert command._pytest(written(*bodies), added, str(tmp_path), as_json=False) is failed
    assert dict(added) == counts
