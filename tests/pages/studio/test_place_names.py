"""A stop that is renamed and its place: told at the desk, shown at the stop, and one button."""

import re
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import tour_service_pb2 as pb
from services.edge.studio.place_names import differing
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.studio.test_desk import desk
from tests.pages.studio.test_pages import ORIGIN, browser, get, guide

__all__ = ["browser", "guide"]
PAGE = "/studio/stops/K7Q2X"
NAME = st.text("池滝柱abc", min_size=1, max_size=4)
TONGUES = ("ja", "en", "ko")


def place(**more: Any) -> directory_pb.Place:
    given: dict[str, Any] = {
        "place_id": "cave/pool", "kind": directory_pb.PLACE_KIND_STOP, "version": 4, "kana": "いけ",
        "names": {"ja": "古い池", "en": "Pool"},
    }  # fmt: skip
    return directory_pb.Place(**given | more)


@pytest.fixture
def renamed(guide: FakeServices) -> FakeServices:
    stop = guide_pb.StopContent(
        stop_code="K7Q2X", place_id="cave/pool", name_reading="あたらしいいけ",
        names={"ja": "新しい<b>池", "en": "Pool"},
    )  # fmt: skip
    row = pb.TourStop(stop_code="K7Q2X", name="新しい池", published=True,
                      group=guide_pb.STOP_GROUP_ROUTE, kind="pool")  # fmt: skip
    guide.answers |= {
        "ListStopContents": lambda _: guide_pb.ListStopContentsResponse(stops=[stop]),
        "ListPlaces": lambda _: directory_pb.ListPlacesResponse(places=[place()]),
        "ReadTour": lambda _: pb.ReadTourResponse(stops=[row], source_locale="ja"),
        "RenameStopPlace": lambda _: directory_pb.RenameStopPlaceResponse(),
    }
    return guide


def follow(browser: FlaskClient) -> Any:
    page = get(browser, PAGE).text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    data = {"form_token": token[1], "request_id": "r-1", "version": "4"}
    return browser.post(
        f"{PAGE}/name", data=data, base_url="http://guide.example.jp", headers=ORIGIN
    )


def test_whoever_publishes_a_new_name_is_told_of_the_map(
    browser: FlaskClient, renamed: FakeServices
) -> None:
    renamed.answers["ReadNarration"] = lambda _: desk("ja")
    page = get(browser, "/studio/K7Q2X/ja?done=published").text
    assert "まだ別の名前です" in page
    assert "古い池" in page
    assert 'href="/studio/stops/K7Q2X#names"' in page
    for quiet in ("/studio/K7Q2X/ja", "/studio/K7Q2X/ja?done=saved"):
        assert "まだ別の名前です" not in get(browser, quiet).text
    renamed.answers["ReadNarration"] = lambda _: desk("en")  # that name is the same
    assert "まだ別の名前です" not in get(browser, "/studio/K7Q2X/en?done=published").text
    renamed.away.add("directory")  # the desk opens all the same
    assert get(browser, "/studio/K7Q2X/en?done=saved").status_code in {200, 503}


def test_one_button_calls_the_place_as_the_stop(
    browser: FlaskClient, renamed: FakeServices
) -> None:
    page = get(browser, PAGE).text
    assert "地図と閉鎖のお知らせでの名前" in page
    assert "新しい&lt;b&gt;池" in page
    assert "table--stack" in page  # on a phone each language has its two names below it
    assert (
        page.count('data-label="地図と閉鎖のお知らせ"') == page.count('data-label="案内地点"') == 1
    )
    answer = follow(browser)
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?done=named")
    [asked] = renamed.called("RenameStopPlace")
    assert (asked.place_id, asked.version, asked.request_id) == ("cave/pool", 4, "r-1")
    assert (dict(asked.names), asked.kana) == ({"ja": "新しい<b>池"}, "あたらしいいけ")
    assert "同じ名前になりました" in get(browser, answer.location).text
    called = place(names={"ja": "新しい<b>池", "en": "Pool"})
    renamed.answers["ListPlaces"] = lambda _: directory_pb.ListPlacesResponse(places=[called])
    assert "地図と閉鎖のお知らせでの名前" not in get(browser, PAGE).text
    assert follow(browser).location == f"{PAGE}?done=named"  # a second tap asks for nothing
    assert len(renamed.called("RenameStopPlace")) == 1


def test_a_place_that_was_changed_meanwhile_is_looked_at_again(
    browser: FlaskClient, renamed: FakeServices
) -> None:
    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.ABORTED, "VERSION_CONFLICT")

    renamed.answers["RenameStopPlace"] = refuse
    assert follow(browser).location == f"{PAGE}?done=again#names"


def test_reviewers_look_and_change_nothing(browser: FlaskClient, renamed: FakeServices) -> None:
    renamed.user.roles[:] = [directory_pb.ROLE_REVIEWER]
    page = get(browser, PAGE).text
    assert "地図と閉鎖のお知らせでの名前" in page
    assert f"{PAGE}/name" not in page


@given(was=st.dictionaries(st.sampled_from(TONGUES), NAME),
       now=st.dictionaries(st.sampled_from(TONGUES), NAME), reading=NAME)  # fmt: skip
def test_after_it_followed_nothing_differs(
    was: dict[str, str], now: dict[str, str], reading: str
) -> None:
    found = differing(place(names=was), now, reading, TONGUES)
    assert (found is None) == all(was.get(each) == name for each, name in now.items())
    if found is not None:
        told = {locale: name for locale, _was, name in found.rows}
        after = place(names=was | told, kana=found.kana or "いけ")
        assert differing(after, now, reading, TONGUES) is None
        assert (found.kana is None) == ("ja" not in told or reading == "いけ")
    gate = place(names=was, kind=directory_pb.PLACE_KIND_GATE)
    assert differing(gate, now, reading, TONGUES) is None
