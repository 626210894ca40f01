"""Codes on old signs: where they lead, on which pages that is said, and what the shelf forgets."""

import json
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from services.edge import freshness
from services.edge.parts import Parts
from services.edge.shelf import Shelf
from tests.pages.edge.fakes import Failure, FakeServices

OLD, NEW, GONE = "M4T9B", "8WXC3", "P5RJ6"
TAIWAN = {"Accept-Language": "zh-TW"}
AT = datetime(2026, 11, 29, tzinfo=UTC)


def old_sign(code: str = OLD, target: str = NEW) -> guide_pb.RetiredStop:
    name = guide_pb.LocalizedText(text="青天井", locale="ja")
    return guide_pb.RetiredStop(stop_code=code, target_stop_code=target, name=name)


def retire(services: FakeServices, *old: guide_pb.RetiredStop) -> None:
    """Takes stops out of everything the guide answers."""
    services.retired = list(old)
    codes = {each.stop_code for each in old}
    stop, stops, contents = (
        services.answers[each] for each in ("ReadStop", "ListStops", "ListStopContents")
    )

    def one(request: Any) -> Any:
        if request.stop_code.upper() in codes:
            raise Failure(grpc.StatusCode.NOT_FOUND, "STOP_CODE_UNKNOWN")
        return stop(request)

    def without(answer: Any) -> Any:
        left = [each for each in answer.stops if each.stop_code not in codes]
        del answer.stops[:]
        answer.stops.extend(left)
        return answer

    services.answers |= {
        "ReadStop": one,
        "ListStops": lambda request: without(stops(request)),
        "ListStopContents": lambda request: without(contents(request)),
    }


@pytest.fixture
def watch(parts: Parts) -> freshness.Watch:
    return freshness.Watch(parts)


@pytest.mark.parametrize("path", [f"/g/{OLD}", f"/G/{OLD}", f"/g/{OLD.lower()}", f"/g/{OLD}/"])
def test_an_old_sign_leads_on_for_now_only(
    browser: FlaskClient, services: FakeServices, path: str
) -> None:
    retire(services, old_sign())
    answer = browser.get(path, headers=TAIWAN)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/g/{NEW}?moved={OLD}")
    assert answer.headers["Cache-Control"] == "no-store"
    page = browser.get(answer.headers["Location"], headers=TAIWAN)
    assert "此告示牌已遷移" in page.text
    assert OLD in page.text


def test_without_a_target_the_list_opens(browser: FlaskClient, services: FakeServices) -> None:
    retire(services, old_sign(target=""))
    answer = browser.get(f"/g/{OLD}")
    assert answer.headers["Location"] == f"/g/?moved={OLD}"
    assert "This sign has moved" in browser.get(answer.headers["Location"]).text


def test_a_page_that_says_so_is_nobody_elses(
    browser: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    retire(services, old_sign())
    browser.get(f"/g/{NEW}?moved={OLD}")
    assert parts.ready.get("mine", NEW, "en") is None
    assert "This sign has moved" not in browser.get(f"/g/{NEW}").text
    assert parts.ready.get("mine", NEW, "en") is not None
    assert "This sign has moved" in browser.get(f"/g/{NEW}?moved={OLD}").text


@pytest.mark.parametrize("moved", ["P5RJ6", "<script>", "", OLD])
def test_nobody_is_told_that_another_sign_moved(
    browser: FlaskClient, services: FakeServices, moved: str
) -> None:
    retire(services, old_sign(target=GONE))
    page = browser.get(f"/g/{NEW}", query_string={"moved": moved})
    assert page.status_code == 200
    assert "This sign has moved" not in page.text


def test_a_reading_of_an_old_sign_is_one_scan_of_its_stop(
    browser: FlaskClient, services: FakeServices, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    strays: list[str] = []
    monkeypatch.setattr(parts.scans, "count", lambda _area, code, *_: counted.append(code))
    monkeypatch.setattr(parts.strays, "count_stray", lambda _area, code: strays.append(code))
    retire(services, old_sign())
    browser.get(browser.get(f"/g/{OLD}").headers["Location"])
    assert counted == [OLD]
    browser.get(f"/g/{NEW}")
    assert counted == [OLD, NEW]
    assert not strays


def test_an_old_code_that_is_typed_leads_on(browser: FlaskClient, services: FakeServices) -> None:
    retire(services, old_sign())
    assert browser.get(f"/g/?q={OLD.lower()}").headers["Location"] == f"/g/{OLD}"


def test_a_program_is_told_where_an_old_code_leads(
    browser: FlaskClient, services: FakeServices
) -> None:
    retire(services, old_sign())
    answer = browser.get(f"/api/v1/stops/{OLD}")
    assert answer.status_code == 404
    assert answer.get_json()["cause"] == "stop_retired"
    assert answer.get_json()["target_stop_code"] == NEW


def test_a_pack_opens_old_codes_and_has_no_dead_link(
    browser: FlaskClient, services: FakeServices
) -> None:
    retire(services, old_sign(), old_sign(GONE, ""))
    document = json.loads(browser.get("/packs/mine/en/manifest.json").data)
    files = {line["path"]: line for line in document["files"]}
    assert document["texts"] == 2
    for code, target in ((OLD, f"/g/{NEW}"), (GONE, "/g/")):
        line = files[f"/g/{code}"]
        assert line["served"] == "en"  # so that the phone counts the reading
        page = browser.get(f"/packs/mine/en/files/{line['sha256']}").text
        assert "This sign has moved" in page
        assert f'href="{target}"' in page
        assert target in files


def test_while_the_guide_is_away_an_old_sign_leads_on_and_its_page_is_gone(
    browser: FlaskClient, services: FakeServices, watch: freshness.Watch
) -> None:
    """What the shelf held of a retired stop was served again, "as of" days ago."""
    watch.check()
    assert browser.get(f"/g/{OLD}").status_code == 200
    retire(services, old_sign())
    services.change_number, services.changed = 2, [OLD]
    watch.on()["tour_changed"]("mine")
    watch.check()
    assert browser.get(f"/g/{OLD}").status_code == 302
    for name in ("ReadStop", "ListStops", "ListStopContents", "ListStopChanges"):
        services.answers.pop(name)
    watch.check()
    assert browser.get(f"/g/{OLD}").headers["Location"] == f"/g/{NEW}?moved={OLD}"
    assert browser.get(f"/g/{NEW}").status_code == 200


def test_what_a_backup_does_not_know_is_not_served_while_the_guide_is_away(
    browser: FlaskClient, services: FakeServices, watch: freshness.Watch
) -> None:
    watch.check()
    retire(services, old_sign())
    services.retired = []  # the backup is from before the stop was added
    services.history = "restored "
    watch.check()
    for name in ("ReadStop", "ListStops", "ListStopContents", "ListStopChanges"):
        services.answers.pop(name)
    watch.check()
    assert browser.get(f"/g/{OLD}").status_code == 503


def test_another_history_with_the_same_number_is_read_anew(
    browser: FlaskClient, services: FakeServices, watch: freshness.Watch
) -> None:
    """A backup, restored and changed once, may stand at the very number that was known."""
    watch.check()
    services.text, services.history = "From the backup.", "restored "
    watch.check()
    assert "From the backup." in browser.get(f"/g/{NEW}").text


def test_another_history_that_went_on_is_not_trusted_with_few_changes(
    browser: FlaskClient, services: FakeServices, watch: freshness.Watch
) -> None:
    watch.check()
    services.text, services.history = "From the backup.", "restored "
    services.change_number, services.changed = 2, [GONE]
    watch.check()
    assert "From the backup." in browser.get(f"/g/{NEW}").text


def test_of_what_was_filled_nothing_is_left_over() -> None:
    shelf = Shelf()
    shelf.put("old", 1, AT, 1)
    kept = shelf.get("old")
    assert kept is not None
    assert not shelf.is_leftover("mine", kept), "nothing was filled yet"
    shelf.put("new", 1, AT, 2)
    shelf.mark_filled("mine", 2)
    assert shelf.is_leftover("mine", kept)
    fresh = shelf.get("new")
    assert fresh is not None
    assert not shelf.is_leftover("mine", fresh)
