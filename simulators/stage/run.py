"""Starts a simulated provider on MEGURI_LISTEN (host:port), its books in MEGURI_DATA, its webhooks
to MEGURI_WEBHOOK_URL."""

import os
import signal
import sys
import threading
from pathlib import Path

from simulators.stage.books import Books
from simulators.stage.door import NOTICE, Provider
from simulators.stage.play import MakePlay


def run(name: str, make: MakePlay) -> None:
    """Serves until SIGTERM or SIGINT."""
    host, _, port = os.environ.get("MEGURI_LISTEN", "127.0.0.1:0").rpartition(":")
    folder = Path(os.environ.get("MEGURI_DATA", "var"))
    folder.mkdir(parents=True, exist_ok=True)
    books = Books(folder / f"{name}_simulator.sqlite3")
    play = make(books, os.environ)
    server = Provider((host, int(port)), play, os.environ.get("MEGURI_WEBHOOK_URL", ""))

    def stop(*_: object) -> None:
        server.stopping.set()
        # From this thread it would wait for itself.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    address = f"{host}:{server.server_address[1]}"
    sys.stderr.write(f"{name} simulator on http://{address}; {NOTICE}\n")
    server.post.start()
    server.serve_forever(poll_interval=0.1)
    server.post.join(timeout=1)
    server.server_close()
    books.close()
