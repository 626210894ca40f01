"""JetStream: streams that drop repeats, and durable consumers that deliver until acknowledged."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

DEDUPE_S = 120.0
BATCH_WAIT_S = 10.0


@dataclass(frozen=True)
class Stored:
    """A message of a stream. seq: from 1."""

    seq: int
    subject: str
    head: bytes
    body: bytes
    msg_id: str


@dataclass
class Request:
    """A pull request that is not answered in full."""

    inbox: str
    left: int
    no_wait: bool
    ends: float | None
    delivered: int = 0


@dataclass
class Pending:
    """A delivery that is not acknowledged. due: when it is delivered again."""

    due: float
    count: int


@dataclass
class Consumer:
    """A durable pull consumer with explicit acknowledgements."""

    name: str
    service: str
    ack_wait_s: float
    max_ack_pending: int
    next_seq: int = 1
    delivered: int = 0
    pending: dict[int, Pending] = field(default_factory=dict)
    again: list[int] = field(default_factory=list)
    counts: dict[int, int] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)


class Stream:
    """Messages in their order. repeats: dropped within DEDUPE_S of the first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.messages: list[Stored] = []
        self.ids: dict[str, tuple[float, int]] = {}
        self.consumers: dict[str, Consumer] = {}
        self.batches: dict[str, tuple[float, list[tuple[str, bytes, bytes, str]]]] = {}


def head_of(headers: dict[str, str]) -> bytes:
    """Returns headers as they travel."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"NATS/1.0\r\n{lines}\r\n".encode()


class JetStream:
    """The server. say: hands a message to whoever listens to an inbox; False where nobody does."""

    def __init__(
        self, time: Callable[[], float], call_at: Callable[..., Any],
        say: Callable[[str, str, str, bytes, bytes], bool],
    ) -> None:  # fmt: skip
        self._time, self._call_at, self._say = time, call_at, say
        self.streams: dict[str, Stream] = {}

    def stream(self, name: str) -> Stream:
        """Returns a stream; made at its first mention."""
        return self.streams.setdefault(name, Stream(name))

    def restart(self) -> None:
        """What is stored stays; what was only in memory goes."""
        for stream in self.streams.values():
            stream.batches.clear()
            for consumer in stream.consumers.values():
                consumer.requests.clear()

    # Publishing.

    def publish(self, stream: Stream, subject: str, headers: dict[str, str], body: bytes) -> Any:
        """Stores a message and returns the answer as JSON has it; None for one that waits for the
        rest of its batch."""
        batch = headers.get("Nats-Batch-Id")
        if batch is not None:
            return self._batched(stream, batch, subject, headers, body)
        return self._store(stream, subject, headers, body)

    def _known(self, stream: Stream, msg_id: str) -> int:
        when, seq = stream.ids.get(msg_id, (0.0, 0))
        return seq if seq and self._time() - when < DEDUPE_S else 0

    def _store(
        self, stream: Stream, subject: str, headers: dict[str, str], body: bytes
    ) -> dict[str, Any]:
        msg_id = headers.get("Nats-Msg-Id", "")
        known = self._known(stream, msg_id) if msg_id else 0
        if known:
            return {"stream": stream.name, "seq": known, "duplicate": True}
        seq = self._append(stream, subject, head_of(headers), body, msg_id)
        self._wake(stream)
        return {"stream": stream.name, "seq": seq}

    def _append(self, stream: Stream, subject: str, head: bytes, body: bytes, msg_id: str) -> int:
        seq = len(stream.messages) + 1
        stream.messages.append(Stored(seq, subject, head, body, msg_id))
        if msg_id:
            stream.ids[msg_id] = (self._time(), seq)
        return seq

    def _batched(
        self, stream: Stream, batch: str, subject: str, headers: dict[str, str], body: bytes
    ) -> dict[str, Any] | None:
        number = int(headers["Nats-Batch-Sequence"])
        commits = headers.get("Nats-Batch-Commit") == "1"
        msg_id = headers.get("Nats-Msg-Id", "")
        began, held = stream.batches.get(batch, (self._time(), []))
        if number == 1:
            held = []
        if number != len(held) + 1 or self._time() - began > BATCH_WAIT_S:
            stream.batches.pop(batch, None)
            return _error(400, 10203, "batch publish is incomplete and was abandoned")
        held.append((subject, head_of(headers), body, msg_id))
        stream.batches[batch] = (began, held)
        if not commits:
            return None
        del stream.batches[batch]
        ids = [each[3] for each in held if each[3]]
        if len(set(ids)) != len(ids) or any(self._known(stream, each) for each in ids):
            return _error(400, 10201, "batch publish contains duplicate message id")
        seq = 0
        for each in held:
            seq = self._append(stream, *each)
        self._wake(stream)
        return {"stream": stream.name, "seq": seq, "batch": batch, "count": len(held)}

    # Delivering.

    def add_consumer(self, stream: Stream, consumer: Consumer) -> None:
        """Makes a consumer, or leaves the one of this name as it is."""
        stream.consumers.setdefault(consumer.name, consumer)

    def ask(self, stream: Stream, consumer: Consumer, inbox: str, body: dict[str, Any]) -> None:
        """Takes a pull request."""
        expires = body.get("expires")
        ends = None if expires is None else self._time() + expires / 1e9
        request = Request(inbox, body["batch"], bool(body.get("no_wait")), ends)
        consumer.requests.append(request)
        self.serve(stream, consumer)
        if ends is not None and request in consumer.requests:
            self._call_at(ends, self._expire, consumer, request)
            if beat_s := body.get("idle_heartbeat", 0) / 1e9:
                self._call_at(self._time() + beat_s, self._beat, consumer, request, beat_s)

    def _beat(self, consumer: Consumer, request: Request, beat_s: float) -> None:
        if request in consumer.requests:
            self._say(request.inbox, request.inbox, "", b"NATS/1.0 100 Idle Heartbeat\r\n\r\n", b"")
            self._call_at(self._time() + beat_s, self._beat, consumer, request, beat_s)

    def _expire(self, consumer: Consumer, request: Request) -> None:
        if request in consumer.requests:
            consumer.requests.remove(request)
            self._say(
                request.inbox, request.inbox, "", b"NATS/1.0 408 Request Timeout\r\n\r\n", b""
            )

    def _wake(self, stream: Stream) -> None:
        for consumer in stream.consumers.values():
            self.serve(stream, consumer)

    def serve(self, stream: Stream, consumer: Consumer) -> None:
        """Answers what can be answered: first what is delivered again, then what is new."""
        while consumer.requests:
            request = consumer.requests[0]
            seq = self._next(stream, consumer)
            if seq == 0:
                if not request.no_wait:
                    return
                consumer.requests.pop(0)
                status = b"408 Request Timeout" if request.delivered else b"404 No Messages"
                self._say(
                    request.inbox, request.inbox, "", b"NATS/1.0 " + status + b"\r\n\r\n", b""
                )
                continue
            if not self._deliver(stream, consumer, request, seq):
                consumer.requests.pop(0)  # nobody listens there any more
                self._put_back(consumer, seq)
                continue
            request.left -= 1
            request.delivered += 1
            if request.left == 0:
                consumer.requests.pop(0)

    def _put_back(self, consumer: Consumer, seq: int) -> None:
        if not consumer.counts.get(seq):
            consumer.pending.pop(seq, None)
        consumer.again.insert(0, seq)

    def _next(self, stream: Stream, consumer: Consumer) -> int:
        if consumer.again:
            return consumer.again.pop(0)
        if len(consumer.pending) >= consumer.max_ack_pending:
            return 0
        while consumer.next_seq <= len(stream.messages):
            seq = consumer.next_seq
            consumer.next_seq += 1
            if stream.messages[seq - 1].subject.split(".")[2:3] == [consumer.service]:
                return seq
        return 0

    def _deliver(self, stream: Stream, consumer: Consumer, request: Request, seq: int) -> bool:
        message = stream.messages[seq - 1]
        count = consumer.counts.get(seq, 0) + 1
        due = self._time() + consumer.ack_wait_s
        consumer.pending[seq] = Pending(due, count)
        left = len(stream.messages) - consumer.next_seq + 1
        reply = (f"$JS.ACK.{stream.name}.{consumer.name}.{count}.{seq}."
                 f"{consumer.delivered + 1}.0.{left}")  # fmt: skip
        if not self._say(request.inbox, message.subject, reply, message.head, message.body):
            return False
        consumer.delivered += 1
        consumer.counts[seq] = count
        self._call_at(due, self._overdue, stream, consumer, seq)
        return True

    def _overdue(self, stream: Stream, consumer: Consumer, seq: int) -> None:
        pending = consumer.pending.get(seq)
        if pending is not None and pending.due <= self._time() and seq not in consumer.again:
            consumer.again.append(seq)
            self.serve(stream, consumer)

    def left(self, stream: Stream, consumer: Consumer) -> int:
        """Returns how many messages were never delivered."""
        return sum(
            each.subject.split(".")[2:3] == [consumer.service]
            for each in stream.messages[consumer.next_seq - 1 :]
        )

    def acknowledge(self, reply: str, word: bytes) -> None:
        """Takes what a consumer says of a delivery: +ACK, -NAK with or without a delay, +TERM."""
        _, _, stream_name, name, _, text, *_ = reply.split(".")
        stream = self.stream(stream_name)
        consumer, seq = stream.consumers[name], int(text)
        pending = consumer.pending.get(seq)
        if pending is None:
            return
        if word.startswith(b"-NAK"):
            told = json.loads(word[4:]) if word[4:].strip() else {}
            pending.due = self._time() + told.get("delay", 0) / 1e9
            if told.get("delay"):
                self._call_at(pending.due, self._overdue, stream, consumer, seq)
            else:
                self._overdue(stream, consumer, seq)
            return
        del consumer.pending[seq]
        if seq in consumer.again:
            consumer.again.remove(seq)
        self.serve(stream, consumer)


def _error(code: int, err_code: int, text: str) -> dict[str, Any]:
    return {"error": {"code": code, "err_code": err_code, "description": text}}
