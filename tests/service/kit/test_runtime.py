"""A process that cannot start ends, so that the supervisor can start it again."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests import harness

ROOT = Path(__file__).parents[3]


def test_a_taken_port_ends_the_process_at_once(
    service_database: Callable[[str], str], nats_url: str, tmp_path: Path
) -> None:
    _, public = harness.token_keys(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}",
            "MEGURI_LISTEN": f"127.0.0.1:{taken.getsockname()[1]}",
            "MEGURI_DATABASE_URL": service_database("directory"),
            "MEGURI_NATS_URL": nats_url,
            "MEGURI_TOKEN_PUBLIC_KEY": str(public),
        }
        done = subprocess.run(
            [sys.executable, "-m", "services.directory.main"],
            env=environment, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "stopped by an error" in done.stderr
