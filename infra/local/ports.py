"""Choosing ports."""

import socket

HOST = "127.0.0.1"


def is_free(port: int, host: str = HOST) -> bool:
    """Tells whether a TCP port can be listened on now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


class PortChooser:
    """Gives out ports, each once."""

    def __init__(self) -> None:
        self._given: set[int] = set()

    def choose(self, documented: int, host: str = HOST) -> int:
        """Returns the documented port, or a free one when it is taken (or 0 was asked for)."""
        if documented and documented not in self._given and is_free(documented, host):
            self._given.add(documented)
            return documented
        while True:
            with socket.socket() as probe:
                probe.bind((host, 0))
                port = int(probe.getsockname()[1])
            if port not in self._given:
                self._given.add(port)
                return port
