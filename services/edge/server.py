"""The server of the edge: granian, and where its workers are forked the porch in front of each.

A worker's porch takes the public port, its granian a port of its own on this machine's loopback
(decision 0105).
"""

import multiprocessing
import socket
import sys
from collections.abc import Callable
from typing import Any

from granian import Granian
from granian.net import SocketSpec  # type: ignore[attr-defined] # public all the same

from services.edge.front import Front
from services.edge.porch import BACKLOG, LOOPBACK, Porch


def serve(granian: Any) -> None:
    """Runs a server (Granian) whose target returns a Front, until SIGTERM."""
    if has_porch():
        granian.serve(spawn_target=work)
    else:
        granian.serve()


def has_porch() -> bool:
    """Tells whether workers here are processes that inherit what their parent has."""
    forked = sys.platform == "linux" and multiprocessing.get_start_method() == "fork"
    return forked and hasattr(Granian, "_spawn_rsgi_worker")


def work(number: int, name: str, load: Callable[[], Front], sockets: Any, *rest: Any) -> None:
    """Runs one worker: what granian calls in a new process, with what it would call itself.

    sockets: granian's; the first says where to listen.
    """
    public = socket.socket(fileno=sockets[0][0].build().get_fd())
    behind = _reserve()
    port = behind.getsockname()[1]

    def loaded() -> Front:
        front = load()
        front.porch = Porch(front.ready, public, port)
        return front

    inner = SocketSpec(LOOPBACK, port, BACKLOG)
    Granian._spawn_rsgi_worker(  # noqa: SLF001 - what it would have called; has_porch looks for it
        number, name, loaded, ((inner, None), None), *rest
    )
    behind.close()


def _reserve() -> socket.socket:
    """Returns a socket that holds a free port of the loopback and takes no connection: granian
    opens the same one for itself, which Linux allows to the same user alone."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind((LOOPBACK, 0))
    return held
