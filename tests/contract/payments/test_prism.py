"""Our gateway and Square's simulator with Square's own specification between them.

Prism judges every request and answer; it is a program of its own (`npm ci --prefix
tests/contract/payments/prism`), and so is the document.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from services.payments.gateways.conformance import specification, suite
from services.payments.gateways.conformance.profiles import PROFILES
from services.payments.gateways.square.speech import SquareSpeech

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "bench" / "openapi"
# What these call is not in the document beside this clone, which is a part of Square's whole one.
NOT_IN_PART = {
    "authorize_and_capture_a_part", "capture_and_void_without_answer", "void_an_authorization",
}  # fmt: skip


@pytest.fixture
def document() -> Path:
    """Square's document. Skips where it or Prism is not there."""
    path = SHARED / "square_terminal_slim.json"
    if not path.exists():
        pytest.skip(f"{path} is not beside this clone")
    try:
        specification.program()
    except specification.PrismMissing as missing:
        pytest.skip(str(missing))
    return path


async def test_square_is_spoken_to_as_it_is_specified(document: Path) -> None:
    result = await suite.run(PROFILES["square"], specification=document)
    failed = {case["name"]: case["text"] for case in result["cases"] if not case["passed"]}
    assert set(failed) == NOT_IN_PART
    assert all("route not found" in text for text in failed.values())
    skipped = {case["name"] for case in result["cases"] if case["skipped"]}
    assert skipped >= suite.WITHOUT_SPECIFICATION
    assert not skipped & {"approve", "refund", "cancel_while_the_customer_waits"}


async def test_a_request_that_breaks_the_document_fails_the_case(
    document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel = SquareSpeech.cancel

    class WithBody:
        def __init__(self, talk: Any) -> None:
            self._talk = talk

        async def say(self, method: str, path: str) -> Any:
            return await self._talk.say(method, path, {"reason": "the customer went away"})

    monkeypatch.setattr(
        SquareSpeech,
        "cancel",
        lambda self, talk, order: cancel(self, WithBody(talk), order),  # type: ignore[arg-type]
    )
    names = ["cancel_while_the_customer_waits", "decline"]
    result = await suite.run(PROFILES["square"], names, document)
    told = {case["name"]: case["text"] for case in result["cases"]}
    assert "non-empty body" in told["cancel_while_the_customer_waits"]
    assert not told["decline"]  # and what one case did wrong is not held against the next


def test_without_prism_the_command_says_where_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MEGURI_PRISM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(specification, "_INSTALLED", tmp_path / "prism")
    document = tmp_path / "document.json"
    document.write_text(json.dumps({"openapi": "3.0.0", "paths": {}}))
    words = ["payments", "conformance", "square", "--case", "approve"]
    assert main([*words, "--specification", str(document)]) == 2
    assert "npm ci" in capsys.readouterr().err
