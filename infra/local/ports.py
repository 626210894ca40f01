"""Choosing ports."""

import socket
import sys

HOST = "127.0.0.1"
# Documented ports this process has claimed: held until it ends, however it ends.
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


def claim(port: int) -> bool:
    """Claims a documented port among all platforms of this machine until this process ends.

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
    """Gives out ports, each once."""

    def __init__(self) -> None:
        self._given: set[int] = set()

    def choose(self, documented: int, host: str = HOST) -> int:
        """Returns the documented port, or a free one when it is taken (or 0 was asked for)."""
        if (
            documented
            and documented not in self._given
            and is_free(documented, host)
            and claim(documented)
        ):
            self._given.add(documented)
            return documented
        while True:
            with socket.socket() as probe:
                probe.bind((host, 0))
                port = int(probe.getsockname()[1])
            if port not in self._given:
                self._given.add(port)
                return port
