"""Reports of gadgets: what they say, the minute they count in, who sends too many; and logins."""

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.nkeys import ACCOUNT, nkey
from services.visitor_sense.domain.errors import ReportMalformed, RequestMalformed
from services.visitor_sense.domain.gadgets import (
    AHEAD_MOST,
    BURST,
    CUT_OFF_S,
    LATE_A_LITTLE,
    LATE_MOST,
    Floods,
    Report,
    placed,
    read_report,
    read_user_name,
    user_name,
)
from services.visitor_sense.domain.logins import Asked, Issuer, read_asked
from services.visitor_sense.domain.sealing import raw_public_key

NOW = datetime(2026, 5, 4, 3, 7, 41, 5, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ASKED = Asked("UKEY", "NSERVER", 7, mqtt=True, user="mine.gate-pax", password="secret")


@pytest.mark.parametrize(
    ("told", "devices"),
    [
        ({"wifi": 12, "ble": 3, "pax": 15}, 15),
        ({"wifi": 12, "ble": 3}, 15),
        ({"wifi": 12}, 12),
        ({"pax": 0}, 0),
        ({"uplink_message": {"decoded_payload": {"wifi": 7, "ble": 0, "pax": 7}}}, 7),
    ],
)
def test_the_forms_of_a_report(told: object, devices: int) -> None:
    assert read_report(json.dumps(told).encode()) == Report(devices)


@pytest.mark.parametrize(
    "time", ["2026-05-04T12:07:41+09:00", "2026-05-04T03:07:41Z", 1777864061, 1777864061.0]
)
def test_the_forms_of_a_time(time: object) -> None:
    told = {"pax": 1, "time": time}
    assert read_report(json.dumps(told).encode()).time == NOW.replace(microsecond=0)
    uplink = {"uplink_message": {"decoded_payload": {"pax": 1}, "received_at": time}}
    assert read_report(json.dumps(uplink).encode()).time == NOW.replace(microsecond=0)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"12", b"null", b"[]", b"{}", b'{"wifi": 1.5}', b'{"wifi": true}', b'{"wifi": -1}',
        b'{"pax": 100001}', b'{"pax": NaN}', b'{"uplink_message": {}}', b"\xff", b"[" * 4_000,
        b'{"pax": 1, "time": "yesterday"}', b'{"pax": 1, "time": "2026-05-04T03:07:41"}',
        b'{"pax": 1, "time": 1e99}', b'{"pax": 1, "time": [1]}', b'{"pax": 1, "time": true}',
        b'{"pax": 1}' + b" " * 4_096,
    ],
)  # fmt: skip
def test_what_is_no_report(data: bytes) -> None:
    with pytest.raises(ReportMalformed) as refusal:
        read_report(data)
    assert "1777" not in str(refusal.value)


@given(st.binary(max_size=300) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["wifi", "ble", "pax", "time", "timestamp", "uplink_message",
                         "decoded_payload", "received_at"]), inner, max_size=4),
    max_leaves=9,
).map(lambda found: json.dumps(found).encode()))  # fmt: skip
def test_hostile_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        report = read_report(data)
    except ReportMalformed:
        return
    assert 0 <= report.devices <= 200_000
    assert report.time is None or report.time.tzinfo is UTC


@given(st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_a_report_counts_near_its_arrival_or_its_time(off: timedelta) -> None:
    found = placed(Report(5, NOW + off), NOW)
    plausible = -LATE_MOST <= off <= AHEAD_MOST
    assert found.skewed is not plausible
    at = NOW + off if plausible else NOW
    assert found.minute == at.replace(second=0, microsecond=0)
    little = -LATE_A_LITTLE <= off <= timedelta(0)
    assert found.ahead_s == pytest.approx(0.0 if little else off.total_seconds())


def test_a_report_without_a_time_counts_when_it_arrives() -> None:
    found = placed(Report(5), NOW)
    assert (found.minute, found.ahead_s, found.skewed) == (
        NOW.replace(second=0, microsecond=0), 0.0, False,
    )  # fmt: skip


def test_a_backlog_is_no_flood_and_a_flood_is_cut_off() -> None:
    floods = Floods()
    assert all(floods.take("mine", "a", 100.0) for _ in range(BURST))
    assert not floods.is_cut_off("mine", "a", 100.0)
    assert not floods.take("mine", "a", 100.0)
    assert floods.is_cut_off("mine", "a", 100.0 + CUT_OFF_S - 1)
    assert not floods.is_cut_off("mine", "a", 100.0 + CUT_OFF_S)
    assert floods.take("mine", "b", 100.0)
    assert [floods.take("mine", "a", 102.0) for _ in range(3)] == [True, True, False]


def test_a_report_a_second_is_never_too_many() -> None:
    floods = Floods()
    assert all(floods.take("mine", "a", float(second)) for second in range(5_000))


def test_floods_forget_who_is_quiet() -> None:
    floods = Floods(most=3)
    for number in range(9):
        floods.take("mine", str(number), 0.0)
    assert len(floods._left) == 3


@pytest.mark.parametrize(
    "text",
    ["", "mine", "mine.", ".gate", "mine.gate.x", "Mine.gate", "mine.gate pax", "visitor_sense",
     "mi*ne.gate", "mine.>"],
)  # fmt: skip
def test_names_that_are_no_gadget_s(text: str) -> None:
    assert read_user_name(text) is None
    assert read_user_name(user_name("mine", "gate-pax")) == ("mine", "gate-pax")


def test_keys_are_written_as_nats_does() -> None:
    # The first bytes say the kind; the check is that of XMODEM, low byte first.
    text = nkey(ACCOUNT, raw_public_key(KEY))
    assert text.startswith("A")
    assert len(text) == 56
    raw = base64.b32decode(text)
    assert raw[1:33] == raw_public_key(KEY)
    assert raw[33:] == binascii.crc_hqx(raw[:33], 0).to_bytes(2, "little")


def decoded(token: str) -> dict[str, object]:
    head, body, signature = (
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")
    )
    assert json.loads(head) == {"typ": "JWT", "alg": "ed25519-nkey"}
    KEY.public_key().verify(signature, token.rpartition(".")[0].encode())
    found: dict[str, object] = json.loads(body)
    return found


def test_who_is_let_in_may_say_one_thing_and_hear_nothing() -> None:
    answer = decoded(Issuer(KEY).allow(ASKED, "pax.mine.gate-pax", NOW).decode())
    assert (answer["sub"], answer["aud"]) == ("UKEY", "NSERVER")
    told = answer["nats"]
    assert isinstance(told, dict)
    user = decoded(told["jwt"])
    assert (user["sub"], user["aud"], user["iss"]) == ("UKEY", "$G", answer["iss"])
    assert user["exp"] == int(NOW.timestamp()) + 3_600
    rights = user["nats"]
    assert isinstance(rights, dict)
    assert (rights["pub"], rights["sub"]) == ({"allow": ["pax.mine.gate-pax"]}, {"deny": [">"]})
    assert rights["allowed_connection_types"] == ["MQTT"]
    assert "secret" not in json.dumps([answer, user])


def test_who_is_refused_gets_the_reason_alone() -> None:
    told = decoded(Issuer(KEY).refuse(ASKED, "PASSWORD_WRONG", NOW).decode())["nats"]
    assert told == {
        "type": "authorization_response", "version": 2, "error": "PASSWORD_WRONG",
    }  # fmt: skip


def question(content: object) -> bytes:
    return b"head." + base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=") + b".x"


def test_a_question_of_the_server_is_read() -> None:
    found = read_asked(question({"nats": {
        "server_id": {"id": "NSERVER"}, "user_nkey": "UKEY",
        "client_info": {"id": 7, "type": "mqtt"},
        "connect_opts": {"user": "mine.gate-pax", "pass": "secret"},
    }}))  # fmt: skip
    assert found == ASKED


@pytest.mark.parametrize(
    "data", [b"", b"x", b"a.b.c", question(1), question({"nats": None}), question({"nats": {}})]
)
def test_what_is_no_question(data: bytes) -> None:
    with pytest.raises(RequestMalformed):
        read_asked(data)
