"""./meguri audit as people type it, against a service of advisories on this machine."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from infra.local.home import ROOT

FLAWED = "leakylib"


class Advisories(BaseHTTPRequestHandler):
    """Answers as OSV does: one advisory for FLAWED, none for the others."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        vulns: list[dict[str, Any]] = []
        if asked["package"]["name"] == FLAWED:
            vulns = [{
                "id": "GHSA-test-0001", "aliases": [], "summary": "leaks", "details": "leaks",
                "modified": "2026-01-01T00:00:00Z",
                "affected": [{
                    "package": {"name": FLAWED, "ecosystem": "PyPI"},
                    "ranges": [{"type": "ECOSYSTEM",
                                "events": [{"introduced": "0"}, {"fixed": "1.3"}]}],
                }],
            }]  # fmt: skip
        body = json.dumps({"vulns": vulns} if vulns else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is called
        """Says nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Advisories)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    thread.join()
    server.server_close()


def audit(folder: Path, address: str, *names: str, allowed: str = "") -> tuple[int, Any]:
    lock, permitted = folder / "x.lock", folder / "allowed.csv"
    lock.write_text("".join(f"{name}==1.2 \\\n    --hash=sha256:{'a' * 64}\n" for name in names))
    permitted.write_text(f"id,package,reason,until\n{allowed}")
    done = subprocess.run(
        [sys.executable, "-m", "cli", "audit", "--json", "--osv-url", address,
         "--lock", str(lock), "--allowed", str(permitted)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}", "PATH": "/usr/bin:/bin",
             "HOME": str(folder)},
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)


def test_a_known_weakness_is_shown_and_fails(tmp_path: Path, address: str) -> None:
    code, answer = audit(tmp_path, address, "quietlib", FLAWED)
    assert (code, answer["looked_up"], answer["not_asked"]) == (1, 2, [])
    [found] = answer["weaknesses"]
    assert (found["id"], found["package"], found["fixed"]) == ("GHSA-test-0001", FLAWED, "1.3")


def test_one_that_is_let_be_does_not_fail_before_its_day(tmp_path: Path, address: str) -> None:
    entry = f"GHSA-test-0001,{FLAWED},not reached,"
    code, answer = audit(tmp_path, address, FLAWED, allowed=f"{entry}2001-01-01\n")
    assert (code, len(answer["weaknesses"]), answer["let_be"]) == (1, 1, [])


def test_nothing_known_and_nobody_asked_are_two_answers(tmp_path: Path, address: str) -> None:
    code, answer = audit(tmp_path, address, "quietlib")
    assert (code, answer["looked_up"], answer["weaknesses"]) == (0, 1, [])
    away = "http://127.0.0.1:9/v1/query"  # nobody listens there
    code, answer = audit(tmp_path, away, "quietlib")
    assert (code, answer["looked_up"]) == (3, 0)
    assert "1 libraries of Python" in answer["not_asked"][0]
