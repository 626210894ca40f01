"""What is read from NATS is cut into messages and handed over, however it was parted on its way."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import nats.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.msg import Msg

from kit.bus import Delivery, read_delivery
from kit.publishing import _headers, _place
from kit.pull import Poison
from kit.quick_client import QuickClient, RawMsg

SID, OTHER = 4, 9
SUBJECT = "meguri.mine.payments.v1.payment_captured"
_TEXT = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=20)
_BODIES = st.binary(max_size=60)


def line(reply: str, raw: bytes, body: bytes, sid: int = SID) -> bytes:
    """Returns a message as the server sends it; without a reply as it says that it has none."""
    to = f" {reply}" if reply else ""
    size = f"{len(raw)} {len(raw) + len(body)}"
    return f"HMSG {SUBJECT} {sid}{to} {size}\r\n".encode() + raw + body + b"\r\n"


async def heard(data: bytes, cuts: list[int]) -> list[Msg]:
    """Returns what a taker is given of data that is read in pieces."""
    client, found = QuickClient(), list[Msg]()
    client.takers[SID] = found.append
    at = 0
    for cut in [*sorted(cuts), len(data)]:
        await client._ps.parse(data[at:cut])
        at = max(at, cut)
    return found


@given(st.lists(_BODIES, max_size=5), st.data())
def test_messages_come_whole_and_in_order_however_they_are_parted(
    bodies: list[bytes], data: st.DataObject
) -> None:
    """Between them stand words of the server, messages of others and one without a reply."""
    raw = b"NATS/1.0\r\nce-id: x\r\n\r\n"
    between = st.sampled_from([
        b"", b"+OK\r\n", line("a.reply", raw, b"HMSG", OTHER), b"MSG elsewhere 9 2\r\nno\r\n",
    ])  # fmt: skip
    sent = b"".join(
        data.draw(between) + line(f"reply.{n}", raw, body) for n, body in enumerate(bodies)
    ) + line("", b"NATS/1.0 404 No Messages\r\n\r\n", b"")
    cuts = data.draw(st.lists(st.integers(0, len(sent)), max_size=6))
    found = asyncio.run(heard(sent, cuts))
    assert [each.data for each in found[:-1]] == bodies
    assert [each.reply for each in found] == [*(f"reply.{n}" for n in range(len(bodies))), ""]
    assert all(each.headers == {"ce-id": "x"} for each in found[:-1])
    assert found[-1].headers == {"Status": "404"}


def test_a_subject_that_is_no_text_stops_none_of_those_behind_it() -> None:
    """The server takes any bytes; an error here would end the reading task, and again each time."""
    raw = b"NATS/1.0\r\n\r\n"
    odd = line("r.1", raw, b"a").replace(b"mine", b"m\xff\xfe")
    found = asyncio.run(heard(odd + line("r.2", raw, b"b"), []))
    assert [each.data for each in found] == [b"a", b"b"]
    assert found[0].subject == SUBJECT.replace("mine", r"m\xff\xfe")
    assert found[1].subject == SUBJECT


class Written(QuickClient):
    """A client that keeps what it would send."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self._max_payload, self._status = 1024, QuickClient.CONNECTED

    async def _send_command(self, cmd: bytes, priority: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's
        del priority
        self.sent.append(cmd)

    async def _flush_pending(self, force_flush: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's
        del force_flush


_HEADERS = st.dictionaries(st.sampled_from(["ce-id", "ce-subject", "Nats-Batch-Id"]), st.text())


@given(st.lists(st.tuples(st.just(SUBJECT), _BODIES, _HEADERS), max_size=5))
def test_what_is_published_together_is_what_the_library_would_write(
    messages: list[tuple[str, bytes, dict[str, str]]],
) -> None:
    async def both() -> tuple[bytes, bytes]:
        theirs, ours = Written(), Written()
        for subject, body, headers in messages:
            await theirs.publish(subject, body, headers=headers)
        await ours.publish_all(messages)
        return b"".join(theirs.sent), b"".join(ours.sent)

    theirs, ours = asyncio.run(both())
    # The library leaves two spaces where no reply stands.
    assert ours == theirs.replace(SUBJECT.encode() + b"  ", SUBJECT.encode() + b" ")


@pytest.mark.parametrize(
    ("subject", "body", "refused"),
    [
        ("a b", b"", nats.errors.BadSubjectError),
        ("a\r\nPUB x 0", b"", nats.errors.BadSubjectError),
        ("a", b"x" * 1024, nats.errors.MaxPayloadError),
    ],
)
async def test_what_the_server_would_end_the_connection_for_is_not_sent(
    subject: str, body: bytes, refused: type[Exception]
) -> None:
    client = Written()
    with pytest.raises(refused):
        await client.publish_all([(subject, body, {"ce-id": "x"})])
    assert client.sent == []


async def test_what_was_acknowledged_together_is_settled_and_goes_out_once() -> None:
    client = Written()
    messages = [RawMsg(client, b"s", f"r{n}".encode(), b"", b"") for n in range(3)]
    messages[1]._ackd = True
    await client.acknowledge(messages)
    assert client.sent == [b"PUB r0 0\r\n\r\nPUB r2 0\r\n\r\n"]
    assert all(each.is_acked for each in messages)


async def test_a_closed_connection_acknowledges_nothing() -> None:
    client = QuickClient()
    client._status = QuickClient.CLOSED
    message = RawMsg(client, b"s", b"r", b"", b"")
    with pytest.raises(nats.errors.ConnectionClosedError):
        await client.acknowledge([message])
    assert not message.is_acked


ROWS = st.fixed_dictionaries({
    "event_id": st.uuids(version=4).map(str), "type": st.just("payment_captured"),
    "aggregate_id": _TEXT, "version": st.integers(0, 2**63),
    "occur_time": st.datetimes(
        datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001 - naive bounds
    ),
    "traceparent": st.sampled_from(["", f"00-{1:032x}-{1:016x}-01"]),
})  # fmt: skip


def message_of(headers: dict[str, str]) -> RawMsg:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    raw = f"NATS/1.0\r\n{lines}\r\n".encode()
    return RawMsg(QuickClient(), SUBJECT.encode(), b"reply", raw, b"body")


def slowly(message: RawMsg) -> Msg:
    """Returns the same message as the library reads it."""
    return Msg(message.client, message.subject, message.reply, message.data, message.headers)


@given(ROWS, st.sampled_from([{}, _place("ab", 1), {**_place("ab", 9), "Nats-Batch-Commit": "1"}]))
def test_an_envelope_is_read_at_one_look_as_it_was_written(
    row: dict[str, Any], batch: dict[str, str]
) -> None:
    found = read_delivery(message_of({**_headers("payments", row), **batch}))
    assert found == Delivery(
        row["event_id"], "payment_captured", "mine", "payments", row["aggregate_id"],
        row["version"], row["occur_time"], row["traceparent"], b"body",
    )  # fmt: skip


@given(ROWS, st.data())
def test_any_other_envelope_is_read_as_header_by_header(
    row: dict[str, Any], data: st.DataObject
) -> None:
    """Headers left out, doubled, of another order or with values nobody writes."""
    written = list(_headers("payments", row).items())
    kept = data.draw(st.permutations(written))[: data.draw(st.integers(5, len(written)))]
    odd = st.sampled_from(["", "x", " 7 ", "2026-05-03T00:00:00+09:00", str(UUID(int=7)).upper()])
    headers = {name: data.draw(odd) if data.draw(st.booleans()) else value for name, value in kept}
    message = message_of(headers)

    def read(one: Msg) -> object:
        try:
            return read_delivery(one)
        except Poison as poison:
            return str(poison)

    assert read(message) == read(slowly(message))
