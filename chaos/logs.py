"""What clients and scenarios write down: JSON lines that survive kill -9 of their writer."""

import json
import os
import threading
from pathlib import Path
from typing import Any

Line = dict[str, Any]


class Log:
    """A file of JSON lines; safe between threads. count: lines written through this object."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self.count = 0

    def write(self, line: Line) -> None:
        """Writes a line durably."""
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self.count += 1

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def read(path: Path) -> list[Line]:
    """Returns the lines of a log, [] where there is none. A last line cut off by a kill is left
    out: whoever writes a line acts on it only once it is whole."""
    if not path.exists():
        return []
    whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
    return [json.loads(line) for line in whole.splitlines() if line]
