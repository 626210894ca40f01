"""The library's client of NATS with a short way for what comes by the thousand.

The library looks for each kind of line with an expression of its own, reads every header of every
message, and sends each acknowledgement by itself: two thirds of the work of hearing an event that
changes nothing. Here a message of a subscription that has a taker is cut out of what was read and
handed over as it came; its headers are read when somebody asks for them.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.protocol.parser import AWAITING_CONTROL_LINE, Parser

_LINE = re.compile(rb"HMSG ([^ \r\n]+) (\d+) ([^ \r\n]+) (\d+) (\d+)\r\n")  # all with one space
_END = len(b"\r\n")
_VERSION = b"NATS/1.0"
_AT_ONCE_BYTES = 1024 * 1024  # written; less than what the library lets wait for a connection
_ENDS = str.maketrans({"\r": " ", "\n": " "})

Taker = Callable[[Msg], None]


@lru_cache(maxsize=256)
def _name_of(raw: bytes) -> str:
    """Returns the name of a header, "" for what is none."""
    try:
        name = raw.strip().decode("ascii")
    except UnicodeDecodeError:
        return ""
    return "" if any(each.isspace() for each in name) else name


def headers_of(raw: bytes) -> dict[str, str]:
    """Reads the lines of headers as the library does, which looks at every letter of every name.
    The names are always the same dozen."""
    found = {}
    for line in raw.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        known = _name_of(name)
        if colon and known:
            found[known] = value.strip().decode("utf-8", "replace")
    return found


@lru_cache(maxsize=256)
def _subject_of(raw: bytes) -> str:
    """Returns a subject as text. One that is none would end the reading of all others for good."""
    return raw.decode("utf-8", "backslashreplace")


@lru_cache(maxsize=256)
def _checked(subject: str) -> bytes:
    """Returns a subject as bytes. Errors: BadSubjectError for one that would end its line."""
    if subject.split() != [subject]:
        raise nats.errors.BadSubjectError
    return subject.encode()


def _one_line(value: str) -> str:
    """Returns a header's value as the library writes it."""
    value = value.strip()
    return value if value.isprintable() else value.translate(_ENDS)


class RawMsg(Msg):
    """A message as it came. raw: its headers, with the line before them and the empty one after."""

    def __init__(
        self, client: "QuickClient", subject: bytes, reply: bytes, raw: bytes, data: bytes
    ) -> None:
        # Not the library's own, which is given headers that were read.
        self.client = client
        self._client, self._ackd, self._metadata, self._sid = client, False, None, None
        self.subject, self.reply = _subject_of(subject), reply.decode()
        self.data, self.raw = data, raw
        self._headers: dict[str, str] | None = None

    @property
    def headers(self) -> dict[str, str] | None:  # type: ignore[override] # a field there
        """Returns the headers; None where there is none but a status."""
        if self._headers is None:
            first, _, lines = self.raw.partition(b"\r\n")
            self._headers = headers_of(lines)
            if status := first[len(_VERSION) :].split(maxsplit=1):
                self._headers["Status"] = status[0].decode("ascii", "replace")
        return self._headers or None


class _QuickParser(Parser):
    """Takes whole messages out of what was read, and leaves all else to the library."""

    def __init__(self, client: "QuickClient") -> None:
        super().__init__(client)
        self._client = client

    async def parse(self, data: bytes = b"") -> None:
        """Is given what was read, piece by piece."""
        if self._client.takers and self.state == AWAITING_CONTROL_LINE:
            data = bytes(self.buf) + data if self.buf else data
            data, waits = self._take(data)
            self.buf = bytearray(data if waits else b"")
            if waits:
                return
        await super().parse(data)

    def _take(self, data: bytes) -> tuple[bytes, bool]:
        """Hands over the messages that stand at the beginning. Returns what is left, and whether
        it is the beginning of another one."""
        at, takers = 0, self._client.takers
        while line := _LINE.match(data, at):
            subject, sid, reply, head, size = line.groups()
            taker = takers.get(int(sid))
            if taker is None:
                break
            start = line.end()
            end = start + int(size)
            if len(data) < end + _END:
                return data[at:], True
            middle = start + int(head)
            raw, body = data[start:middle], data[middle:end]
            taker(RawMsg(self._client, subject, reply, raw, body))
            at = end + _END
        rest = data[at:]
        return rest, not rest


class QuickClient(Client):
    """A client whose subscriptions may have takers. takers: by the number of the subscription."""

    def __init__(self) -> None:
        super().__init__()
        self.takers: dict[int, Taker] = {}
        self._ps = _QuickParser(self)

    @staticmethod
    def _parse_header_lines(raw: bytes) -> dict[str, str]:
        return headers_of(raw)

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes
    ) -> None:
        """Hands over what the parser left to the library, in its turn: as a status, which has no
        reply, and what stood behind one."""
        taker = self.takers.get(sid)
        if taker is None:
            await super()._process_msg(sid, subject, reply, data, headers)
        else:
            taker(RawMsg(self, subject, reply, headers or b"", data))

    async def publish_all(self, messages: Iterable[tuple[str, bytes, dict[str, str]]]) -> None:
        """Publishes messages with headers of names that need no look, all in one write.

        The library looks at every name of every header again: most of the work of publishing one.
        messages: subject, body and headers of each. Errors: nats.errors.Error.
        """
        if self.is_closed:
            raise nats.errors.ConnectionClosedError
        if self.is_draining_pubs:
            raise nats.errors.ConnectionDrainingError
        sent = bytearray()
        for subject, body, headers in messages:
            lines = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in headers.items())
            head = f"NATS/1.0\r\n{lines}\r\n".encode()
            size = len(head) + len(body)
            if size > self.max_payload:
                raise nats.errors.MaxPayloadError
            sent += b"HPUB %b %d %d\r\n%b%b\r\n" % (_checked(subject), len(head), size, head, body)
            if len(sent) > _AT_ONCE_BYTES:
                await self._send_command(bytes(sent))
                sent.clear()
        await self._send_command(bytes(sent))
        await self._flush_pending()

    async def give_up_asking(self) -> None:
        """Ends what waits for an answer with ConnectionReconnectingError: the server that was asked
        is not there any more, and another one knows nothing of it."""
        for answer in list(self._resp_map.values()):
            if not answer.done():
                answer.set_exception(nats.errors.ConnectionReconnectingError())

    async def acknowledge(self, messages: Iterable[Msg]) -> None:
        """Acknowledges messages of streams that are not settled yet, all in one write.

        Errors: nats.errors.Error where the connection is gone for good; they come again then.
        """
        if self.is_closed:
            raise nats.errors.ConnectionClosedError
        waiting = [message for message in messages if not message.is_acked]
        lines = [f"PUB {message.reply} 0\r\n\r\n" for message in waiting]
        await self._send_command("".join(lines).encode())
        await self._flush_pending()
        for message in waiting:
            message._ackd = True  # noqa: SLF001 - the library's own mark, set nowhere without sending
