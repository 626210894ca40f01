"""A small program with bad habits, to be kept by the supervisor: actor.py HABIT PORT DIARY."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

SLEEPER = "import time; time.sleep(600)"


def main(habit: str, port: int, diary: Path) -> int:
    """Lives after a habit. Writes what happens to it into the diary."""
    note(diary, "start")
    if habit in {"dies", "done"}:
        return 0 if habit == "done" else 3
    if habit == "babbles":
        sys.stdout.buffer.write(b"\xff\xfe no text\n" + b"x" * 300_000 + b"\nand no end")
        sys.stdout.buffer.flush()
    if habit == "has_child":
        child = subprocess.Popen([sys.executable, "-c", SLEEPER])
        note(diary, f"child {child.pid}")
    if habit == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: leave(diary))
    if habit == "slow":
        time.sleep(0.3)
    if habit == "hangs":
        time.sleep(600)
    listener = socket.create_server(("127.0.0.1", port))
    note(diary, "listening")
    if habit == "falls_silent":
        accept(listener, 1)
        listener.close()
        time.sleep(600)
    accept(listener, 100_000)
    return 0


def accept(listener: socket.socket, count: int) -> None:
    """Takes connections and says nothing."""
    for _ in range(count):
        listener.accept()[0].close()


def leave(diary: Path) -> None:
    """Ends in order."""
    note(diary, "stop")
    sys.exit(0)


def note(diary: Path, text: str) -> None:
    """Adds a line to the diary: when, and what."""
    with diary.open("a") as file:
        file.write(f"{time.time()} {text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
