"""The reference vectors of others: every one judged as its independent checker judges it."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.payments.app.codes import describe

FILE = Path(__file__).resolve().parents[5] / "shared" / "bench" / "emvqr" / "vectors.json"
_WITH_FIELD = ("missing", "length", "format", "cond")


def vectors() -> list[dict[str, Any]]:
    if not FILE.exists():
        pytest.skip("the reference vectors lie in ../shared, which is not there")
    found: list[dict[str, Any]] = json.loads(FILE.read_text())["vectors"]
    return found


def labels(errors: list[dict[str, Any]]) -> set[str]:
    """Our errors in the words of the vectors."""
    found = {
        f"{each['reason']}_{each['field']}" if each["reason"] in _WITH_FIELD else each["reason"]
        for each in errors
    }
    return found | ({"crc_not_last"} if "crc_missing" in found else set())


def test_every_merchant_vector_is_judged_right() -> None:
    merchants = [each for each in vectors() if each["kind"] == "mpm"]
    assert len(merchants) >= 25
    for vector in merchants:
        said = describe(vector["payload"])
        assert said["kind"] == "mpm"
        assert said["valid"] == vector["valid"], vector["payload"]
        # Their checker does not look into template 62, where three purposes are at most allowed.
        assert labels(said["errors"]) - {"length_62/09"} == set(vector["errors"])
        assert vector["tree"] in (said["tree"], None)
        if "jpqr_errors" in vector:
            assert {each["reason"] for each in said["jpqr_errors"]} == set(vector["jpqr_errors"])


def test_every_consumer_vector_is_read_and_its_number_masked() -> None:
    consumers = [each for each in vectors() if each["kind"] == "cpm"]
    assert len(consumers) >= 2
    for vector in consumers:
        said = describe(vector["payload"])
        assert (said["valid"], said["kind"], said["scheme"]) == (True, "cpm", "emvco")
        assert "1234567890123458" not in json.dumps(said)
        assert _masked(vector["tree"]) == said["tree"]


def _masked(tree: Any) -> Any:
    tag, value = (tree[0], tree[1]) if isinstance(tree[0], str) else ("", None)
    if value is None:
        return [_masked(each) for each in tree]
    if isinstance(value, list):
        return [tag, [_masked(each) for each in value]]
    return [tag, "*" * len(value) if tag in ("57", "5A", "5F20") else value]
