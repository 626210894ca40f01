"""Starts the acquirer simulator on MEGURI_LISTEN (host:port), its books in MEGURI_DATA."""

import os
import signal
import sys
import threading
from pathlib import Path

from simulators.acquirer.books import Books
from simulators.acquirer.http_door import Acquirer

FILE = "acquirer_simulator.sqlite3"


def main() -> None:
    """Serves until SIGTERM or SIGINT."""
    host, _, port = os.environ.get("MEGURI_LISTEN", "127.0.0.1:0").rpartition(":")
    folder = Path(os.environ.get("MEGURI_DATA", "var"))
    folder.mkdir(parents=True, exist_ok=True)
    books = Books(folder / FILE)
    server = Acquirer((host, int(port)), books)

    def stop(*_: object) -> None:
        server.stopping.set()
        threading.Thread(
            target=server.shutdown
        ).start()  # from this thread it would wait for itself

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    address = f"{host}:{server.server_address[1]}"
    sys.stderr.write(f"acquirer simulator on http://{address}; no money moves here\n")
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    books.close()


if __name__ == "__main__":
    main()
