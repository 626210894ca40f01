"""Counted pages reach the guide in batches; what failed is sent again under the same request id."""

import re
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge import language
from services.edge import scans as module
from services.edge.freshness import send_scans
from services.edge.hot import HotPages
from services.edge.language import choose_all
from services.edge.parts import Parts
from services.edge.scans import BATCH_AT_MOST, TRIES, GuideAway, ScanQueue, SeenStop
from tests.pages.edge.fakes import AWAY, Failure, FakeServices


class Guide:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str, list[str]]] = []
        self.tried: list[str] = []
        self.trouble: Exception | None = None
        self.lost: Counter[str] = Counter()
        self.queue = ScanQueue(self.take, lambda reason, count: self.lost.update({reason: count}))

    def take(self, area: str, request_id: str, batch: Sequence[SeenStop]) -> None:
        self.tried.append(request_id)
        if self.trouble is not None:
            raise self.trouble
        self.sent.append((area, request_id, [seen.stop_code for seen in batch]))

    def see(self, code: str, area: str = "mine") -> None:
        self.queue.count(area, code, "ko", "ko")


@pytest.fixture
def guide() -> Guide:
    return Guide()


def test_scans_are_batched_by_area(guide: Guide) -> None:
    for number in range(BATCH_AT_MOST + 3):
        guide.see(str(number), "mine" if number else "demo")
    guide.queue.flush()
    assert sorted((area, len(codes)) for area, _, codes in guide.sent) == [
        ("demo", 1), ("mine", 2), ("mine", BATCH_AT_MOST),
    ]  # fmt: skip


def test_views_alike_are_counted_together() -> None:
    sent: list[SeenStop] = []
    queue = ScanQueue(lambda _area, _id, batch: sent.extend(batch), lambda *_: None)
    for wished in ("ko", "ko", "ja", "ko"):
        queue.count("mine", "8WXC3", wished, "ja")
    queue.count("mine", "8WXC3", "ko", "ko")
    queue.count("mine", "M4T9B", "ko", "ja")
    queue.flush()
    assert sorted((seen.stop_code, seen.wished, seen.served, seen.count) for seen in sent) == [
        ("8WXC3", "ja", "ja", 1), ("8WXC3", "ko", "ja", 3), ("8WXC3", "ko", "ko", 1),
        ("M4T9B", "ko", "ja", 1),
    ]  # fmt: skip
    assert len({seen.scan_id for seen in sent}) == 4
    queue.flush()
    assert len(sent) == 4  # each once


def test_while_the_guide_is_away_each_minute_waits_by_itself(
    guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[SeenStop] = []
    now = 1_790_000_000.0
    monkeypatch.setattr("services.edge.scans.time.time", lambda: now)
    guide.trouble = GuideAway()
    guide.see("first")  # is on its way, as it is, from here on
    for _ in range(300):
        now += 1
        guide.queue.flush()
        guide.see("8WXC3")
    guide.trouble = None
    guide.queue._send = lambda _area, _id, batch: sent.extend(batch)
    guide.queue.flush()
    found = [seen for seen in sent if seen.stop_code == "8WXC3"]
    assert sum(seen.count for seen in found) == 300
    assert 5 <= len(found) <= 6
    assert len({seen.at.replace(second=0) for seen in found}) == len(found)
    assert not guide.lost


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "away", "refused"]))))
def test_every_view_is_counted_or_lost_once(steps: list[tuple[str, str]]) -> None:
    got: dict[str, int] = {}
    guide = Guide()

    def take(_area: str, _id: str, batch: Sequence[SeenStop]) -> None:
        if trouble == "away":
            raise GuideAway
        if trouble == "refused":
            raise ValueError
        got.update({seen.scan_id: seen.count for seen in batch})

    guide.queue._send = take
    for code, trouble in steps:  # noqa: B007 - take reads it
        guide.see(code)
        guide.queue.flush()
    trouble = ""
    guide.queue.flush()
    assert sum(got.values()) + guide.lost.total() == len(steps)


def test_what_met_nobody_is_sent_again_under_the_same_id(guide: Guide) -> None:
    guide.trouble = GuideAway()
    guide.see("8WXC3")
    guide.queue.flush()
    guide.queue.flush()
    guide.trouble = None
    guide.queue.flush()
    guide.queue.flush()
    assert len(guide.sent) == 1
    assert len(set(guide.tried)) == 1


def test_a_guide_that_is_away_for_long_loses_nothing_below_the_bound(guide: Guide) -> None:
    guide.trouble = GuideAway()
    for number in range(200):
        guide.see(str(number))
        guide.queue.flush()
    assert len(guide.tried) == 200  # one question each time: a guide that hangs costs 2 s, not more
    guide.trouble = None
    guide.queue.flush()
    assert [code for *_, codes in guide.sent for code in codes] == [str(n) for n in range(200)]
    assert len(guide.sent) == 2  # not one call for each of the moments it was away
    assert not guide.lost


def test_beyond_the_bound_the_oldest_leave_and_are_counted(
    guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide.queue._kept_at_most = 50
    monkeypatch.setattr(module, "BATCH_AT_MOST", 5)  # what was sent once leaves as a whole
    guide.trouble = GuideAway()
    for number in range(80):
        guide.see(str(number))
        guide.queue.flush()
    guide.trouble = None
    guide.queue.flush()
    codes = [code for *_, codes in guide.sent for code in codes]
    assert 45 <= len(codes) <= 51
    assert codes == [str(number) for number in range(80 - len(codes), 80)]
    assert guide.lost == {"full": 80 - len(codes)}


def test_a_batch_that_is_refused_is_given_up_and_holds_up_no_other(guide: Guide) -> None:
    guide.trouble = ValueError("no such area")
    guide.see("8WXC3")
    guide.queue.flush()
    refused = guide.tried[0]
    guide.trouble = None

    def take(area: str, request_id: str, batch: Sequence[SeenStop]) -> None:
        guide.tried.append(request_id)
        if request_id == refused:
            raise ValueError
        guide.sent.append((area, request_id, [seen.stop_code for seen in batch]))

    guide.queue._send = take
    guide.see("M4T9B")
    for _ in range(TRIES + 5):
        guide.queue.flush()
    assert [codes for *_, codes in guide.sent] == [["M4T9B"]]
    assert guide.tried.count(refused) == TRIES
    assert guide.lost == {"refused": 1}


def test_what_is_queued_at_the_end_is_sent(guide: Guide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY_S", 60.0)
    guide.queue.start()
    guide.see("8WXC3")
    guide.queue.stop()
    assert len(guide.sent) == 1
    assert not guide.lost


def test_what_cannot_be_sent_at_the_end_is_counted_as_lost(guide: Guide) -> None:
    guide.trouble = GuideAway()
    guide.queue.start()
    guide.see("8WXC3")
    guide.queue.stop()
    assert guide.lost == {"stopped": 1}
    assert "scans" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (AWAY, GuideAway),
        (Failure(grpc.StatusCode.DEADLINE_EXCEEDED), GuideAway),
        (Failure(grpc.StatusCode.RESOURCE_EXHAUSTED), GuideAway),
        (Failure(grpc.StatusCode.INVALID_ARGUMENT), grpc.RpcError),
    ],
)
def test_what_is_an_outage_and_what_a_refusal(
    services: FakeServices, failure: Failure, expected: type[Exception]
) -> None:
    def fail(_: object) -> None:
        raise failure

    services.answers["RecordScans"] = fail  # type: ignore[assignment]
    with pytest.raises(expected) as raised:
        send_scans(services, print, "mine", "r-12345678", [])  # type: ignore[arg-type]
    assert isinstance(raised.value, GuideAway) == (expected is GuideAway)


def test_what_the_guide_takes_none_of_is_counted_as_lost(services: FakeServices) -> None:
    services.answers["RecordScans"] = lambda request: pb.RecordScansResponse(
        recorded_count=1,
        rejected=[pb.RejectedScan(scan_id=request.scans[1].scan_id, reason="STOP_CODE_UNKNOWN")],
    )
    lost: list[tuple[str, int]] = []
    now = datetime.now(UTC)
    batch = [SeenStop("8WXC3", "ko", "ko", now, 2), SeenStop("M4T9B", "ko", "ko", now, 5)]
    send_scans(services, lambda *told: lost.append(told), "mine", "r-12345678", batch)  # type: ignore[arg-type]
    assert lost == [("refused", 5)]


def test_languages_nobody_reads_here_are_one(app: Flask, parts: Parts) -> None:
    """Invented ones make no row of their own, and do not push others out."""
    assert [language.counted_wish(wish, ("ja", "pt")) for wish in
            ("zh-TW", "en-GB", "pt-BR", "xh", "abc-AB", "und", "")] == [
        "zh-Hant", "en", "pt", "other", "other", "other", "",
    ]  # fmt: skip
    seen: list[SeenStop] = []
    queue = ScanQueue(
        lambda _area, _id, batch: seen.extend(batch), lambda *_: None,
        lambda area, wish: language.counted_wish(wish, parts.areas.locales_of(area)),
    )  # fmt: skip
    for number in range(300):
        queue.count("mine", "8WXC3", f"abc-{number:03}", "en")
    queue.flush()
    assert sum(each.count for each in seen) == 300
    assert {each.wished for each in seen} == {"other"}
    assert len(seen) <= 2  # one a minute


def test_a_wish_is_kept_no_longer_than_a_language_tag() -> None:
    seen: list[SeenStop] = []
    queue = ScanQueue(lambda _area, _id, batch: seen.extend(batch), lambda *_: None)
    queue.count("mine", "8WXC3", "zh-Hant-TW", "zh-Hant")
    queue.count("mine", "8WXC3", "x" * 500, "ja")
    queue.flush()
    assert [scan.wished for scan in seen] == ["zh-Hant-TW", "x" * 35]


CHOSE_JAPANESE = {"Accept-Language": "en-US,en;q=0.9", "Cookie": "meguri_locale=ja"}


@pytest.mark.parametrize(
    ("headers", "wished"),
    [
        (CHOSE_JAPANESE, "ja"),
        ({"Accept-Language": "en;q=0.5, zh-TW"}, "zh-TW"),
        ({"Accept-Language": "en-US", "Cookie": "meguri_locale=xx"}, "en-US"),
        ({"Accept-Language": "xh, x-my-secret"}, "xh"),
        ({"Accept-Language": "ko"}, "ko"),
        ({}, ""),
    ],
)
@pytest.mark.parametrize("served", ["same", "ja"])
def test_a_page_that_was_kept_is_counted_like_one_that_is_made(
    app: Flask, services: FakeServices, parts: Parts, headers: dict[str, str], wished: str,
    served: str,
) -> None:  # fmt: skip
    seen: list[SeenStop] = []
    parts.scans = ScanQueue(lambda _area, _id, batch: seen.extend(batch), lambda *_: None)
    read = services.answers["ReadStop"]

    def not_yet_translated(request: Any) -> Any:
        answer: Any = read(request)
        answer.stop.locale = "ja"
        return answer

    if served == "ja":
        services.answers["ReadStop"] = not_yet_translated
    made_of = len(services.called("ReadStop"))
    pages = HotPages(
        parts.ready, parts.areas, parts.assets, choose_all, parts.scans.count, parts.shelf.published
    )

    def kept_or_made(environ: Any, start: Any) -> Any:
        answer = pages.find(
            environ["PATH_INFO"], environ["QUERY_STRING"], environ["HTTP_HOST"],
            lambda name, default: environ.get(f"HTTP_{name.upper().replace('-', '_')}", default),
        )  # fmt: skip
        if answer is None:
            return app.wsgi_app(environ, start)
        start(f"{answer.status} OK", answer.headers)
        return [answer.body]

    browser = Client(kept_or_made, use_cookies=False)
    for _ in range(2):
        assert browser.get("/g/8WXC3", headers=headers).status_code == 200
        parts.scans.flush()  # each by itself
    assert len(services.called("ReadStop")) == made_of + 1, "the second page was not a kept one"
    made, kept = seen
    assert (made.wished, made.served) == (kept.wished, kept.served)
    assert made.wished == wished
    if served == "ja":
        assert kept.served == "ja"


def test_views_that_an_edge_loses_are_in_its_metrics(
    browser: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    def lost() -> float:
        found = re.search(
            r'^meguri_edge_views_lost_total{reason="refused"} (\S+)$',
            browser.get("/metrics").text, re.M,
        )  # fmt: skip
        return float(found[1]) if found else 0.0

    def refuse(_: object) -> Any:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT)

    before, services.answers["RecordScans"] = lost(), refuse
    for _ in range(2):
        browser.get("/g/8WXC3")
    for _ in range(TRIES):
        parts.scans.flush()
    assert lost() == before + 2
