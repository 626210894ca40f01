"""Starts a simulated provider on MEGURI_LISTEN (host:port), its books in MEGURI_DATA, its webhooks
to MEGURI_WEBHOOK_URL."""

import os
from pathlib import Path

from simulators.stage.books import Books
from simulators.stage.door import NOTICE, Provider
from simulators.stage.play import MakePlay
from simulators.stage.serving import listens_at, serve


def run(name: str, make: MakePlay) -> None:
    """Serves until SIGTERM or SIGINT."""
    folder = Path(os.environ.get("MEGURI_DATA", "var"))
    folder.mkdir(parents=True, exist_ok=True)
    books = Books(folder / f"{name}_simulator.sqlite3")
    play = make(books, os.environ)
    server = Provider(listens_at(), play, os.environ.get("MEGURI_WEBHOOK_URL", ""))
    server.post.start()
    serve(name, server, server.stopping, NOTICE)
    server.post.join(timeout=1)
    server.server_close()
    books.close()
