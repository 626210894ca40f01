"""Choosing ports."""

import contextlib
import random
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

HOST = "127.0.0.1"
# Where the system takes ports of outgoing connections from: any of them may be gone in a moment.
_OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")
_BELOW = 12_000  # ports below those, of which one is chosen
# Ports this process has claimed: held until it ends, however it ends.
_claimed: set[int] = set()


def is_free(port: int, host: str = HOST) -> bool:
    """Tells whether a TCP port can be listened on now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def is_allowed(port: int) -> bool:
    """Tells whether this user may listen on a TCP port at all: low ones are often root's."""
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except PermissionError:
            return False
        except OSError:  # taken, which is told elsewhere
            return True
    return True


def holder(port: int) -> str:
    """Returns who listens on a TCP port of this machine, such as "nginx (process 123)"; "" where
    nobody does, or the system does not tell: of other users' programs only root may know."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for process in Path("/proc").glob("[0-9]*") if sockets else ():
        with contextlib.suppress(OSError):  # another user's, or gone by now
            if sockets & {*_open_in(process)}:
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
    return ""


def _open_in(process: Path) -> Iterator[str]:
    for each in (process / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since they were listed
            yield str(each.readlink())


def _listening(port: int) -> Iterator[str]:
    """Yields the inodes of sockets that listen on a port (Linux: proc_net_tcp; 0A is LISTEN)."""
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with contextlib.suppress(OSError):
            for line in table.read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    yield fields[9]


def claim(port: int) -> bool:
    """Claims a port among all platforms of this machine until this process ends.

    Returns False when another process has it. A port that is free now may be one that another
    start has chosen and not opened yet, or that of a component just coming back.
    """
    if port in _claimed or sys.platform != "linux":
        return True
    mark = socket.socket(socket.AF_UNIX)
    try:
        # A name of the network's name space, as ports are: no file, nothing to clean up.
        mark.bind(f"\0meguri-port-{port}")
    except OSError:
        mark.close()
        return False
    mark.detach()  # stays open with the process
    _claimed.add(port)
    return True


class PortChooser:
    """Gives out ports, each once.

    claims: no other chooser of this machine gives them out while this process lives. Each claim
    holds a descriptor; who listens at once on hundreds of ports does without. given: ports that
    were given out before.
    """

    def __init__(self, *, claims: bool = True, given: Iterable[int] = ()) -> None:
        self._given = set(given)
        self._claim: Callable[[int], bool] = claim if claims else lambda _: True

    def choose(self, documented: int, host: str = HOST) -> int:
        """Returns the documented port, or a free one when it is taken (or 0 was asked for)."""
        if (
            documented
            and documented not in self._given
            and is_free(documented, host)
            and self._claim(documented)
        ):
            self._given.add(documented)
            return documented
        for port in _candidates(host):
            if port not in self._given and is_free(port, host) and self._claim(port):
                self._given.add(port)
                return port
        raise OSError("no port is free on this machine")


def _candidates(host: str) -> Iterator[int]:
    """Yields ports to try: in any order, first those that no outgoing connection ever gets.

    Some time passes until what was chosen is listened on.
    """
    try:
        low = int(_OUTGOING.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        low = 0
    if low > 2 * _BELOW:
        yield from random.sample(range(low - _BELOW, low), _BELOW)
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind((host, 0))
            port = int(probe.getsockname()[1])
        yield port
