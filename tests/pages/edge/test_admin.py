"""The operation page closes and reopens places and makes logins."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from tests.pages.edge.fakes import SESSION, FakeServices, closure

ORIGIN = {"Origin": "http://localhost"}


@pytest.fixture
def token(browser: FlaskClient) -> str:
    browser.set_cookie("meguri_session", SESSION)
    found = re.search(r'name="form_token" value="(\w+)"', browser.get("/admin").text)
    assert found
    return found[1]


def form(token: str, **fields: str) -> dict[str, str]:
    known = {"form_token": token, "request_id": "r-12345678", "reason": "flood", "until": "unknown"}
    return {**known, "place_id": "akiyoshido-kurotani", **fields}


def test_a_place_is_closed_until_further_notice(
    browser: FlaskClient, services: FakeServices, token: str
) -> None:
    answer = browser.post("/admin/closures", data=form(token), headers=ORIGIN)
    assert answer.headers["Location"].startswith("/admin?closed=c1")
    (call,) = services.called("ClosePlace")
    assert (call.place_id, call.reason, call.request_id) == (
        "akiyoshido-kurotani", "flood", "r-12345678",
    )  # fmt: skip
    assert not call.HasField("until_time")
    page = browser.get(answer.headers["Location"], headers={"Accept-Language": "ja"}).text
    assert "黒谷口を閉鎖しました" in page
    assert "取り消す" in page


def test_a_time_is_read_in_the_zone_of_the_area(
    browser: FlaskClient, services: FakeServices, token: str
) -> None:
    tokyo = datetime.now(ZoneInfo("Asia/Tokyo")).replace(second=0, microsecond=0)
    until = tokyo + timedelta(hours=5)
    fields = form(token, until="time", until_time=until.strftime("%Y-%m-%dT%H:%M"))
    browser.post("/admin/closures", data=fields, headers=ORIGIN)
    (call,) = services.called("ClosePlace")
    assert call.until_time.ToDatetime(tzinfo=UTC) == until


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"place_id": ""}, "場所を選んでください。"),
        ({"reason": ""}, "理由を選んでください。"),
        ({"reason": "nosuch"}, "理由を選んでください。"),
        ({"until": "time", "until_time": ""}, "日付と時刻を入れてください。"),
        ({"until": "time", "until_time": "tomorrow"}, "日付と時刻を入れてください。"),
        ({"until": "time", "until_time": "2001-01-01T00:00"}, "その時刻は過ぎています。"),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_nothing_is_closed(
    browser: FlaskClient, services: FakeServices, token: str, fields: dict[str, str], said: str
) -> None:
    answer = browser.post(
        "/admin/closures", data=form(token, **fields), headers={**ORIGIN, "Accept-Language": "ja"}
    )
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert services.called("ClosePlace") == []


def test_reason_and_length_of_a_closure_are_chosen_and_never_guessed(
    browser: FlaskClient, services: FakeServices, token: str
) -> None:
    page = browser.get("/admin").text
    chosen = re.search(r'<select[^>]*name="reason"[^>]*>(.*?)</select>', page, re.DOTALL)
    assert chosen
    assert chosen[1].startswith('<option value="">')
    assert "selected" not in chosen[1]
    assert not re.search(r'name="until"[^>]*checked', page)
    fields = {name: value for name, value in form(token).items() if name != "until"}
    answer = browser.post(
        "/admin/closures", data=fields, headers={**ORIGIN, "Accept-Language": "ja"}
    )
    assert "期間を選んでください。" in answer.text
    assert services.called("ClosePlace") == []
    kept = browser.post(
        "/admin/closures", data=form(token, place_id="", until="3h"), headers=ORIGIN
    ).text
    assert re.search(r'value="3h"[^>]*checked', kept)
    assert '<option value="flood" selected>' in kept


def test_a_closure_is_undone(browser: FlaskClient, services: FakeServices, token: str) -> None:
    services.closures = [closure()]
    answer = browser.post(
        "/admin/closures/c1/reopen", data={"form_token": token, "request_id": "r-22345678"},
        headers=ORIGIN,
    )  # fmt: skip
    assert answer.status_code == 303
    assert services.called("ReopenPlace")[0].closure_id == "c1"


def test_an_editor_closes_a_place_and_sees_it_closed(
    browser: FlaskClient, services: FakeServices
) -> None:
    services.user.ClearField("roles")
    services.user.roles.append(directory_pb.ROLE_EDITOR)
    browser.set_cookie("meguri_session", SESSION)
    assert browser.get("/admin").status_code == 403
    page = browser.get("/admin/closures", headers={"Accept-Language": "ja"}).text
    assert 'href="/studio/today"' in page
    assert 'href="/admin/users"' not in page
    found = re.search(r'name="form_token" value="(\w+)"', page)
    assert found
    answer = browser.post("/admin/closures", data=form(found[1]), headers=ORIGIN)
    assert answer.status_code == 303
    shown = browser.get(answer.headers["Location"], headers={"Accept-Language": "ja"})
    assert shown.status_code == 200
    assert "黒谷口を閉鎖しました" in shown.text
    reopened = browser.post(
        "/admin/closures/c1/reopen", headers=ORIGIN,
        data={"form_token": found[1], "request_id": "r-22345678"},
    )  # fmt: skip
    assert browser.get(reopened.headers["Location"]).status_code == 200


def test_a_new_login_shows_its_password_once(
    browser: FlaskClient, services: FakeServices, token: str
) -> None:
    fields = {
        "form_token": token,
        "request_id": "r-32345678",
        "login_name": " Gate2 ",
        "roles": "clerk",
    }
    page = browser.post("/admin/users", data=fields, headers=ORIGIN).text
    assert "four-made-up-words" in page
    assert services.called("CreateUser")[0].login_name == "gate2"
    assert "four-made-up-words" not in browser.get("/admin/users").text


@pytest.mark.parametrize("fields", [{"login_name": "ab", "roles": "clerk"}, {"login_name": "gate2"},
                                    {"login_name": "gate2", "roles": "visitor"}])  # fmt: skip
def test_a_bad_login_is_not_made(
    browser: FlaskClient, services: FakeServices, token: str, fields: dict[str, str]
) -> None:
    answer = browser.post(
        "/admin/users", data={"form_token": token, "request_id": "r-1", **fields}, headers=ORIGIN
    )
    assert "field__error" in answer.text
    assert services.called("CreateUser") == []


@pytest.fixture
def many_places(services: FakeServices) -> FakeServices:
    """A place of every kind, and stops of every group."""
    kinds = ("SITE", "GATE", "STOP", "POI", "SHOP", "TRANSIT_STOP", "OCCASION")
    places = [
        directory_pb.Place(
            place_id=f"a-{kind.lower()}", names={"ja": kind},
            kind=directory_pb.PlaceKind.Value(f"PLACE_KIND_{kind}"),
        )
        for kind in kinds
    ]  # fmt: skip
    groups = ("ROUTE", "ELSEWHERE", "ANIMAL", "HISTORY")
    for group in groups:
        stop = directory_pb.Place(
            place_id=f"stop-{group.lower()}", names={"ja": group},
            kind=directory_pb.PLACE_KIND_STOP,
        )  # fmt: skip
        places.append(stop)
    services.answers["ListPlaces"] = lambda _: directory_pb.ListPlacesResponse(places=places)
    services.answers["ListStops"] = lambda _: guide_pb.ListStopsResponse(
        stops=[
            guide_pb.StopSummary(
                place_id=f"stop-{group.lower()}",
                group=guide_pb.StopGroup.Value(f"STOP_GROUP_{group}"),
            )
            for group in groups
        ]
    )
    return services


def offered(browser: FlaskClient) -> list[str]:
    browser.set_cookie("meguri_session", SESSION)
    select = browser.get("/admin").text.split('name="place_id"')[1].split("</select>")[0]
    return re.findall(r'<option value="([^"]+)"', select)


def test_only_what_can_be_closed_is_offered(
    browser: FlaskClient, many_places: FakeServices
) -> None:
    assert offered(browser) == [
        "a-site", "a-gate", "a-poi", "a-shop", "stop-elsewhere", "stop-route", "a-stop",
    ]  # fmt: skip


def test_every_stop_is_offered_while_the_guide_cannot_say_what_it_is(
    browser: FlaskClient, many_places: FakeServices
) -> None:
    many_places.away.add("multilingual")
    assert {"stop-route", "stop-animal", "a-gate"} <= set(offered(browser))
