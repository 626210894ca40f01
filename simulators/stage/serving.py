"""Serving until somebody ends it, for every simulator with doors of its own."""

import os
import signal
import sys
import threading
from http.server import ThreadingHTTPServer


def listens_at() -> tuple[str, int]:
    """Returns host and port of MEGURI_LISTEN (host:port)."""
    host, _, port = os.environ.get("MEGURI_LISTEN", "127.0.0.1:0").rpartition(":")
    return host, int(port)


def serve(name: str, server: ThreadingHTTPServer, stopping: threading.Event, notice: str) -> None:
    """Says where it is and serves until SIGTERM or SIGINT. stopping: set when it ends, so that long
    answers end too."""

    def stop(*_: object) -> None:
        stopping.set()
        # From this thread it would wait for itself.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    host, port = server.server_address[:2]
    sys.stderr.write(f"{name} simulator on http://{host!s}:{port}; {notice}\n")
    sys.stderr.flush()
    server.serve_forever(poll_interval=0.1)
