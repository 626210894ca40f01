"""A Meraki network's posts: counted once, under its secret, and no address outside of the child."""

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.domain import day
from services.visitor_sense.domain.errors import RelayBusy
from services.visitor_sense.gateways import relay
from services.visitor_sense.gateways.relay import HashingChildren
from tests.service.visitor_sense.conftest import Sense
from tests.service.visitor_sense.test_privacy import MARKERS, everything, hits, needles
from tests.unit.visitor_sense import made
from tests.unit.visitor_sense.test_relay import body, seen, written

SECRET = "a secret of the network"
NETWORK = "visitor-center-meraki"


async def enroll(sense: Sense, secret: str = SECRET) -> None:
    request = wire.EnrollMerakiRequest(
        request_id=str(uuid.uuid4()), sensor_id=NETWORK, zone_id="gate", validator="v4l1d4t0r",
        secret=secret,
    )  # fmt: skip
    await sense.admin.EnrollMeraki(request, timeout=30)


async def post(
    sense: Sense, *addresses: bytes, secret: str = SECRET, network: str = NETWORK
) -> int:
    now = datetime.now(UTC).isoformat()
    content = body(*(seen(address, time=now) for address in addresses), secret=secret)
    return await send(sense, content, network)


async def send(sense: Sense, content: bytes, network: str = NETWORK) -> int:
    request = wire.ReceiveMerakiRequest(
        request_id=str(uuid.uuid4()), sensor_id=network, body=content
    )
    answer = await sense.stub(Role.VISITOR).ReceiveMeraki(request, timeout=30)
    return int(answer.observation_count)


async def refused(call: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call
    return problem_of(error.value).reason


async def frames(sense: Sense) -> list[tuple[int, int]]:
    request = wire.CountDevicesRequest()
    request.from_time.FromSeconds(int(datetime.now(UTC).timestamp()) - 3_600)
    request.to_time.FromSeconds(int(datetime.now(UTC).timestamp()) + 3_600)
    answer = await sense.stub(Role.ANALYST).CountDevices(request, timeout=30)
    return [(hour.frames, hour.devices.estimate) for hour in answer.hours]


async def test_posts_are_counted_once_and_the_network_is_listed(sense: Sense) -> None:
    await enroll(sense)
    phones = [made.phone(number) for number in range(12)]
    content = body(*(seen(one, time=datetime.now(UTC).isoformat()) for one in phones),
                   secret=SECRET)  # fmt: skip
    assert await send(sense, content) == 12
    assert await send(sense, content) == 0
    assert await frames(sense) == [(12, 12)]
    answer = await sense.admin.ListSensors(wire.ListSensorsRequest(), timeout=30)
    (network,) = [one for one in answer.sensors if one.sensor_id == NETWORK]
    assert (network.observations, network.state) == (12, wire.SENSOR_STATE_OK)


async def test_a_wrong_secret_counts_nothing_and_is_shown(sense: Sense) -> None:
    await enroll(sense)
    assert (
        await refused(post(sense, made.PHONE, secret="not that of the network")) == "SECRET_WRONG"
    )
    assert await refused(post(sense, made.PHONE, secret="")) == "SECRET_WRONG"
    assert await frames(sense) == []
    answer = await sense.admin.ListSensors(wire.ListSensorsRequest(), timeout=30)
    assert {one.sensor_id: one.posts_refused for one in answer.sensors}[NETWORK] == 2


async def test_a_flood_of_strangers_does_not_shut_the_network_out(
    sense: Sense, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = HashingChildren._asked

    async def noted(self: HashingChildren, area: str, *rest: Any) -> dict[str, Any]:
        asked.append(area)
        return await real(self, area, *rest)

    monkeypatch.setattr(HashingChildren, "_asked", noted)
    await enroll(sense)
    now = datetime.now(UTC).isoformat()
    large = body(*[seen(time=now)] * 4_000, secret="not that of the network")
    strangers = [refused(send(sense, large)) for _ in range(16)]
    *answers, counted = await asyncio.gather(*strangers, post(sense, made.PHONE))
    assert answers == ["SECRET_WRONG"] * 16
    assert counted == 1
    assert len(asked) == 1  # the network's own


async def test_a_secret_that_stands_elsewhere_in_the_body_is_not_enough(sense: Sense) -> None:
    await enroll(sense)
    now = datetime.now(UTC).isoformat()
    nested = body(seen(time=now) | {"secret": SECRET}, secret="not that of the network")
    assert await refused(send(sense, nested)) == "SECRET_WRONG"
    many = body(*[seen(time=now) | {"secret": "x"}] * 20, secret="x" * 20)
    assert await refused(send(sense, many)) == "SECRET_WRONG"
    assert await refused(send(sense, body(seen(time=now), secret="\ud800" * 20))) == "SECRET_WRONG"
    assert await frames(sense) == []


async def test_a_secret_of_any_letters_is_found(sense: Sense) -> None:
    odd = 'ひみつ "of" the \\ network'
    await enroll(sense, odd)
    assert await post(sense, made.PHONE, secret=odd) == 1


async def test_a_new_secret_takes_the_place_of_the_old_one(sense: Sense) -> None:
    await enroll(sense)
    await enroll(sense, "another secret, longer")
    assert await refused(post(sense, made.PHONE)) == "SECRET_WRONG"
    assert await post(sense, made.PHONE, secret="another secret, longer") == 1


async def test_meraki_gets_its_validator_and_strangers_nothing(sense: Sense) -> None:
    await enroll(sense)
    ask = sense.stub(Role.VISITOR).ReadMerakiValidator
    found = await ask(wire.ReadMerakiValidatorRequest(sensor_id=NETWORK), timeout=30)
    assert found.validator == "v4l1d4t0r"
    for unknown in ("nobody", "gate-1"):
        request = wire.ReadMerakiValidatorRequest(sensor_id=unknown)
        assert await refused(ask(request, timeout=30)) == "SENSOR_UNKNOWN"
        assert await refused(post(sense, made.PHONE, network=unknown)) == "SENSOR_UNKNOWN"
    await sense.admin.RevokeSensor(
        wire.RevokeSensorRequest(request_id=str(uuid.uuid4()), sensor_id=NETWORK), timeout=30
    )
    assert await refused(post(sense, made.PHONE)) == "SENSOR_UNKNOWN"


async def test_what_cannot_be_read_is_refused_and_the_next_post_counts(sense: Sense) -> None:
    await enroll(sense)
    assert await refused(send(sense, b"\xff{")) == "BODY_MALFORMED"
    assert await post(sense, made.PHONE) == 1


async def test_who_opted_out_is_not_counted_here_either(sense: Sense) -> None:
    await enroll(sense)
    await sense.admin.AddOptOut(
        wire.AddOptOutRequest(request_id=str(uuid.uuid4()), address=written(made.phone(1))),
        timeout=30,
    )
    assert await post(sense, made.phone(1), made.phone(2)) == 1


async def test_no_form_of_a_posted_address_is_anywhere(
    sense: Sense, valkey_server: str, capfd: pytest.CaptureFixture[str]
) -> None:
    await enroll(sense)
    assert await post(sense, *MARKERS) == len(MARKERS)
    assert await refused(post(sense, *MARKERS, secret="wrong")) == "SECRET_WRONG"
    assert (
        await refused(send(sense, body(*map(seen, MARKERS), secret=SECRET)[:-1]))
        == "BODY_MALFORMED"
    )
    out, err = capfd.readouterr()
    kept = await everything(sense, valkey_server, out + err)
    assert hits(kept, needles(MARKERS, [SECRET.encode()])) == []


async def test_a_flood_is_bounded_and_a_child_that_hangs_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "ANSWER_S", 0.5)
    monkeypatch.setattr(relay, "MOST_WAITING", 3)
    children, today = HashingChildren(), day.key_date(datetime.now(UTC))

    def other() -> Any:
        return children.reduce("mine", today, 1, bytes(32), 60, b"o" * 32, body(seen()))

    def ask(epoch: int = 1) -> Any:
        return children.reduce("mine", today, epoch, bytes(32), 60, bytes(32), body(seen()))

    try:
        monkeypatch.setattr(relay, "MOST_OF_NETWORK", 2)
        of_one = await asyncio.gather(*(ask() for _ in range(3)), other(), return_exceptions=True)
        assert [isinstance(each, RelayBusy) for each in of_one] == [False, False, True, False]
        monkeypatch.setattr(relay, "MOST_OF_NETWORK", 9)
        first = await asyncio.gather(*(ask() for _ in range(6)), return_exceptions=True)
        assert sum(isinstance(each, RelayBusy) for each in first) == 3
        process = children._children["mine"].process
        process.send_signal(19)  # SIGSTOP: it hangs
        with pytest.raises(RelayBusy):
            await ask()
        assert len((await ask())["times_ms"]) == 1
        again = children._children["mine"].process
        assert again.pid != process.pid
        await ask(2)  # another epoch: another child
        assert again.returncode is not None
        assert await children.end_past(today) == 0
        assert await children.end_past(day.date_of_day(1)) == 1
        assert children._children == {}
    finally:
        await children.close()
