"""Whole answers as the bytes of HTTP/1.1, written like the server behind the porch writes them."""

import http
import time
from email.utils import formatdate

from services.edge.hot import Answer

JOINED_AT_MOST = 65_536  # a larger body is sent beside its head, not copied behind it
KEPT_AT_MOST = 512  # answers; each is kept until the second is over


class Wires:
    """Answers as bytes. A page that is asked for often is put together once a second, because its
    head tells the time.

    Called on the event loop alone.
    """

    def __init__(self) -> None:
        self._second, self._date = 0, ""
        self._made: dict[int, tuple[Answer, bytes]] = {}
        self.tick()

    def tick(self) -> None:
        """Looks at the clock: called at least twice a second."""
        second = int(time.time())
        if second != self._second:
            self._second, self._date = second, formatdate(second, usegmt=True)
            self._made = {}

    def whole(self, answer: Answer) -> bytes:
        """Returns head and body of an answer, only the head of one whose body is large."""
        # The answer is kept beside its bytes, so nothing else can have its id meanwhile.
        known = self._made.get(id(answer))
        if known is not None:
            return known[1]
        wire = self.head(answer)
        if len(answer.body) <= JOINED_AT_MOST:
            wire += answer.body
        if len(self._made) < KEPT_AT_MOST:
            self._made[id(answer)] = (answer, wire)
        return wire

    def head(self, answer: Answer) -> bytes:
        """Returns the head of an answer: status, its headers, the server's name, the time."""
        lines = [
            f"HTTP/1.1 {answer.status} {http.HTTPStatus(answer.status).phrase}",
            *(f"{name.lower()}: {value}" for name, value in answer.headers),
            "server: granian",
            f"date: {self._date}",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
