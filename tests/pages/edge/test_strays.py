"""Codes that lead nowhere are counted together and handed to the guide, with nothing of anybody."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.multilingual.v1 import asked_service_pb2 as pb
from services.edge.freshness import send_strays
from services.edge.parts import Parts
from services.edge.scans import STRAYS_KEPT_AT_MOST, GuideAway, ScanQueue, SeenStop
from services.edge.visitor.stops import may_be_code
from tests.pages.edge.fakes import AWAY, Failure, FakeServices

HOST = "http://guide.example.jp"


@pytest.fixture
def met(app: Flask, services: FakeServices) -> Any:
    """Flushes and returns what was told to the guide: code → times."""
    services.answers["RecordStrayCodes"] = lambda _: pb.RecordStrayCodesResponse()

    def found() -> Counter[str]:
        parts: Parts = app.extensions["meguri"]
        parts.strays.flush()
        told: Counter[str] = Counter()
        for request in services.called("RecordStrayCodes"):
            for each in request.codes:
                told[each.stop_code] += each.count
        return told

    return found


def refuse(services: FakeServices, reason: str = "STOP_CODE_UNKNOWN") -> None:
    def answer(_: Any) -> Any:
        raise Failure(grpc.StatusCode.NOT_FOUND, reason)

    services.answers["ReadStop"] = answer


def test_an_opened_code_is_counted_in_its_one_spelling(
    browser: FlaskClient, services: FakeServices, met: Any
) -> None:
    refuse(services)
    for path in ("/g/ADVGT", "/G/advgt", "/g/AD-VGT"):
        assert browser.get(path, base_url=HOST).status_code == 404
    assert met() == {"ADVGT": 3}
    [request] = services.called("RecordStrayCodes")
    assert len(request.codes) == 1, "together"
    assert request.request_id


def test_what_cannot_be_a_code_is_counted_without_its_letters(
    browser: FlaskClient, services: FakeServices, met: Any
) -> None:
    refuse(services, "STOP_CODE_MISTYPED")
    for path in ("/g/hanako-090-1234-5678", "/g/x", "/g/wp-login.php"):
        browser.get(path, base_url=HOST)
    assert met() == {"": 3}


def test_looking_ahead_is_no_visit(browser: FlaskClient, services: FakeServices, met: Any) -> None:
    refuse(services)
    browser.head("/g/ADVGT", base_url=HOST)
    browser.get("/g/ADVGT", base_url=HOST, headers={"Sec-Purpose": "prefetch"})
    assert met() == {}


def test_a_typed_code_is_counted_and_a_searched_name_is_not(browser: FlaskClient, met: Any) -> None:
    for typed in ("ADVGT", "ad vgt", "８WXC3", "Blue", "百枚皿", "a name that is nowhere here", ""):
        browser.get("/g/", query_string={"q": typed}, base_url=HOST)
    assert met() == {"ADVGT": 2}


@pytest.mark.parametrize("typed", ["ADVGT", "ＡＤＶＧＴ", "AD-VGT", "lost0"])
def test_what_has_five_letters_may_be_a_code(typed: str) -> None:
    assert may_be_code(typed)


@pytest.mark.parametrize("typed", ["ADVG", "ADVGTX", "黄金柱です", "黄ADVGT", ""])
def test_a_name_is_none(typed: str) -> None:
    assert not may_be_code(typed)


def test_a_guide_that_is_away_counts_nobody(
    browser: FlaskClient, services: FakeServices, met: Any
) -> None:
    """Nobody knows whether that code leads somewhere."""
    services.away = {"multilingual"}
    assert browser.get("/g/ADVGT", base_url=HOST).status_code == 503
    services.away = set()
    assert met() == {}


def test_what_waits_for_the_guide_is_sent_once_under_one_request_id(
    browser: FlaskClient, services: FakeServices, app: Flask, met: Any
) -> None:
    refuse(services)
    browser.get("/g/ADVGT", base_url=HOST)
    services.away = {"multilingual"}
    parts: Parts = app.extensions["meguri"]
    parts.strays.flush()
    services.away = set()
    parts.strays.flush()
    parts.strays.flush()
    first, second = services.called("RecordStrayCodes")
    assert first.request_id == second.request_id
    assert len(first.codes) == len(second.codes) == 1


@pytest.mark.parametrize(
    ("trouble", "raised"),
    [(AWAY, GuideAway), (Failure(grpc.StatusCode.RESOURCE_EXHAUSTED), GuideAway),
     (Failure(grpc.StatusCode.INVALID_ARGUMENT), Failure)],
)  # fmt: skip
def test_only_an_absent_guide_is_asked_again(
    services: FakeServices, trouble: Failure, raised: type[Exception]
) -> None:
    def fail(_: Any) -> Any:
        raise trouble

    services.answers["RecordStrayCodes"] = fail
    with pytest.raises(raised):
        send_strays(services, "mine", "r", [])  # type: ignore[arg-type] # a stand-in


def test_made_up_codes_fill_no_memory() -> None:
    """Thousands between two sendings and an absent guide: bounded, the rest counted as lost."""
    lost: Counter[str] = Counter()

    def away(_area: str, _id: str, _batch: Sequence[SeenStop]) -> None:
        raise GuideAway

    queue = ScanQueue(away, lambda reason, count: lost.update({reason: count}),
                      kept_at_most=STRAYS_KEPT_AT_MOST)  # fmt: skip
    many = 10 * STRAYS_KEPT_AT_MOST
    for number in range(many):
        queue.count_stray("mine", f"{number:05}")
        assert len(queue._fresh) <= 2 * STRAYS_KEPT_AT_MOST + 1
    queue.flush()
    waiting = len(queue._seen) + sum(len(batch.scans) for batch in queue._batches)
    assert waiting <= STRAYS_KEPT_AT_MOST
    assert waiting + lost["full"] == many
