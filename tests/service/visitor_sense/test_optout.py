"""Who is on the opt-out list is not counted: at once, under every key, and readable nowhere."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest

from kit.client import problem_of
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.domain import day
from services.visitor_sense.domain.pseudonym import pseudonym
from services.visitor_sense.sensor.captures import RADIOTAP
from tests.service.visitor_sense.conftest import Sense, until
from tests.service.visitor_sense.test_live_sensor import hold, observed, shown, working
from tests.service.visitor_sense.test_privacy import forms, hits, streams, tables
from tests.unit.visitor_sense import made


def written(address: bytes) -> str:
    return ":".join(f"{byte:02x}" for byte in address)


async def add(sense: Sense, text: str, request_id: str = "") -> str:
    request = wire.AddOptOutRequest(request_id=request_id or str(uuid.uuid4()), address=text)
    return str((await sense.admin.AddOptOut(request, timeout=30)).entry_id)


async def remove(sense: Sense, text: str) -> bool:
    request = wire.RemoveOptOutRequest(request_id=str(uuid.uuid4()), address_or_entry_id=text)
    return bool((await sense.admin.RemoveOptOut(request, timeout=30)).removed)


async def test_a_working_sensor_hears_of_it_at_once(sense: Sense, tmp_path: Path) -> None:
    kept, gone = made.phone(1), made.phone(2)
    async with working(sense, tmp_path / "spool") as program:
        await hold(lambda: program.link.keys)
        entry = await add(sense, written(gone))
        await hold(lambda: program._batcher._left_out)
        program.take(RADIOTAP, made.probe(gone))
        program.take(RADIOTAP, made.probe(kept))
        await until(observed(sense, 1))
        assert await remove(sense, entry)
        await hold(lambda: not program._batcher._left_out)
        program.take(RADIOTAP, made.probe(gone))
        await until(observed(sense, 2))
        assert (await shown(sense)).observations == 2


async def test_a_sensor_that_starts_later_gets_the_list_with_its_key(sense: Sense) -> None:
    await add(sense, written(made.phone(3)))
    link = await sense.link()
    key = await link.fetch_key(day.key_date(datetime.now(UTC)))
    await link.close()
    assert key.left_out == {pseudonym(key.reveal(), made.phone(3))}


async def test_a_replayed_capture_leaves_them_out(sense: Sense, tmp_path: Path) -> None:
    for number in range(5):
        await add(sense, written(made.phone(number)))
    done = await sense.replay(made.pcap(tmp_path / "a", made.crowd(20, 2)))
    assert done.probe_frames == 30
    assert sum(hour.frames for hour in await sense.counted(done)) == 30


async def test_no_form_of_the_address_is_in_tables_or_streams(
    sense: Sense, capfd: pytest.CaptureFixture[str]
) -> None:
    marker = made.phone(77)
    entry = await add(sense, written(marker))
    assert await add(sense, written(marker).upper()) == entry
    with pytest.raises(grpc.aio.AioRpcError):
        await add(sense, written(marker) + ":00")
    out, err = capfd.readouterr()
    kept = tables(sense.database_url) + await streams(sense.nats_url) + (out + err).encode()
    assert entry.encode() in kept
    assert hits(kept, list(forms(marker))) == []


async def test_the_same_request_twice_is_one_entry_and_another_body_is_refused(
    sense: Sense,
) -> None:
    first = await add(sense, written(made.phone(1)), "optout-1")
    assert await add(sense, written(made.phone(1)), "optout-1") == first
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await add(sense, written(made.phone(2)), "optout-1")
    assert problem_of(refused.value).reason == "REQUEST_ID_REUSED"
    found = (await sense.admin.ListOptOuts(wire.ListOptOutsRequest(), timeout=30)).entries
    assert [(one.entry_id, one.readable) for one in found] == [(first, True)]
    assert await remove(sense, written(made.phone(1)))
    assert not await remove(sense, written(made.phone(1)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [("hello", "ADDRESS_MALFORMED"), ("da:11:22:33:44:55", "ADDRESS_MADE_UP"),
     ("ff:ff:ff:ff:ff:ff", "ADDRESS_OF_NOBODY")],
)  # fmt: skip
async def test_what_cannot_help_is_refused_with_its_reason(
    sense: Sense, text: str, reason: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await add(sense, text)
    assert problem_of(refused.value).reason == reason
    assert not (await sense.admin.ListOptOuts(wire.ListOptOutsRequest(), timeout=30)).entries
