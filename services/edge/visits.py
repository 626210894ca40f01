"""One connection at the porch, and the one behind it to granian once it needs that.

What a visitor sends is looked at only where a request may begin. One that is plain and ready is
answered; any other goes to granian byte by byte as it came, and so does all that follows. Only
after a plain GET or HEAD, answered with a length that was told, is it certain where the answer
ends: then the next request is looked at again.
"""

import asyncio
import re
from typing import TYPE_CHECKING, Any, cast

from services.edge.heads import read
from services.edge.wires import JOINED_AT_MOST

if TYPE_CHECKING:
    from services.edge.porch import Porch

HEAD_AT_MOST = 16_384  # of granian's answers; a longer one is passed on and not looked at
RESTS_S = 5.0  # a connection behind: granian ends it after ten
AT_ONCE = 65_536  # bytes that may wait for granian to read them
_STATUS = re.compile(rb"HTTP/1\.1 ([2-5]\d\d) ").match
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d{1,15})(?=\r\n)", re.I).findall
_UNCERTAIN = re.compile(rb"\r\n(?:transfer-encoding|connection|upgrade):", re.I).search
NO_BODY = (b"204", b"304")


def written(address: tuple[Any, ...]) -> str:
    """Returns an address and a port of the system as granian writes them."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Visit(asyncio.Protocol):
    """A visitor's connection."""

    __slots__ = ("_inner", "_porch", "_slow", "_through", "client", "seen", "transport")

    def __init__(self, porch: "Porch") -> None:
        self._porch, self._inner = porch, cast("Inner | None", None)
        self._through = False  # what comes is passed on and not looked at
        self._slow = False  # what was sent is not yet read
        self.client, self.seen = "", porch.now

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called once, first."""
        self.transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        if not peer:  # gone already
            self.transport.abort()
            return
        self.client = written(peer)
        # Whatever the system does not take at once has the visitor wait with its next request.
        self.transport.set_write_buffer_limits(high=0)
        self._porch.came(self)

    def data_received(self, data: bytes) -> None:
        """Answers a plain request for what is ready, hands over everything else."""
        if self._through:
            cast("Inner", self._inner).pass_on(data)
            return
        head = read(data)
        if head is not None:
            method, path, query, lines = head
            answer = self._porch.ready(method, path, query, self.client, lines)
            if answer is not None:
                self.seen = self._porch.now
                wires = self._porch.wires
                if method == "HEAD":
                    self.transport.write(wires.head(answer))
                elif len(answer.body) <= JOINED_AT_MOST:
                    self.transport.write(wires.whole(answer))
                else:
                    self.transport.writelines([wires.whole(answer), answer.body])
                return
            self._hand_over(data, method)
        else:
            self._hand_over(data, "")

    def _hand_over(self, data: bytes, method: str) -> None:
        self._through = True
        if self._inner is not None and self._inner.is_ending():
            self._inner.close()
            self._inner = None
        if self._inner is None:
            self._inner = Inner(self, self._porch)
            self.transport.pause_reading()  # until granian has what came
            self._inner.send(data, method)
            self._porch.reach(self._inner)
        else:
            self._inner.send(data, method)

    def reached(self) -> None:
        """Called when granian has what came: more may come."""
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def answered(self) -> None:
        """Called when an answer of granian is complete: the next request is looked at."""
        self._through, self.seen = False, self._porch.now
        if self._porch.leaving:
            self.transport.close()
        elif self._slow:
            self.transport.pause_reading()

    def left(self) -> None:
        """Called when the connection to granian is over: this one too, unless it rested."""
        self._inner = None
        if self._through:
            self.transport.close()

    def eof_received(self) -> bool:
        """Called when the visitor sends no more; an answer may yet come."""
        if self._through and self._inner is not None:
            self._inner.pass_end()
            return True
        return False  # ends once everything is sent

    def pause_writing(self) -> None:
        """Called when the visitor reads more slowly than it is sent to."""
        self._slow = True
        if self._through and self._inner is not None:
            self._inner.pause()
        else:
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Called when everything is on its way."""
        self._slow = False
        if self._inner is not None:
            self._inner.resume()
        if not self._through and not self.transport.is_closing():
            self.transport.resume_reading()

    def connection_lost(self, _error: Exception | None) -> None:
        """Called once, last."""
        self._porch.went(self)
        self._through = False
        if self._inner is not None:
            self._inner.close()

    def look(self, now: float) -> None:
        """Ends a connection that asks nothing, and one behind it that has long had nothing."""
        if self._through or self._slow:
            return
        if now - self.seen > self._porch.idle_s:
            self.transport.close()
        elif self._inner is not None and self._inner.rests_since < now - RESTS_S:
            self._inner.close()
            self._inner = None

    def leave(self) -> None:
        """Ends unless an answer is awaited."""
        if not self._through:
            self.transport.close()


class Inner(asyncio.Protocol):
    """A connection to granian, for one visitor."""

    __slots__ = (
        "_head", "_known", "_left", "_method", "_peer", "_porch", "_transport", "_visit",
        "_waiting", "rests_since",
    )  # fmt: skip

    def __init__(self, visit: Visit, porch: "Porch") -> None:
        self._visit, self._porch = cast("Visit | None", visit), porch
        self._transport = cast("asyncio.Transport | None", None)
        self._waiting: list[bytes] = []  # until granian is reached
        self._peer, self.rests_since = "", float("inf")
        self._method = (
            ""  # of the plain request that is being answered; "": ends nobody knows where
        )
        self._head, self._left = b"", -1  # what came of its head; bytes of its body still to come

    def send(self, data: bytes, method: str) -> None:
        """Sends a request. method: GET or HEAD where it is plain, else ""."""
        self._method, self._head, self._left = method, b"", -1
        self.rests_since = float("inf")
        self._write(data)

    def pass_on(self, data: bytes) -> None:
        """Sends what came before the answer was over: from here on nothing is certain."""
        self._method = ""
        self._write(data)

    def pass_end(self) -> None:
        """Tells that nothing more comes."""
        self._method = ""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write_eof()

    def _write(self, data: bytes) -> None:
        if self._transport is None:
            self._waiting.append(data)
        elif not self._transport.is_closing():
            self._transport.write(data)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called once granian is reached."""
        self._transport = cast("asyncio.Transport", transport)
        if self._visit is None:  # left meanwhile
            self._transport.abort()
            return
        self._transport.set_write_buffer_limits(high=AT_ONCE)
        self._peer = written(transport.get_extra_info("sockname"))
        self._known = self._porch.know(self._peer, self._visit.client)
        for data in self._waiting:
            self._transport.write(data)
        self._waiting = []
        self._visit.reached()

    def is_ending(self) -> bool:
        """Tells whether it takes no more requests."""
        return self._transport is not None and self._transport.is_closing()

    def not_reached(self) -> None:
        """Called instead: granian takes no connection."""
        if self._visit is not None:
            self._visit.left()

    def data_received(self, data: bytes) -> None:
        """Passes on what granian answers."""
        if self._visit is None or self._visit.transport.is_closing():
            return
        self._visit.transport.write(data)
        if self._method and self._is_over(data):
            self._method = ""
            self.rests_since = self._porch.now
            self._visit.answered()

    def _is_over(self, data: bytes) -> bool:
        """Tells whether an answer is complete. Gives up where its end is uncertain."""
        came = len(data)
        if self._left < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                if len(self._head) > HEAD_AT_MOST:
                    self._method = ""
                return False
            came = len(self._head) - end - 4
            self._left = self._body_length(self._head[: end + 2])
            self._head = b""
        self._left -= came
        if self._left < 0:
            self._method = ""
        return self._left == 0

    def _body_length(self, head: bytes) -> int:
        """Returns how many bytes follow a head, -1 where that is not certain."""
        status, told = _STATUS(head), _LENGTH(head)
        if status is None or _UNCERTAIN(head):
            return -1
        if self._method == "HEAD" or status[1] in NO_BODY:
            return 0
        return int(told[0]) if len(told) == 1 else -1

    def pause_writing(self) -> None:
        """Called when granian reads more slowly than the visitor sends."""
        if self._visit is not None and not self._visit.transport.is_closing():
            self._visit.transport.pause_reading()

    def resume_writing(self) -> None:
        """Called when granian has read on."""
        if self._visit is not None and not self._visit.transport.is_closing():
            self._visit.transport.resume_reading()

    def pause(self) -> None:
        """Has granian wait: what it sent is not yet read."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Lets granian send on."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self) -> None:
        """Ends; what was sent still reaches granian."""
        self._visit = None
        if self._transport is not None:
            self._transport.close()

    def eof_received(self) -> bool:
        """Called when granian has said everything."""
        return False

    def connection_lost(self, _error: Exception | None) -> None:
        """Called once, last."""
        if self._peer:
            self._porch.forget(self._peer, self._known)
        if self._visit is not None:
            self._visit.left()
