"""Pages learn of what changed, also when no event says so; an older answer never comes back."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from services.edge import freshness, shelf
from services.edge.parts import Parts
from tests.pages.edge.fakes import AWAY, NAMES, Failure, FakeServices, closure

TAIWAN = {"Accept-Language": "zh-TW"}


@pytest.fixture
def watch(parts: Parts) -> freshness.Watch:
    return freshness.Watch(parts)


def test_the_check_brings_closures_to_kept_pages_without_any_event(
    browser: FlaskClient, services: FakeServices, parts: Parts, watch: freshness.Watch
) -> None:
    watch.check()
    assert "黑谷入口已關閉" not in browser.get("/g/8WXC3", headers=TAIWAN).text
    assert parts.ready.get("mine", "8WXC3", "zh-Hant") is not None
    services.closures = [closure("flood")]
    watch.check()
    assert parts.ready.get("mine", "8WXC3", "zh-Hant") is None
    assert "黑谷入口已關閉" in browser.get("/g/8WXC3", headers=TAIWAN).text
    services.closures = []
    watch.check()
    assert "黑谷入口已關閉" not in browser.get("/g/8WXC3", headers=TAIWAN).text


def test_a_check_that_finds_nothing_new_drops_nothing(
    browser: FlaskClient, parts: Parts, watch: freshness.Watch
) -> None:
    watch.check()
    browser.get("/g/8WXC3", headers=TAIWAN)
    watch.check()
    assert parts.ready.get("mine", "8WXC3", "zh-Hant") is not None


def test_pages_nobody_opened_open_from_the_shelf_after_a_check(
    browser: FlaskClient, services: FakeServices, watch: freshness.Watch
) -> None:
    watch.check()
    assert services.called("ReadStop") == []
    assert "Shallow basins" in browser.get("/g/8WXC3", headers=TAIWAN).text
    assert services.called("ReadStop") == []


def test_after_a_change_the_list_that_every_page_needs_is_asked_for_once(
    app: Flask, services: FakeServices, parts: Parts
) -> None:
    """Many open pages in the moment after a closure; the shelf is not checked yet."""
    parts.ready.drop("mine")
    plain, together = services.answers["ListStops"], threading.Barrier(8)

    def slow(request: Any) -> Any:
        time.sleep(0.02)
        return plain(request)

    services.answers["ListStops"] = slow

    def open_one(code: str) -> None:
        together.wait(5)
        assert app.test_client().get(f"/g/{code}", headers=TAIWAN).status_code == 200

    threads = [
        threading.Thread(target=open_one, args=(NAMES[n % len(NAMES)][0],)) for n in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(5)
    assert len(services.called("ListStops")) == 1
    parts.ready.drop("mine")  # the next change: asked for anew
    open_again = app.test_client().get(f"/g/{NAMES[0][0]}", headers=TAIWAN)
    assert open_again.status_code == 200
    assert len(services.called("ListStops")) == 2


def test_who_waits_for_anothers_answer_asks_when_it_does_not_come(
    app: Flask, services: FakeServices, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "WAIT_S", 0.01)
    parts.ready.drop("mine")
    with parts.shelf.one_at_a_time(("stops", "mine", "zh-Hant")):  # somebody whose answer hangs
        assert app.test_client().get("/g/", headers=TAIWAN).status_code == 200
    assert len(services.called("ListStops")) == 1


def test_a_new_text_replaces_kept_pages_and_the_shelf(
    browser: FlaskClient, services: FakeServices, watch: freshness.Watch
) -> None:
    watch.check()
    browser.get("/g/8WXC3", headers=TAIWAN)
    services.text, services.change_number = "Basins of lime.", 2
    watch.check()
    assert "Basins of lime." in browser.get("/g/8WXC3", headers=TAIWAN).text


def test_an_answer_from_before_a_publication_never_comes_back(
    app: Flask, browser: FlaskClient, services: FakeServices, watch: freshness.Watch
) -> None:
    """A request asks the guide; before it has its answer a new text is published and checked."""
    reading, published = threading.Event(), threading.Event()
    answer: Callable[[Any], Any] = services.answers["ReadStop"]

    def slow(request: Any) -> Any:
        old = answer(request)
        reading.set()
        assert published.wait(5)
        return old

    services.answers["ReadStop"] = slow
    early = threading.Thread(target=lambda: app.test_client().get("/g/8WXC3", headers=TAIWAN))
    early.start()
    assert reading.wait(5)
    services.text, services.change_number = "Basins of lime.", 2
    watch.check()
    published.set()
    early.join(5)
    assert "Basins of lime." in browser.get("/g/8WXC3", headers=TAIWAN).text


def test_a_stop_that_is_gone_is_not_read_from_the_shelf(
    browser: FlaskClient, services: FakeServices, parts: Parts, watch: freshness.Watch
) -> None:
    assert browser.get("/g/8WXC3", headers=TAIWAN).status_code == 200
    services.answers["ListStopContents"] = lambda _: guide_pb.ListStopContentsResponse()
    services.answers["ReadStop"] = _gone
    watch.check()
    assert browser.get("/g/8WXC3", headers=TAIWAN).status_code == 404


def test_one_area_that_fails_does_not_keep_the_others_from_being_checked(
    services: FakeServices, parts: Parts, watch: freshness.Watch
) -> None:
    list_areas = services.answers["ListAreas"]

    def two(request: Any) -> Any:
        answer: Any = list_areas(request)
        other = answer.areas.add()
        other.CopyFrom(answer.areas[0])
        other.area = "other"
        return answer

    services.answers["ListAreas"] = two
    asked: list[str] = []

    def contents(request: Any) -> Any:
        asked.append(request.locale)
        raise AWAY

    services.answers["ListStopContents"] = contents
    watch.check()
    assert len(asked) == 2


def test_after_a_silence_everything_kept_is_doubted(
    browser: FlaskClient, services: FakeServices, parts: Parts, watch: freshness.Watch
) -> None:
    browser.get("/g/8WXC3", headers=TAIWAN)
    services.closures = [closure("flood")]
    watch.doubt()
    assert "黑谷入口已關閉" in browser.get("/g/8WXC3", headers=TAIWAN).text


def _gone(_request: Any) -> Any:
    raise Failure(grpc.StatusCode.NOT_FOUND, "STOP_CODE_UNKNOWN")


def read_anew(services: FakeServices) -> list[tuple[str, list[str]]]:
    """Returns what was asked for since: (locale, stop codes; none means all)."""
    asked = [(each.locale, list(each.stop_codes)) for each in services.called("ListStopContents")]
    services.calls.clear()
    return asked


def test_of_one_changed_stop_no_other_is_read_anew(
    browser: FlaskClient, services: FakeServices, watch: freshness.Watch
) -> None:
    watch.check()
    assert {tuple(codes) for _, codes in read_anew(services)} == {()}
    services.text, services.change_number, services.changed = "Basins of lime.", 2, ["8WXC3"]
    watch.check()
    assert {tuple(codes) for _, codes in read_anew(services)} == {("8WXC3",)}
    assert "Basins of lime." in browser.get("/g/8WXC3", headers=TAIWAN).text
    assert "Basins of lime." not in browser.get("/g/M4T9B", headers=TAIWAN).text
    assert services.called("ReadStop") == [], "the shelf holds both"


def unpublish_a_language(services: FakeServices) -> None:
    changes = services.answers["ListStopChanges"]

    def fewer(request: Any) -> Any:
        answer: Any = changes(request)
        del answer.published_locales[-1]
        return answer

    services.answers["ListStopChanges"] = fewer


def retire_it(services: FakeServices) -> None:
    services.answers["ListStopContents"] = lambda _: guide_pb.ListStopContentsResponse()


def move_another(services: FakeServices) -> None:
    stops = services.answers["ListStops"]

    def moved(request: Any) -> Any:
        answer: Any = stops(request)
        next(stop for stop in answer.stops if stop.stop_code != "8WXC3").position += 1
        return answer

    services.answers["ListStops"] = moved


def change_nothing_named(services: FakeServices) -> None:
    services.changed = []


def go_back(services: FakeServices) -> None:
    services.change_number = 1


def change_many(services: FakeServices) -> None:
    services.changed = [f"K7Q{number:02}" for number in range(freshness.FEW + 1)]


@pytest.mark.parametrize(
    "more",
    [unpublish_a_language, retire_it, move_another, change_nothing_named, go_back, change_many],
)
def test_where_more_may_differ_everything_is_read_anew(
    services: FakeServices, watch: freshness.Watch, more: Callable[[FakeServices], None]
) -> None:
    services.change_number = 2
    watch.check()
    read_anew(services)
    services.change_number, services.changed = 3, ["8WXC3"]
    more(services)
    watch.check()
    assert [] in [codes for _, codes in read_anew(services)]


def test_new_settings_of_an_area_have_everything_read_anew(
    services: FakeServices, watch: freshness.Watch
) -> None:
    watch.check()
    read_anew(services)
    services.change_number, services.changed = 2, ["8WXC3"]
    watch.on()["area_configured"]("mine")
    watch.check()
    assert [] in [codes for _, codes in read_anew(services)]


def test_what_is_said_while_the_guide_is_asked_has_everything_read_anew(
    services: FakeServices, watch: freshness.Watch
) -> None:
    """Another stop is published after the guide's answer was made and heard of before it is here:
    the answer does not name it, and its event was for the turn before."""
    watch.check()
    read_anew(services)
    services.change_number, services.changed = 2, ["8WXC3"]
    changes = services.answers["ListStopChanges"]

    def slow(request: Any) -> Any:
        answer = changes(request)
        watch.on()["stop_published"]("mine")
        return answer

    services.answers["ListStopChanges"] = slow
    watch.check()
    assert [] in [codes for _, codes in read_anew(services)]


def test_a_guide_that_was_away_is_read_anew_for_it_may_be_an_older_one(
    services: FakeServices, watch: freshness.Watch
) -> None:
    watch.check()
    read_anew(services)
    changes = services.answers.pop("ListStopChanges")
    watch.check()
    services.answers["ListStopChanges"] = changes
    services.change_number, services.changed = 2, ["8WXC3"]
    contents = services.answers.pop("ListStopContents")
    watch.check()  # away again before all is read
    read_anew(services)
    services.answers["ListStopContents"] = contents
    watch.check()
    assert [] in [codes for _, codes in read_anew(services)]


def test_what_was_not_asked_about_is_no_longer_current_after_a_change(
    services: FakeServices, watch: freshness.Watch, parts: Parts
) -> None:
    """A language that is not published, say: pages that are not the guide's name a stop in it."""
    watch.check()
    shelf, turn = parts.shelf, parts.ready.turn("mine")
    for code in ("8WXC3", "M4T9B"):
        shelf.put(
            ("stop", "mine", code, "de"),
            guide_pb.StopContent(stop_code=code),
            datetime.now(UTC),
            turn,
        )
    services.change_number, services.changed = 2, ["8WXC3"]
    watch.check()
    turn = parts.ready.turn("mine")

    def current(code: str, locale: str) -> bool:
        kept = shelf.get(("stop", "mine", code, locale))
        return kept is not None and shelf.is_current("mine", kept, turn)

    assert current("8WXC3", "ja")
    assert current("M4T9B", "ja")
    assert not current("8WXC3", "de")
    assert not current("M4T9B", "de")
