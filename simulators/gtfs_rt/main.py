"""Starts the GTFS-Realtime simulator on MEGURI_LISTEN (host:port): main.py [FEED.zip]."""

import sys
from pathlib import Path

from simulators.gtfs_rt.door import NOTICE, Operator
from simulators.gtfs_rt.play import Play, read
from simulators.stage.serving import listens_at, serve


def main() -> None:
    """Serves until SIGTERM or SIGINT."""
    play = Play(read(Path(sys.argv[1])) if len(sys.argv) > 1 else {})
    server = Operator(listens_at(), play)
    serve("GTFS-RT", server, server.stopping, NOTICE)
    server.server_close()


if __name__ == "__main__":
    main()
