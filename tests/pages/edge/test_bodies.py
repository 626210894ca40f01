"""Bodies that parse, or nearly, and still cannot be taken; and how many may be on their way."""

from contextlib import ExitStack
from io import BytesIO

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from services.edge import bodies
from services.edge.bodies import AT_ONCE_FROM_ONE, Bodies, sender
from services.edge.errors import Problem, json_body, optional_json_body
from services.edge.parts import Parts
from tests.pages.edge.fakes import SESSION


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a": ' * 50_000, b'{"note": "\\ud800"}', b"\xff\xfe", b"", b"[]"]
)
def test_a_body_no_service_could_take_is_refused(body: bytes) -> None:
    with (
        Flask("test").test_request_context("/", method="POST", data=body),
        pytest.raises(Problem) as refused,
    ):
        json_body()
    assert (refused.value.status, refused.value.reason) == (400, "malformed_json")


@pytest.mark.parametrize(
    "body",
    [b'{"a": 1, "a": 1}', b'{"sales": [{"yen": 1, "yen": 100}]}', b'{"a": 1, "\\u0061": 2}'],
)
def test_a_key_given_twice_is_refused_at_any_depth(body: bytes) -> None:
    with (
        Flask("test").test_request_context("/", method="POST", data=body),
        pytest.raises(Problem) as refused,
    ):
        optional_json_body()
    assert (refused.value.status, refused.value.reason) == (400, "malformed_json")
    assert "once" in refused.value.detail


def test_one_key_in_two_objects_is_no_key_given_twice() -> None:
    data = b'{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}'
    with Flask("test").test_request_context("/", method="POST", data=data):
        assert json_body() == {"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}


def test_an_ipv6_host_cannot_make_itself_many() -> None:
    assert sender("2001:db8:1:2::1") == sender("2001:db8:1:2:ffff:1:2:3")
    assert sender("2001:db8:1:2::1") != sender("2001:db8:1:3::1")
    assert sender("::ffff:192.0.2.7") == sender("192.0.2.7")
    assert sender("192.0.2.7") != sender("192.0.2.8")
    assert sender("fe80::1%eth0") == sender("fe80::2")
    assert sender("") == ""


def test_places_are_given_back_and_nobody_is_remembered() -> None:
    bodies = Bodies(at_once=3, from_one=2)
    with bodies.waiting("a"), bodies.waiting("a"):
        with pytest.raises(Problem) as refused, bodies.waiting("a"):
            pass
        assert (refused.value.status, refused.value.reason) == (429, "too_many_bodies")
        with bodies.waiting("b"), pytest.raises(Problem) as refused, bodies.waiting("c"):
            pass
        assert (refused.value.status, refused.value.reason) == (503, "bodies_busy")
    with pytest.raises(RuntimeError), bodies.waiting("a"):
        raise RuntimeError
    with bodies.waiting("a"), bodies.waiting("a"), bodies.waiting("b"):
        pass
    assert not bodies._held


def test_people_signed_in_send_while_their_network_is_full(
    browser: FlaskClient, parts: Parts
) -> None:
    headers = {"Origin": "http://localhost"}
    with ExitStack() as held:
        for _ in range(AT_ONCE_FROM_ONE):
            held.enter_context(parts.bodies.waiting("127.0.0.1"))
        full = browser.post("/language", data={"locale": "ko"}, headers=headers)
        assert full.status_code == 429
        browser.set_cookie("meguri_session", "made-up")
        made_up = browser.post("/language", data={"locale": "ko"}, headers=headers)
        assert made_up.status_code == 429
        browser.set_cookie("meguri_session", SESSION)
        known = browser.post("/language", data={"locale": "ko"}, headers=headers)
        assert known.status_code == 303


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"CONTENT_LENGTH": "12"}, "body_incomplete"),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, "length_required"),
    ],
)
def test_a_body_that_is_not_all_there_is_not_taken(
    browser: FlaskClient, said: dict[str, str], reason: str
) -> None:
    answer = browser.post(
        "/api/v1/scans", input_stream=BytesIO(b'{"scans":[]'),
        environ_overrides={"wsgi.input_terminated": True, **said},
    )  # fmt: skip
    assert answer.get_json()["reason"] == reason


@pytest.mark.parametrize("locale", ["en", "ja", "ko", "zh-Hans", "zh-Hant"])
@pytest.mark.parametrize(
    ("path", "limit", "size"),
    [("/api/v1/scans", 1024**2, "1 MB"), ("/api/v1/payments", 64 * 1024, "64 KB"),
     ("/hooks/square", 256 * 1024, "256 KB")],
)  # fmt: skip
def test_how_much_may_be_sent_is_told_as_people_read_it(
    browser: FlaskClient, locale: str, path: str, limit: int, size: str
) -> None:
    headers = {"Accept-Language": locale, "Accept": "application/json"}
    told = browser.post(path, data=b" " * (limit + 1), headers=headers).get_json()
    assert size in told["title"]
    assert (told["most_bytes"], "detail" in told) == (limit, False)
    assert str(limit) not in told["title"]


@pytest.mark.parametrize(
    ("limit", "locale", "size"),
    [(50 * 1024**2, "en", "50 MB"), (1_572_864, "de", "1,5 MB"), (1_572_000, "en", "1.4 MB"),
     (1024**2 - 1, "ja", "1,023 KB"),
     (1_572_864, "fr", "1,5 Mo"), (65_536, "th", "64 KB")],
)  # fmt: skip
def test_a_size_is_never_told_larger_than_it_is(
    app: Flask, limit: int, locale: str, size: str
) -> None:
    with app.test_request_context("/"):
        g.locale = locale
        assert size in bodies.too_large(limit).title


def test_the_payments_door_takes_less_than_others(browser: FlaskClient) -> None:
    answer = browser.post("/api/v1/payments", data=b" " * (64 * 1024 + 1))
    assert (answer.status_code, answer.get_json()["reason"]) == (413, "body_too_large")
