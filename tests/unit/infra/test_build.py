"""Building in a tree that nobody may write, such as that of a container."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from cli import build


def refuse(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """Has the file that keeps builders apart answer with an error."""
    opened = Path.open

    def guarded(self: Path, *more: Any, **options: Any) -> Any:
        if self == build.GEN / ".lock":
            raise OSError(code, os.strerror(code))
        return opened(self, *more, **options)

    monkeypatch.setattr(Path, "open", guarded)


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_what_was_built_with_the_image_is_used(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    build.build(types=False)
    refuse(monkeypatch, code)
    assert build.build(types=False) == []


def test_any_other_error_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, errno.ENOSPC)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        build.build(types=False)
