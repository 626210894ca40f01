"""Every connection comes from an address of its own, as phones do.

The edge lets one address send only so many bodies at once, which is right for a phone and wrong for
a machine that plays a thousand. All of 127.0.0.0/8 is this machine on Linux; elsewhere, and towards
another machine, connections come from where they come from.
"""

import random
import socket
import sys
from typing import Any

import gevent.socket
from geventhttpclient.connectionpool import ConnectionPool

LOOPBACK = "127.0.0.1"


def own_addresses(host: str) -> None:
    """Has the client's sockets bound to addresses of their own. host: whom they will ask."""
    if host in (LOOPBACK, "localhost") and sys.platform == "linux":
        pool: Any = ConnectionPool
        pool._create_tcp_socket = _bound  # noqa: SLF001 - the library's place to override


def _bound(_pool: Any, family: int, kind: int, protocol: int) -> Any:
    found = gevent.socket.socket(family, kind, protocol)
    if family == socket.AF_INET:
        found.bind((phone(), 0))
    return found


def phone() -> str:
    """Returns some address of this machine, none of those that servers listen on."""
    return f"127.{random.randint(1, 250)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
