"""The studio's stops: order, new ones, the plan to tap on, retiring and bringing back."""

import re
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import sign_service_pb2 as sign_pb
from meguri.multilingual.v1 import tour_service_pb2 as pb
from services.edge.studio import tour, tour_plan
from tests.pages.edge.fakes import Failure, FakeServices, stamp
from tests.pages.studio.test_pages import ORIGIN, browser, guide

__all__ = ["browser", "guide"]
PAGE = "/studio/stops"
ENGLISH = ORIGIN | {"Accept-Language": "en"}
AT = stamp(datetime(2026, 11, 20, tzinfo=UTC))


def stop(code: str, name: str, route_m: int = 0, **more: Any) -> pb.TourStop:
    given: dict[str, Any] = {"group": guide_pb.STOP_GROUP_ROUTE, "kind": "pool", "published": True}
    return pb.TourStop(stop_code=code, name=name, route_m=route_m, **(given | more))


def stops() -> pb.ReadTourResponse:
    return pb.ReadTourResponse(
        stops=[
            stop("M4T9B", "青天井", 120), stop("8WXC3", "百枚皿", 280, section_id="first"),
            stop("P5RJ6", "黄金柱", 90, published=False),
            stop("K7Q2X", "古い池", retire_time=AT, target_stop_code="8WXC3", published=False,
                 retire_reason=pb.RETIRE_REASON_MERGED),
        ],
        sections=[pb.TourSection(section_id="first", name="前半")],
        source_locale="ja",
        steps=[pb.TourStep(stop_code="K7Q2X", act=pb.TOUR_ACT_RETIRED, author="hanako",
                           step_time=AT)],
    )  # fmt: skip


@pytest.fixture(autouse=True)
def arranged(guide: FakeServices) -> None:
    site = directory_pb.Place(
        place_id="cave", kind=directory_pb.PLACE_KIND_SITE, names={"ja": "洞"}
    )
    guide.answers |= {
        "ReadTour": lambda _: stops(),
        "MoveStop": lambda _: pb.MoveStopResponse(before_after_stop_code="8WXC3"),
        "PlaceStop": lambda _: pb.PlaceStopResponse(before=stops().stops[1]),
        "AddStopPlace": lambda _: directory_pb.AddStopPlaceResponse(
            place=directory_pb.Place(place_id="cave/stop-1")
        ),
        "AddStop": lambda _: pb.AddStopResponse(stop=stop("TYPH3", "新しい柱")),
        "PreviewRetirement": lambda _: pb.PreviewRetirementResponse(
            stop=stops().stops[1], sheet_hangs=True, sheet_printed=True,
            renumbered_stop_codes=["P5RJ6"], previous_stop_code="M4T9B",
            next_stop_code="P5RJ6", draft_locales=["en"], published_locales=["ja", "en"],
            forwarded_stop_codes=["K7Q2X"],
        ),
        "RetireStop": lambda _: pb.RetireStopResponse(),
        "BringBackStop": lambda _: pb.BringBackStopResponse(),
        "ListPlaces": lambda _: directory_pb.ListPlacesResponse(places=[site]),
    }  # fmt: skip


def get(browser: FlaskClient, path: str) -> Any:
    return browser.get(path, base_url="http://guide.example.jp", headers=ENGLISH)


def send(browser: FlaskClient, path: str, **fields: Any) -> Any:
    page = get(browser, PAGE).text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    data = {"form_token": token.group(1), "request_id": "r-1", **fields}
    return browser.post(path, data=data, base_url="http://guide.example.jp", headers=ENGLISH)


def test_each_stop_can_go_up_and_down_without_a_script(browser: FlaskClient) -> None:
    page = get(browser, PAGE).text
    found = re.findall(r'action="/studio/stops/(\w+)/move">.*?name="after" value="(\w*)"', page)
    assert found == [
        ("M4T9B", "None"), ("M4T9B", "8WXC3"), ("8WXC3", ""), ("8WXC3", "P5RJ6"),
        ("P5RJ6", "M4T9B"), ("P5RJ6", "None"),
    ]  # fmt: skip
    assert page.count(" disabled") == 2
    assert "Visitors do not see it yet" in page
    assert "The plan has it earlier" in page  # 90 m after 280 m
    assert "古い池" in page


@given(st.lists(st.integers(0, 500), min_size=1, max_size=9))
def test_up_and_down_are_one_place_and_undo_one_another(meters: list[int]) -> None:
    found = [stop(f"S{at}", "x", m) for at, m in enumerate(meters)]
    rows = tour.rows(found)[guide_pb.STOP_GROUP_ROUTE]
    codes = [each.stop.stop_code for each in rows]

    def after(order: list[str], code: str, behind: str) -> list[str]:
        rest = [each for each in order if each != code]
        at = rest.index(behind) + 1 if behind else 0
        return [*rest[:at], code, *rest[at:]]

    for at, row in enumerate(rows):
        if row.up is not None:
            assert after(codes, codes[at], row.up).index(codes[at]) == at - 1
        if row.down is not None:
            assert after(codes, codes[at], row.down).index(codes[at]) == at + 1
    assert rows[0].up is None
    assert rows[-1].down is None


def test_a_move_is_sent_once_and_can_be_undone(browser: FlaskClient, guide: FakeServices) -> None:
    answer = send(browser, f"{PAGE}/M4T9B/move", after="P5RJ6")
    assert answer.headers["Location"] == f"{PAGE}?moved=M4T9B&behind=8WXC3#s-M4T9B"
    [asked] = guide.called("MoveStop")
    assert (asked.request_id, asked.stop_code, asked.after_stop_code) == (
        "r-1-M4T9B-P5RJ6", "M4T9B", "P5RJ6",
    )  # fmt: skip
    page = get(browser, f"{PAGE}?moved=M4T9B&behind=8WXC3").text
    undo = re.search(r'class="tour-row__undo".*?name="after" value="(\w*)"', page, re.DOTALL)
    assert undo is not None
    assert undo.group(1) == "8WXC3"


def test_a_new_stop_gets_its_place_and_opens_its_text(
    browser: FlaskClient, guide: FakeServices
) -> None:
    answer = send(browser, PAGE, name=" 新しい柱 ", reading="はしら", group="1", kind="column",
                  after="end", section="first", route_m="300", site="cave")  # fmt: skip
    assert answer.headers["Location"].startswith("/studio/TYPH3/ja")
    [place] = guide.called("AddStopPlace")
    assert (place.parent_place_id, dict(place.names)) == ("cave", {"ja": "新しい柱"})
    [asked] = guide.called("AddStop")
    assert (asked.place_id, asked.after_stop_code, asked.route_m, asked.kind) == (
        "cave/stop-1", "P5RJ6", 300, "column",
    )  # fmt: skip
    assert place.request_id == asked.request_id == "r-1"


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"group": "9"}, {"kind": "castle"}, {"route_m": "-1"}]
)
def test_what_is_no_stop_leaves_no_place_behind(
    browser: FlaskClient, guide: FakeServices, wrong: dict[str, str]
) -> None:
    fields = {"name": "柱", "group": "1", "kind": "column", "after": "end", "site": "cave"} | wrong
    answer = send(browser, PAGE, **fields)
    assert answer.status_code in (400, 422)
    assert not guide.called("AddStopPlace")
    assert not guide.called("AddStop")


def test_a_tap_on_the_plan_fills_the_meters_in(browser: FlaskClient) -> None:
    page = get(browser, f"{PAGE}/8WXC3").text
    taps = re.findall(r'href="/studio/stops/8WXC3\?m=(\d+)#place" tabindex="-1"', page)
    assert len(taps) == tour_plan.PIECES + 1
    assert [int(each) for each in taps] == sorted(map(int, taps))
    assert taps[-1] == "280"
    page = get(browser, f"{PAGE}/8WXC3?m=140").text
    assert re.search(r'id="route_m"[^>]*value="140"', page)


def test_a_placing_is_kept_and_says_how_it_was(browser: FlaskClient, guide: FakeServices) -> None:
    answer = send(browser, f"{PAGE}/8WXC3", route_m="140", kind="hall", section="")
    [asked] = guide.called("PlaceStop")
    assert (asked.route_m, asked.kind, asked.section_id) == (140, "hall", "")
    page = get(browser, answer.headers["Location"]).text
    assert re.search(r'name="kind" value="pool">.*name="section" value="first">', page)
    assert 'name="route_m" value="280"' in page
    send(browser, f"{PAGE}/8WXC3", route_m="", kind="hall")
    assert not guide.called("PlaceStop")[-1].HasField("route_m")


def test_before_retiring_it_is_told_what_that_touches(
    browser: FlaskClient, guide: FakeServices
) -> None:
    page = get(browser, f"{PAGE}/8WXC3/retire").text
    for words in ("Its sign hangs", "1 printed sign of another stop", "青天井", "K7Q2X", "English"):
        assert words in page
    assert not guide.called("RetireStop")
    options = re.findall(r'<option value="(\w*)"', page)
    assert options == ["", "M4T9B"]  # only what visitors see, never itself


def test_retiring_leads_the_sign_on_and_can_be_undone(
    browser: FlaskClient, guide: FakeServices
) -> None:
    answer = send(browser, f"{PAGE}/8WXC3/retire", target="M4T9B", reason="3")
    assert answer.headers["Location"] == f"{PAGE}?retired=8WXC3"
    [asked] = guide.called("RetireStop")
    assert (asked.target_stop_code, asked.reason) == ("M4T9B", pb.RETIRE_REASON_MERGED)
    page = get(browser, f"{PAGE}?retired=K7Q2X").text
    assert "its sign leads on from now on" in page
    send(browser, f"{PAGE}/K7Q2X/bring-back")
    assert guide.called("BringBackStop")[0].stop_code == "K7Q2X"


@pytest.mark.parametrize("reason", ["LAST_STOP", "STOP_RETIRED", "INVALID_FIELDS"])
def test_a_refusal_is_said_on_the_page(
    browser: FlaskClient, guide: FakeServices, reason: str
) -> None:
    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.FAILED_PRECONDITION, reason)

    guide.answers["RetireStop"] = refuse
    answer = send(browser, f"{PAGE}/8WXC3/retire", target="", reason="9")
    assert answer.status_code == 422
    assert "Nothing was changed." in answer.text


@pytest.mark.parametrize("code", ["NOPE1", "K7Q2X"])
def test_there_is_no_page_of_what_is_no_stop_of_the_tour(browser: FlaskClient, code: str) -> None:
    assert get(browser, f"{PAGE}/{code}").status_code == 404
    assert get(browser, f"{PAGE}/{code}/retire").status_code == 404


def test_a_reviewer_looks_and_has_no_button(browser: FlaskClient, guide: FakeServices) -> None:
    guide.user.roles[:] = [directory_pb.ROLE_REVIEWER]
    page = get(browser, PAGE).text
    assert "/move" not in page
    assert "bring-back" not in page
    assert "Editors arrange stops" in get(browser, f"{PAGE}/8WXC3").text


def test_a_sign_that_hangs_of_a_retired_stop_is_named(
    browser: FlaskClient, guide: FakeServices
) -> None:
    old = sign_pb.RetiredSign(stop_code="K7Q2X", name="古い池", hung_time=AT)
    guide.answers |= {
        "ListSigns": lambda _: sign_pb.ListSignsResponse(retired=[old]),
        "MarkSigns": lambda _: sign_pb.MarkSignsResponse(marked_count=1),
    }
    page = get(browser, "/studio/signs").text
    assert "1 sign hangs though its stop is retired" in page
    send(browser, "/studio/signs/hung", undo="K7Q2X")
    [asked] = guide.called("MarkSigns")
    assert (list(asked.stop_codes), asked.hung) == (["K7Q2X"], False)


@pytest.mark.parametrize("reason", ["9" * 5_000, "３", ""])
def test_a_reason_that_is_no_number_of_ours_is_none(
    browser: FlaskClient, guide: FakeServices, reason: str
) -> None:
    send(browser, f"{PAGE}/8WXC3/retire", target="M4T9B", reason=reason)
    assert guide.called("RetireStop")[-1].reason == pb.RETIRE_REASON_UNSPECIFIED
