"""Services that speak gRPC start programs: gRPC must not have a say between fork and exec."""

import re
from pathlib import Path

import pytest

from infra.local.machine import Machine

ROOT = Path(__file__).resolve().parents[3]


def test_grpc_stays_out_of_a_fork_here_and_in_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRPC_ENABLE_FORK_SUPPORT", "1")  # whoever calls does not decide
    assert Machine.python_environment()["GRPC_ENABLE_FORK_SUPPORT"] == "0"
    made = (ROOT / "infra" / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^ENV .*\bGRPC_ENABLE_FORK_SUPPORT=0\b", made, re.MULTILINE)
