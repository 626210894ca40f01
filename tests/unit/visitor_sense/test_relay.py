"""What others deliver is reduced at once: addresses go in, hashes come out, nothing else."""

import io
import json
import signal
import struct
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.visitor_sense.domain.pseudonym import pseudonym
from services.visitor_sense.domain.sealing import secret_tag
from services.visitor_sense.sensor import relay
from services.visitor_sense.sensor.relay import NotUnderstood, reduce
from tests.unit.visitor_sense import made

KEY, TAG_KEY = bytes(range(32)), bytes(32)
AT = datetime(2026, 11, 21, 3, tzinfo=UTC)


def written(address: bytes) -> str:
    return ":".join(f"{byte:02x}" for byte in address)


def seen(address: bytes = made.PHONE, **more: Any) -> dict[str, Any]:
    record = {"time": AT.isoformat().replace("+00:00", "Z"), "nearestApRssi": -57}
    return {"clientMac": written(address), "ssid": "home", "ipv4": "10.0.0.7",
            "latestRecord": record | more}  # fmt: skip


def body(*observations: dict[str, Any], **more: Any) -> bytes:
    """A post as version 3 of the Scanning API sends it."""
    message = {"version": "3.0", "secret": "open sesame 1234", "type": "WiFi",
               "data": {"networkId": "N_1", "observations": list(observations)}}  # fmt: skip
    return json.dumps(message | more).encode()


def test_a_post_becomes_columns() -> None:
    found = reduce(KEY, TAG_KEY, body(seen(), seen(made.MADE_UP, nearestApRssi=0)))
    ms = int(AT.timestamp() * 1000)
    assert found == {
        "tag": secret_tag(TAG_KEY, "open sesame 1234").hex(),
        "times_ms": [ms, ms],
        "pseudonyms": [pseudonym(KEY, made.PHONE), pseudonym(KEY, made.MADE_UP)],
        "rssi_dbm": [-55, 0],
        "randomized": [False, True],
    }


def test_nothing_else_of_the_post_comes_out() -> None:
    said = json.dumps(reduce(KEY, TAG_KEY, body(seen())))
    for part in (written(made.PHONE), made.PHONE.hex(), "home", "10.0.0.7", "open sesame", "N_1"):
        assert part not in said


def test_what_is_not_of_wifi_counts_nobody() -> None:
    assert reduce(KEY, TAG_KEY, body(seen(), type="Bluetooth"))["times_ms"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        b"", b"[]", b"null", b"{}", b"\xff\xfe", b"[" * 100_000,
        body(seen(), version="2.0"), body({}), body({"clientMac": 7}),
        body({**seen(), "clientMac": "00:11"}), body({**seen(), "latestRecord": None}),
        body(seen(time="yesterday")), body(seen(nearestApRssi="loud")),
        body(seen(nearestApRssi=float("inf"))), body(seen(), data=[]),
        body(*[seen()] * (relay.MOST_OBSERVATIONS + 1)),
    ],
)  # fmt: skip
def test_other_bodies_are_refused_without_a_word_of_them(wrong: bytes) -> None:
    with pytest.raises(NotUnderstood) as refused:
        reduce(KEY, TAG_KEY, wrong)
    assert refused.value.args == ()
    assert refused.value.__cause__ is None


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["version", "secret", "type", "data", "observations", "clientMac",
                         "latestRecord", "time", "nearestApRssi"]), inner, max_size=5),
    max_leaves=12,
))  # fmt: skip
def test_no_document_can_hurt_it(document: Any) -> None:
    told: tuple[object, ...] = ()
    try:
        reduce(KEY, TAG_KEY, json.dumps(document).encode())
    except NotUnderstood as refused:
        told = refused.args
    assert told == ()


def framed(*bodies: bytes) -> io.BytesIO:
    length = struct.Struct("<I").pack
    parts = [KEY + length(60), *(length(len(each)) + TAG_KEY + each for each in bodies)]
    return io.BytesIO(b"".join(parts))


def test_the_child_answers_each_body_and_goes_on_after_a_bad_one() -> None:
    sink = io.BytesIO()
    relay.serve(framed(body(seen()), b"nonsense", body()), sink)
    signal.alarm(0)
    answers, data = [], sink.getvalue()
    while data:
        (size,) = struct.unpack("<I", data[:4])
        answers.append(json.loads(data[4 : 4 + size]))
        data = data[4 + size :]
    assert [len(each.get("times_ms", "-")) for each in answers] == [1, 1, 0]
    assert answers[1] == {"refusal": "BODY_MALFORMED"}


def test_the_child_ends_when_the_service_is_gone() -> None:
    half = io.BytesIO(framed(body(seen())).getvalue()[:-5])
    with pytest.raises(EOFError):
        relay.serve(half, io.BytesIO())
    signal.alarm(0)
