"""The language of commands, in tests that read what they say."""

import pytest

from cli import words


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands speak English, whatever this machine does."""
    for variable in ("LANGUAGE", "LC_ALL", "LANG"):
        monkeypatch.setenv(variable, "C")
    words.speak_of("")  # a command of a test before may have named its data folder
