"""Starts the GTFS-Realtime simulator on MEGURI_LISTEN (host:port): main.py [FEED.zip]."""

import os
import signal
import sys
import threading
from pathlib import Path

from simulators.gtfs_rt.door import NOTICE, Operator
from simulators.gtfs_rt.play import Play, read


def main() -> None:
    """Serves until SIGTERM or SIGINT."""
    host, _, port = os.environ.get("MEGURI_LISTEN", "127.0.0.1:0").rpartition(":")
    play = Play(read(Path(sys.argv[1])) if len(sys.argv) > 1 else {})
    server = Operator((host, int(port)), play)

    def stop(*_: object) -> None:
        server.stopping.set()
        # From this thread it would wait for itself.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    address = f"{host}:{server.server_address[1]}"
    sys.stderr.write(f"GTFS-RT simulator on http://{address}; {NOTICE}\n")
    sys.stderr.flush()
    server.serve_forever(poll_interval=0.1)
    server.server_close()


if __name__ == "__main__":
    main()
