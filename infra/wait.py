"""Waits for what a component needs: `python -m infra.wait tables grpc:directory:9101`.

Kubernetes knows no order of start; this runs before a component, from its own image. `tables`: the
database of MEGURI_DATABASE_URL has the tables of this release. It waits as long as it takes: who
looks at the pod sees what it waits for.
"""

import os
import socket
import sys
import time
from collections.abc import Callable, Sequence

from infra import probe

PAUSE_S, CONNECT_S = 1.0, 2.0
SAID_EVERY = 30  # tries


def is_there(what: str) -> bool:
    """Tells whether one thing is there: tables, port:HOST:PORT, grpc:HOST:PORT, http:HOST:PORT."""
    kind, _, where = what.partition(":")
    kinds: dict[str, Callable[[str], bool]] = {
        "tables": _tables, "port": _port, "grpc": probe.grpc, "http": probe.http,
    }  # fmt: skip
    return kinds[kind](where)


def wait(needed: Sequence[str], pause_s: float = PAUSE_S) -> None:
    """Returns once each thing was there, in order."""
    for what in needed:
        tries = 0
        while not is_there(what):
            if tries % SAID_EVERY == 0:
                sys.stdout.write(f"waiting for {what}\n")
                sys.stdout.flush()
            tries += 1
            time.sleep(pause_s)


def _port(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), CONNECT_S).close()
    except OSError:
        return False
    return True


def _tables(_where: str) -> bool:
    import psycopg  # noqa: PLC0415 - who waits for a port needs no driver

    from kit.migrate import newest_revision  # noqa: PLC0415 - as above

    url = os.environ["MEGURI_DATABASE_URL"]
    service = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    try:
        with psycopg.connect(url, connect_timeout=int(CONNECT_S)) as connection:
            row = connection.execute("select version_num from alembic_version").fetchone()
    except psycopg.Error:
        return False
    # A newer one is a release that came meanwhile: this pod's is on its way out, and may finish.
    return bool(row and row[0] >= newest_revision(str(service)))


if __name__ == "__main__":
    wait(sys.argv[1:])
