"""Answers as bytes: whole, with the right time, and not kept beyond their second."""

import email.utils
import gc
import http.client
import io
from typing import Any

import pytest

from services.edge import wires
from services.edge.hot import Answer, make_page
from services.edge.wires import JOINED_AT_MOST, Wires

HEADERS = [("Content-Type", "text/html"), ("Vary", "Cookie")]


class _Read:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def read(data: bytes, method: str = "GET") -> http.client.HTTPResponse:
    answer = http.client.HTTPResponse(_Read(data), method=method)  # type: ignore[arg-type] # alike
    answer.begin()
    return answer


def test_each_form_of_a_page_is_an_answer() -> None:
    page, sent = make_page(b"<p>" * 900, HEADERS), Wires()
    for answer in (page.plain, page.packed, page.again):
        got = read(sent.whole(answer))
        assert got.status == answer.status
        assert got.read() == answer.body
        told = got.getheaders()
        assert [name for name, _ in told][-2:] == ["server", "date"]
        assert told[:-2] == [(name.lower(), value) for name, value in answer.headers]


def test_the_time_is_the_present_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_790_000_000.9
    monkeypatch.setattr("services.edge.wires.time.time", lambda: now)
    page, sent = make_page(b"page", HEADERS), Wires()
    first = sent.whole(page.plain)
    assert sent.whole(page.plain) is first
    now += 0.2
    sent.tick()
    later = sent.whole(page.plain)
    dates = [
        email.utils.parsedate_to_datetime(read(each).headers["Date"]) for each in (first, later)
    ]
    assert [date.timestamp() for date in dates] == [1_790_000_000, 1_790_000_001]


def test_another_answer_at_the_same_place_in_memory_is_another() -> None:
    sent = Wires()

    def body(number: int) -> Any:
        return read(sent.whole(Answer(200, [("Content-Length", "4")], b"%04d" % number))).read()

    for number in range(2 * wires.KEPT_AT_MOST):
        assert body(number) == b"%04d" % number
        gc.collect(0)


def test_a_large_body_is_not_copied() -> None:
    sent = Wires()
    body = b"x" * (JOINED_AT_MOST + 1)
    assert sent.whole(Answer(200, [], body)).endswith(b"\r\n\r\n")
