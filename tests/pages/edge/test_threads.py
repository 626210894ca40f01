"""How a request of the server becomes one of WSGI, and which name it asks for."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined] # public all the same
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Request

from services.edge import forwarded
from services.edge.threads import Body, address_of, environ_of

PROXIES = forwarded.Proxies(frozenset(forwarded.LOOPBACK))


class Headers:
    """Headers as the server gives them: names in small letters, each line apart; of one that is no
    ASCII the name alone."""

    def __init__(self, lines: list[tuple[str, str]]) -> None:
        self._lines = lines

    def items(self) -> list[tuple[str, str]]:
        return [line for line in self._lines if line[1].isascii()]

    def keys(self) -> list[str]:
        return list({name for name, _ in self._lines})

    def get(self, name: str, default: str) -> str:
        return next((value for key, value in self.items() if key == name), default)

    def get_all(self, name: str) -> list[str]:
        return [value for key, value in self.items() if key == name]


def environ(*lines: tuple[str, str], client: str = "127.0.0.1:50000", **more: str) -> Any:
    usual = {
        "method": "GET", "path": "/", "query_string": "", "server": "[::1]:8080",
        "http_version": "1.1", "scheme": "http", "client": client,
    }  # fmt: skip
    scope = SimpleNamespace(**{**usual, **more}, headers=Headers(list(lines)))
    return environ_of(scope, io.BytesIO())  # type: ignore[arg-type] # what is asked of both is there


def test_names_and_values_are_those_of_pep_3333() -> None:
    found = environ(
        ("host", "localhost"), ("content-type", "text/plain"), ("content-length", "3"),
        ("accept-language", "ja"),
        path="/g/鍾", query_string="a=%FF", method="POST",
    )  # fmt: skip
    assert found["REQUEST_METHOD"] == "POST"
    assert found["PATH_INFO"].encode("latin-1").decode() == "/g/鍾"
    assert (found["QUERY_STRING"], found["HTTP_HOST"]) == ("a=%FF", "localhost")
    assert (found["CONTENT_TYPE"], found["CONTENT_LENGTH"]) == ("text/plain", "3")
    assert not {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"} & set(found)
    assert (found["SERVER_PORT"], found["SERVER_PROTOCOL"]) == ("8080", "HTTP/1.1")


def test_lines_of_one_name_are_joined() -> None:
    found = environ(("cookie", "a=1"), ("accept", "x"), ("cookie", "b=2"), ("accept", "y"))
    assert (found["HTTP_COOKIE"], found["HTTP_ACCEPT"]) == ("a=1; b=2", "x,y")


def test_a_header_nobody_can_read_is_empty_and_not_absent() -> None:
    found = environ(("origin", "https://\xe9vil.example"), ("host", "localhost"), ("x_y", "\xe9"))
    assert (found["HTTP_ORIGIN"], found["HTTP_HOST"]) == ("", "localhost")
    assert "HTTP_X_Y" not in found


@pytest.mark.parametrize("lines", [[], [("host", "\xff")]])
def test_without_a_host_that_can_be_read_the_servers_own_address_is_not_asked(lines: Any) -> None:
    assert Request(environ(*lines)).host == ""


def test_a_name_with_an_underscore_passes_for_no_other() -> None:
    found = environ(("x_forwarded_for", "203.0.113.7"), ("content_length", "9"))
    assert not {"HTTP_X_FORWARDED_FOR", "CONTENT_LENGTH", "HTTP_CONTENT_LENGTH"} & set(found)


@pytest.mark.parametrize(
    ("client", "address"),
    [("192.0.2.1:50000", "192.0.2.1"), ("[2001:db8::1]:50000", "2001:db8::1")],
)
def test_addresses_are_bare(client: str, address: str) -> None:
    assert address_of(client) == address
    assert environ(client=client)["REMOTE_ADDR"] == address


def test_a_body_is_waited_for_when_it_is_read_and_once() -> None:
    asked: list[int] = []

    def receive() -> bytes:
        asked.append(1)
        return b"name=value"

    body = Body(receive)
    assert body.readable()
    assert asked == []
    assert body.read(4) == b"name"
    assert body.read() == b"=value"
    assert body.read() == b""
    assert len(asked) == 1


def test_a_body_may_run_through_and_then_nobody_waits_for_it() -> None:
    def receive() -> bytes:
        raise AssertionError("waited for the whole body")

    assert list(Body(receive, lambda: iter((b"a", b"b"))).pieces()) == [b"a", b"b"]
    assert list(Body(receive).pieces()) == []


def test_a_body_that_broke_off_is_empty() -> None:
    def receive() -> bytes:
        raise ProtocolClosed

    assert Body(receive).read() == b""


HOSTS = st.sampled_from(["", "guide.example.jp", "a.example, b.example", " c.example ", "d:8080"])


@given(
    st.lists(st.tuples(st.sampled_from(["host", "x-forwarded-host", "accept"]), HOSTS), max_size=4)
    .filter(lambda lines: sum(name == "host" for name, _ in lines) < 2),  # two are refused before
    st.sampled_from(["127.0.0.1:5", "[::1]:5", "203.0.113.9:5"]),
)  # fmt: skip
def test_ready_pages_and_all_others_are_asked_of_the_same_name(
    lines: list[tuple[str, str]], client: str
) -> None:
    told: list[str] = []

    def application(known: Any, _start: Any) -> list[bytes]:
        told.append(known.get("HTTP_HOST", ""))
        return []

    forwarded.wrap(application, PROXIES)(environ(*lines, client=client), lambda *_: None)
    assert told == [forwarded.Names(PROXIES).host(client, Headers(lines))]


@given(
    st.lists(st.sampled_from(["http", "https", "https, http", "http,https", " http ", "", "HTTP"]),
             max_size=3),
    st.sampled_from(["127.0.0.1:5", "[::1]:5", "203.0.113.9:5"]),
)  # fmt: skip
def test_ready_pages_and_all_others_hear_the_same_of_the_line(told: list[str], client: str) -> None:
    heard: list[bool] = []

    def application(known: Any, _start: Any) -> list[bytes]:
        heard.append(forwarded.came_in_plain(known))
        return []

    lines = [("host", "localhost"), *(("x-forwarded-proto", each) for each in told)]
    forwarded.wrap(application, PROXIES)(environ(*lines, client=client), lambda *_: None)
    assert heard == [forwarded.Names(PROXIES).in_plain(client, Headers(lines))]


def test_without_a_proxy_of_ours_nobody_is_believed() -> None:
    lines = [("x-forwarded-host", "evil.example"), ("host", "localhost")]
    names = forwarded.Names(forwarded.believed({"MEGURI_PROXIES": "127.0.0.1"}))
    assert names.host("127.0.0.1:5", Headers(lines)) == "localhost"
    answer = object()
    assert forwarded.wrap(answer, forwarded.Proxies()) is answer  # type: ignore[arg-type] # any will do


def test_those_named_are_believed_beside_this_machine() -> None:
    told = {"MEGURI_PUBLIC_URL": "https://guide.example.jp", "MEGURI_PROXIES": "10.0.0.2, 10.0.0.3"}
    assert forwarded.believed(told) == forwarded.Proxies(
        frozenset({"127.0.0.1", "::1", "10.0.0.2", "10.0.0.3"})
    )
