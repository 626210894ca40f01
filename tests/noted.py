"""What the process has written into its log, as a test may ask for it.

Not `structlog.testing.capture_logs`: a logger that was used before keeps what it was given then.
"""

import json
from typing import Any

import pytest

from kit import log


def listen() -> None:
    """Has the log written; a test before may have silenced the process, as commands do."""
    log.configure("tests", "info")


def security(captured: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Returns the security events since listen(). captured: capfd."""
    lines = [json.loads(each) for each in captured.readouterr().err.splitlines() if each[:1] == "{"]
    return [each for each in lines if each.get("part") == "security"]
