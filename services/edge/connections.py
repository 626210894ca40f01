"""Ending connections that hang: the server waits for a body, and for a reader, without an end.

Every answer here begins before LONGEST_S, for no call has a deadline beyond DEADLINE_MOST_S, and a
stream says something every 15 s. So a connection to which nothing was sent for LONGEST_S belongs to
somebody who drips a body or does not read.
The server closes those that send no head itself (HEAD_WITHIN_MS). Only Linux tells what is needed.
"""

import os
import resource
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from kit import log

HEAD_WITHIN_MS = 10_000  # also how long a connection may idle between two requests
LONGEST_S = 30.0  # a body of 1 MiB then needs 35 KB a second
DEADLINE_MOST_S = LONGEST_S - 3.0  # of a call to a service: then there is time to say so
EVERY_S = 3.0
AT_ONCE = 4_096  # connections of one process
SPARE_FILES = 512  # for all that is no visitor's connection
FILES_EACH = 3  # of a connection: at the porch, and both ends of the one behind it (porch.py)
# struct tcp_info of linux/tcp.h: eight bytes, then words; the tenth is tcpi_last_data_sent.
LAST_SENT = struct.Struct("@44xI")


def room() -> int:
    """Returns how many connections a process may hold; raises its own limit of open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_EACH * AT_ONCE + SPARE_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(64, (wanted - SPARE_FILES) // FILES_EACH)


class Sweeper:
    """Ends hanging connections to one port of this process: first their reading, then all."""

    def __init__(self, port: int, longest_s: float = LONGEST_S, every_s: float = EVERY_S) -> None:
        self._port, self._longest_s, self._every_s = port, longest_s, every_s
        self._warned: frozenset[object] = frozenset()

    def start(self) -> None:
        """Sweeps from a thread of its own until the process ends."""
        if sys.platform == "linux":
            threading.Thread(target=self._run, name="connections", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(self._every_s)
            try:
                self.sweep()
            except OSError as error:  # out of files, say: the next round may do better
                log.get("connections").warning("not swept", error=type(error).__name__)

    def sweep(self) -> int:
        """Looks at every connection once; returns how many were told to end.

        A first cut ends a body where it stands, so that its thread is free and the sender may yet
        be told why. One that still hangs a round later has an answer it does not read.
        """
        hanging: set[object] = set()
        for connection in self._connections():
            with connection, suppress(OSError):
                if _silent_s(connection) < self._longest_s:
                    continue
                peer = connection.getpeername()
                again = peer in self._warned
                connection.shutdown(socket.SHUT_RDWR if again else socket.SHUT_RD)
                hanging.add(peer)
        self._warned = frozenset(hanging)
        return len(hanging)

    def _connections(self) -> Iterator[socket.socket]:
        for entry in Path("/proc/self/fd").iterdir():
            found = _socket(int(entry.name))
            if found is None:
                continue
            if _is_from(found, self._port):
                yield found
            else:
                found.close()


def _socket(number: int) -> socket.socket | None:
    """Returns a copy of an open file that is a socket: the number itself may be closed and given
    away at any moment."""
    with suppress(OSError):
        copy = os.dup(number)
        try:
            return socket.socket(fileno=copy)
        except OSError:
            os.close(copy)
    return None


def _is_from(found: socket.socket, port: int) -> bool:
    if found.family not in (socket.AF_INET, socket.AF_INET6) or found.type != socket.SOCK_STREAM:
        return False
    with suppress(OSError):  # the listening socket has no peer
        found.getpeername()
        return bool(found.getsockname()[1] == port)
    return False


def _silent_s(connection: socket.socket) -> float:
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_SENT.size)
    return float(LAST_SENT.unpack(told)[0]) / 1000
