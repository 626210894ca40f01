"""What the network may do to an answer of the provider on its way."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from services.payments.gateways.http_json import ANSWER_LIMIT_BYTES, HttpJson, NoAnswer, NotSent

ANSWER = json.dumps({"key": "k-1", "status": "done", "note": "練習" * 40}).encode()


@asynccontextmanager
async def provider(pieces: Sequence[bytes], length: int) -> AsyncIterator[HttpJson]:
    """A client of a server that writes its answer piece by piece and then hangs up."""

    done = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        done.clear()
        with suppress(ConnectionError):  # whoever gave up has hung up
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length)
            for piece in pieces:
                await writer.drain()
                await asyncio.sleep(0.03)
                writer.write(piece)
        writer.close()
        done.set()

    done.set()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    client = HttpJson(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield client
    finally:
        await client.close()
        await done.wait()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("size", [1, 7, 40, len(ANSWER)])
async def test_an_answer_in_pieces_is_one_answer(size: int) -> None:
    pieces = [ANSWER[at : at + size] for at in range(0, 3 * size, size)] + [ANSWER[3 * size :]]
    async with provider(pieces, len(ANSWER)) as client:
        reply = await client.post("/v1", {}, 5)
    assert reply.document == json.loads(ANSWER)


async def test_the_longest_answer_is_read_and_a_longer_one_is_not() -> None:
    for excess, readable in ((0, True), (1, False)):
        body = json.dumps({"key": "k"}).encode().ljust(ANSWER_LIMIT_BYTES + excess)
        half = len(body) // 2
        async with provider([body[:half], body[half:]], len(body)) as client:
            if readable:
                assert (await client.post("/v1", {}, 5)).document == {"key": "k"}
            else:
                with pytest.raises(NoAnswer, match="long"):
                    await client.post("/v1", {}, 5)


@pytest.mark.parametrize(
    "body", [ANSWER[:-1], b"", b"<html>", b"[1]", b"\xff{}", b"[" * 100_000, b'"done"']
)
async def test_half_an_answer_or_nonsense_is_no_answer(body: bytes) -> None:
    length = len(ANSWER) if ANSWER.startswith(body) and body else len(body)
    async with provider([body], length) as client:
        with pytest.raises(NoAnswer):
            await client.post("/v1", {}, 5)


async def test_an_answer_that_comes_too_slowly_is_no_answer() -> None:
    async with provider([ANSWER[:9], ANSWER[9:20], ANSWER[20:]], len(ANSWER)) as client:
        with pytest.raises(NoAnswer):
            await client.post("/v1", {}, 0.05)


async def test_nobody_there_has_certainly_not_seen_the_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    client = HttpJson(f"http://127.0.0.1:{port}")
    with pytest.raises(NotSent):
        await client.post("/v1", {}, 5)
    await client.close()
