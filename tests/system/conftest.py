"""One platform for all system tests that break nothing; those that do start their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform import Platform, running


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A running platform with area mine, shared by the run: leave it as you found it."""
    with running(tmp_path_factory.mktemp("platform")) as started:
        yield started


@pytest.fixture
def own_platform(tmp_path: Path) -> Iterator[Platform]:
    """A running platform of the test's own, to be broken at will."""
    with running(tmp_path / "data") as started:
        yield started
