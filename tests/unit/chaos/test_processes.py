"""What a process holds is what the kernel says of it, now."""

import os
import subprocess
import sys
from pathlib import Path

from chaos.platform import names
from chaos.processes import held_by


def test_open_files_and_memory_are_seen_as_they_grow(tmp_path: Path) -> None:
    before = held_by([os.getpid()])
    assert before.processes == 1
    ballast = bytearray(os.urandom(1024) * 32 * 1024)  # 32 MB that are really there
    with (tmp_path / "one").open("w"), (tmp_path / "two").open("w"):
        after = held_by([os.getpid()])
    assert after.files == before.files + 2
    assert after.anonymous_mb >= before.anonymous_mb + 30
    assert len(ballast) == 32 * 1024**2


def test_a_process_that_is_gone_holds_nothing() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert held_by([gone.pid]).processes == 0


def test_processes_are_told_by_what_they_run() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as waiting:
        while not names({waiting.pid}).strip():  # it is there a moment before its words are
            assert waiting.poll() is None
        assert names({waiting.pid}).endswith("-c input() ")
        assert waiting.stdin is not None
        waiting.stdin.close()
    assert names({waiting.pid}) == ""
