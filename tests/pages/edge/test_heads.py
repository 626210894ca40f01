"""Only a head that nobody can read in two ways is a plain one."""

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.edge import heads
from services.edge.heads import HEAD_AT_MOST, LINES_AT_MOST, Lines, read

HOST = "Host: guide.example.jp"


def head(*lines: str, first: str = "GET /g/K7Q2X HTTP/1.1") -> bytes:
    return "\r\n".join([first, *(lines or (HOST,)), "", ""]).encode("latin-1")


def test_what_a_phone_sends_is_read() -> None:
    data = head(
        "Host: 192.0.2.1:8080", "Connection: keep-alive", "sec-ch-ua-mobile: ?1",
        "User-Agent: Mozilla/5.0 (Linux; Android 10; K)", "Accept: text/html,*/*;q=0.8",
        "Accept-Encoding: gzip, deflate, br", "Accept-Language:   zh-TW,zh;q=0.9 ",
        'If-None-Match: W/"0123"', "Cookie: meguri_locale=ja; a=b",
        first="GET /G/k7q2x?utm_source=poster&fbclid=Iw-x_1 HTTP/1.1",
    )  # fmt: skip
    found = read(data)
    assert found is not None
    method, path, query, lines = found
    assert (method, path, query) == ("GET", "/G/k7q2x", "utm_source=poster&fbclid=Iw-x_1")
    assert lines["accept-language"] == "zh-TW,zh;q=0.9"
    assert lines["if-none-match"] == 'W/"0123"'
    assert lines.get_all("cookie") == ["meguri_locale=ja; a=b"]
    assert lines.get_all("x-forwarded-host") == []


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8080", "[2001:db8::1]:80", "[::1]", "MINE.example."]
)
def test_hosts_of_every_kind_are_read(host: str) -> None:
    found = read(head(f"Host: {host}"))
    assert found is not None
    assert found[3]["host"] == host


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        head()[:-1],
        head()[:-2],
        head() + b"G",
        head() + head(),
        b"\r\n" + head(),
        head(first="POST /g/K7Q2X HTTP/1.1"),
        head(first="get /g/K7Q2X HTTP/1.1"),
        head(first="GET /g/K7Q2X HTTP/1.0"),
        head(first="GET /g/K7Q2X HTTP/1.1 "),
        head(first="GET  /g/K7Q2X HTTP/1.1"),
        head(first="GET\t/g/K7Q2X HTTP/1.1"),
        head(first="GET /g/K7Q2X"),
        head(first="GET g/K7Q2X HTTP/1.1"),
        head(first="GET http://guide.example.jp/g/K7Q2X HTTP/1.1"),
        head(first="GET /g/K7Q%32X HTTP/1.1"),
        head(first="GET /g/K7Q2X?locale=%6ba HTTP/1.1"),
        head(first="GET /g/K7Q2X#x HTTP/1.1"),
        head(first="GET /g\\K7Q2X HTTP/1.1"),
        head(first="GET /g/K7Q2X? x HTTP/1.1"),
        head(first="OPTIONS * HTTP/1.1"),
        head("Accept: */*"),
        head(HOST, HOST),
        head(HOST, "host: evil.example"),
        head(HOST, "Cookie: a=1", "cookie: b=2"),
        head("Host: "),
        head("Host: a b"),
        head("Host: a,b"),
        head("Host: user@guide.example.jp"),
        head("Host: guide.example.jp/x"),
        head(HOST, "Content-Length: 0"),
        head(HOST, "Transfer-Encoding: chunked"),
        head(HOST, "Transfer-encoding: identity"),
        head(HOST, "Expect: 100-continue"),
        head(HOST, "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"),
        head(HOST, "Connection: close"),
        head(HOST, "Connection: keep-alive, Upgrade"),
        head(HOST, "TE: trailers"),
        head(HOST, "X_Forwarded_Host: evil.example"),
        head(HOST, "Accept : */*"),
        head(HOST, " Accept: */*"),
        head(HOST, "Accept: a", " folded"),
        head(HOST, "Accept: a", "\tfolded"),
        head(HOST, "Accept:*/*"),
        head(HOST, "Accept"),
        head(HOST, ": x"),
        head(HOST, "Accept: \t*/*"),
        head(HOST, "Accept: a\x00b"),
        head(HOST, "Accept: a\x7fb"),
        head(HOST, "Accept: \xe6"),
        head(HOST, "Accept: a\nX: b"),
        head(HOST, "Accept: a\rX: b"),
        head(HOST).replace(b"\r\n", b"\n"),
        head(HOST, "X: " + "a" * HEAD_AT_MOST),
        head(HOST, *(f"X-{number}: a" for number in range(LINES_AT_MOST))),
    ],
)
def test_anything_else_is_left_to_the_server(data: bytes) -> None:
    assert read(data) is None


PIECES = st.sampled_from([
    b"GET ", b"HEAD ", b"POST ", b"/g/K7Q2X", b"/", b"?a=b", b" HTTP/1.1", b" HTTP/1.0", b"\r\n",
    b"\r\n\r\n", b"\n", b"\r", b" ", b"\t", b":", b": ", b"Host", b"host: x", b"Host: localhost",
    b"Content-Length: 5", b"Transfer-Encoding: chunked", b"Connection: close", b"Cookie: a=b",
    b"Accept-Language: ja", b"\x00", b"\x0b", b"\x85", b"\xc3\xa9", b"X_Y: z", b"%20", b"http://a",
    b"Expect: 100-continue", b"Upgrade: h2c",
])  # fmt: skip
SOMETHING = st.lists(st.one_of(PIECES, st.binary(max_size=3)), max_size=14).map(b"".join)
NAMES = st.from_regex(r"[A-Za-z_!-][A-Za-z0-9_-]{0,12}", fullmatch=True)
VALUES = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=20)
NEARLY = st.builds(
    lambda method, target, lines: head(
        HOST, *(f"{name}: {value}" for name, value in lines), first=f"{method} {target} HTTP/1.1"
    ),
    st.sampled_from(["GET", "HEAD"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12),
    st.lists(st.tuples(NAMES, VALUES), max_size=6),
)
CHANGED = st.builds(
    lambda data, at, new: data[: at % len(data)] + new + data[at % len(data) + 1 :],
    NEARLY, st.integers(0, 500), st.binary(max_size=2),
)  # fmt: skip


@given(st.one_of(SOMETHING, NEARLY, CHANGED))
@example(head())
@example(head(HOST, "Accept:  a  b "))
def test_what_is_read_another_reader_reads_alike(data: bytes) -> None:
    """h11 keeps to RFC 9112 strictly: what we take for a plain head is one for it too, is the
    whole of what came, and says the same."""
    found = read(data)
    if found is None:
        return
    method, path, query, lines = found
    other = h11.Connection(h11.SERVER)
    other.receive_data(data)
    request = other.next_event()
    assert isinstance(request, h11.Request)
    assert isinstance(other.next_event(), h11.EndOfMessage)  # no body
    assert other.trailing_data == (b"", False)
    assert request.method.decode() == method
    assert request.target.decode().rstrip("?") == (f"{path}?{query}" if query else path)
    assert {name.decode(): value.decode() for name, value in request.headers} == lines
    assert len(request.headers) == len(lines)


def test_names_are_remembered_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "_keys", {})
    monkeypatch.setattr(heads, "_firsts", {})
    monkeypatch.setattr(heads, "_hosts", set())
    for number in range(2 * heads.REMEMBERED):
        found = read(
            head(f"Host: a{number}", f"X-Made-Up-{number}: a", first=f"GET /{number} HTTP/1.1")
        )
        assert found is not None
        assert found[1] == f"/{number}"
        assert found[3] == Lines({"host": f"a{number}", f"x-made-up-{number}": "a"})
        assert read(head(first=f"GET /{number}?a={number} HTTP/1.1")) is not None
    for kept in (heads._keys, heads._firsts, heads._hosts):
        assert len(kept) == heads.REMEMBERED
    assert not any("?" in first for first in heads._firsts)
