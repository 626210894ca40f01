"""Where registers hear: what the office shows of an address, and what its forms ask of payments."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn

import grpc
import pytest
from flask.testing import FlaskClient
from google.protobuf.timestamp_pb2 import Timestamp
from werkzeug.test import TestResponse

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import register_service_pb2 as pb
from services.edge.office import notice_words
from services.payments.domain.notice import OffReason
from tests.pages.edge.fakes import SESSION, Failure, FakeServices
from tests.pages.edge.test_office import ORIGIN, refusal_of, shop

HOME = "/till/office/registers"
SECRET = "whsec_bWVndXJp"
WHEN = Timestamp()
WHEN.FromDatetime(datetime(2026, 11, 27, 3, 0, tzinfo=UTC))


def address(**more: object) -> pb.NoticeAddress:
    known = {
        "address_id": "a1", "shop_place_id": "shop-a", "url": "https://register.example/x",
        "types": [pb.NOTICE_TYPE_CAPTURED], "generation": 1,
        "state": pb.NOTICE_ADDRESS_STATE_HEALTHY, "deliver_time": WHEN,
    }  # fmt: skip
    return pb.NoticeAddress(**(known | more))  # type: ignore[arg-type]


def notice(notice_id: str, state: "pb.NoticeState.ValueType", **more: object) -> pb.Notice:
    known = {"notice_id": notice_id, "payment_id": "p1", "type": pb.NOTICE_TYPE_CAPTURED,
             "state": state, "tries": 1, "create_time": WHEN}  # fmt: skip
    return pb.Notice(**(known | more))  # type: ignore[arg-type]


@pytest.fixture
def office(services: FakeServices, browser: FlaskClient) -> FakeServices:
    """The services with one address of a shop, and an admin signed in."""
    services.answers |= {
        "ListShops": lambda _: payments_pb.ListShopsResponse(shops=[shop(), shop("shop-b")]),
        "ListNoticeAddresses": lambda _: pb.ListNoticeAddressesResponse(addresses=[address()]),
        "ListNotices": lambda _: pb.ListNoticesResponse(),
        "MakeNoticeAddress": lambda _: pb.MakeNoticeAddressResponse(
            address=address(), secret=SECRET
        ),
        "TurnNoticeSecret": lambda _: pb.TurnNoticeSecretResponse(address=address(), secret=SECRET),
        "SwitchNoticeAddress": lambda _: pb.SwitchNoticeAddressResponse(address=address()),
        "TestNoticeAddress": lambda _: pb.TestNoticeAddressResponse(
            notice=notice("n9", pb.NOTICE_STATE_DEAD)
        ),
        "ReplayNotices": lambda _: pb.ReplayNoticesResponse(notice_count=3),
        "RemoveNoticeAddress": lambda _: pb.RemoveNoticeAddressResponse(),
    }
    browser.set_cookie("meguri_session", SESSION)
    return services


@pytest.fixture
def send(browser: FlaskClient, office: FakeServices) -> Callable[..., TestResponse]:
    """Sends a form of the page as a browser does."""

    def post(path: str = "", **fields: object) -> TestResponse:
        found = re.search(r'name="form_token" value="(\w+)"', browser.get(HOME).text)
        assert found
        form = {"form_token": found[1], "request_id": "r-12345678", **fields}
        return browser.post(f"{HOME}{path}", data=form, headers=ORIGIN)

    return post


def test_an_address_is_made_and_its_secret_is_shown_with_it_alone(
    browser: FlaskClient, office: FakeServices, send: Callable[..., TestResponse]
) -> None:
    answer = send(shop="shop-a", url=" https://register.example/x ", types=["1", "3", "9"])
    assert SECRET in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    (call,) = office.called("MakeNoticeAddress")
    assert (call.request_id, call.shop_place_id, call.url, list(call.types)) == (
        "r-12345678", "shop-a", "https://register.example/x",
        [pb.NOTICE_TYPE_CAPTURED, pb.NOTICE_TYPE_REFUNDED],
    )  # fmt: skip
    assert SECRET not in browser.get(HOME).text + browser.get(f"{HOME}/a1").text


def test_a_wrong_address_is_explained_and_the_form_kept(
    office: FakeServices, send: Callable[..., TestResponse]
) -> None:
    def refuse(_: object) -> NoReturn:
        raise refusal_of("url")

    office.answers["MakeNoticeAddress"] = refuse
    answer = send(shop="shop-a", url="http://register.example", types=["3"])
    assert answer.status_code == 422
    text = answer.text
    assert "https:// で始まるアドレス全体" in text
    assert 'value="http://register.example"' in text
    assert 'value="r-12345678"' in text
    assert re.findall(r'name="types" value="(\d)" checked', text) == ["3"]
    assert send(url="https://x.example", types=["1"]).status_code == 422
    assert len(office.called("MakeNoticeAddress")) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"state": pb.NOTICE_ADDRESS_STATE_FAILING, "failing_since": WHEN}, "正しく応答しません"),
        ({"state": pb.NOTICE_ADDRESS_STATE_OFF, "off_time": WHEN, "off_reason": "gone"}, "410"),
        ({"state": pb.NOTICE_ADDRESS_STATE_QUIET}, "まだ送っていません"),
        ({"old_secret_until": WHEN}, "前の鍵も"),
    ],
)
def test_the_page_says_how_an_address_fares(
    browser: FlaskClient, office: FakeServices, more: dict[str, object], said: str
) -> None:
    office.answers["ListNoticeAddresses"] = lambda _: pb.ListNoticeAddressesResponse(
        addresses=[address(**more)]
    )
    assert said in browser.get(f"{HOME}/a1", headers={"Accept-Language": "ja"}).text
    assert browser.get(f"{HOME}/a2").status_code == 404


def test_every_reason_of_payments_has_words() -> None:
    assert set(notice_words.OFF) == {each.value for each in OffReason}
    assert set(notice_words.STATES) == set(pb.NoticeState.values()) - {0}
    assert set(notice_words.ADDRESSES) == set(pb.NoticeAddressState.values()) - {0}
    assert set(notice_words.NAMES) == set(pb.NoticeType.values()) - {0}


def test_notices_are_listed_with_outcome_and_only_dead_ones_offer_another_try(
    browser: FlaskClient, office: FakeServices
) -> None:
    office.answers["ListNotices"] = lambda _: pb.ListNoticesResponse(notices=[
        notice("n1", pb.NOTICE_STATE_DELIVERED, status=204),
        notice("n2", pb.NOTICE_STATE_DEAD, fault="too_slow"),
        notice("n3", pb.NOTICE_STATE_WAITING, status=500, fault="refused", next_time=WHEN),
        notice("n4", pb.NOTICE_STATE_DEAD, type=pb.NOTICE_TYPE_TEST, payment_id=""),
    ])  # fmt: skip
    page = browser.get(f"{HOME}/a1?test=n4", headers={"Accept-Language": "ja"}).text
    assert "試し送りは届きませんでした" in page
    assert "15秒以内に応答がありませんでした" in page
    assert "次の送信" in page
    assert re.findall(r'name="notice_id" value="(\w+)"', page) == ["n2"]
    browser.get(f"{HOME}/a1?only=dead")
    assert office.called("ListNotices")[-1].state == pb.NOTICE_STATE_DEAD


def test_each_button_asks_for_what_it_says(
    office: FakeServices, send: Callable[..., TestResponse]
) -> None:
    assert send("/a1/test").headers["Location"] == f"{HOME}/a1?test=n9"
    send("/a1/switch", off="1")
    send("/a1/switch", off="0")
    assert [each.off for each in office.called("SwitchNoticeAddress")] == [True, False]
    assert SECRET in send("/a1/secret").text
    send("/a1/secret", at_once="1")
    assert [each.at_once for each in office.called("TurnNoticeSecret")] == [False, True]
    assert send("/a1/again").headers["Location"] == f"{HOME}/a1?again=3"
    send("/a1/again", notice_id="n2")
    assert [list(each.notice_ids) for each in office.called("ReplayNotices")] == [[], ["n2"]]
    assert send("/a1/remove").headers["Location"] == f"{HOME}?removed=1"
    calls = office.called("RemoveNoticeAddress") + office.called("TestNoticeAddress")
    assert {each.request_id for each in calls} == {"r-12345678"}


def test_an_address_that_is_off_says_what_to_do(
    office: FakeServices, send: Callable[..., TestResponse]
) -> None:
    def refuse(_: object) -> NoReturn:
        raise Failure(grpc.StatusCode.FAILED_PRECONDITION, "NOTICE_ADDRESS_OFF")

    office.answers["ReplayNotices"] = refuse
    answer = send("/a1/again")
    assert answer.status_code == 409
    assert "再開してから送ってください" in answer.text


def test_an_accountant_sees_and_is_offered_nothing_to_change(
    browser: FlaskClient, office: FakeServices
) -> None:
    office.user.ClearField("roles")
    office.user.roles.append(directory_pb.ROLE_ACCOUNTANT)
    for page in (browser.get(HOME).text, browser.get(f"{HOME}/a1").text):
        assert "https://register.example/x" in page
        assert f'action="{HOME}' not in page
