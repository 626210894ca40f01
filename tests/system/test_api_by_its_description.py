"""Made-up requests from our own OpenAPI: every answer is one that the description names.

schemathesis makes them, right ones and wrong ones, from one seed: statuses, content types, headers
and bodies are held against /api/openapi.json, and nothing may break. api.toml says what is not.
"""

import http.client
import json
import subprocess
import sys
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.platform import ROOT, Platform

pytestmark = pytest.mark.platform
SEED, MOST_EXAMPLES = "20261201", "8"  # of an operation: as many on any machine
INSIGHTS = "^/api/v1/insights/"


def run(platform: Platform, folder: Path, *more: str) -> dict[str, Any]:
    """Asks the whole API once and returns the report."""
    report = folder / "report.json"
    done = subprocess.run(
        [str(Path(sys.executable).with_name("schemathesis")),
         "--config-file", str(ROOT / "tests/system/api.toml"), "run",
         f"{platform.url}/api/openapi.json", "--seed", SEED, "--max-examples", MOST_EXAMPLES,
         "--phases", "coverage,fuzzing", "--workers", "1",
         "--continue-on-failure", "--no-color", "--generation-database", "none",
         "--report", "json", "--report-json-path", str(report), *more],
        cwd=folder, capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert report.exists(), done.stdout[-4000:] + done.stderr[-2000:]
    found: dict[str, Any] = json.loads(report.read_text())
    found["said"] = done.stdout
    return found


def session(platform: Platform, login_name: str) -> str:
    """Signs in and returns the cookie header."""
    form = {
        "login_name": login_name,
        "password": platform.state["first_logins"][login_name]["password"],
    }
    address = urlsplit(platform.url)
    line = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    headers = {"Origin": platform.url, "Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", "/login", urlencode(form), headers)
    answer = line.getresponse()
    cookies = SimpleCookie()
    for value in answer.headers.get_all("Set-Cookie", []):
        cookies.load(value)
    line.close()
    return f"meguri_session={cookies['meguri_session'].value}"


def failures(report: dict[str, Any]) -> str:
    """Returns what the run found, as people read it; "" for nothing."""
    said: str = report["said"]
    return said[said.index("= FAILURES ="):] if "= FAILURES =" in said else ""  # fmt: skip


def test_a_stranger_meets_only_what_is_described(platform: Platform, tmp_path: Path) -> None:
    report = run(platform, tmp_path)
    assert failures(report) == ""


def test_marketing_staff_meets_only_what_is_described(platform: Platform, tmp_path: Path) -> None:
    cookie = session(platform, "analyst")
    # The login is ours alone to leave out: the run of a stranger tells what is refused without one.
    own = ("-H", f"Cookie:{cookie}", "--generation-with-security-parameters", "false")
    report = run(platform, tmp_path, *own, "--include-path-regex", INSIGHTS)
    assert failures(report) == ""
