"""Tickets admitted at a gate as counted people: per zone and hour, each once, no ticket kept."""

import uuid
from datetime import UTC, datetime, timedelta

import grpc
import psycopg
import pytest

from kit.auth import Role
from meguri.payments.v1.payments_events_pb2 import TicketAdmitted
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from tests.service.visitor_sense.conftest import Sense, until

TEN = datetime(2026, 5, 3, 1, 20, tzinfo=UTC)
HOUR = TEN.replace(minute=0)
GATE_PLACE = "akiyoshido-main"


def party(persons: int, *, gate: str = GATE_PLACE, practice: bool = False) -> TicketAdmitted:
    """A party goes in, with all that an event says of it."""
    return TicketAdmitted(
        ticket_id=str(uuid.uuid4()), gate_place_id=gate, persons=persons, origin="TW",
        business_date="2026-05-03", practice=practice,
    )  # fmt: skip


async def say(sense: Sense, message: TicketAdmitted, at: datetime, **more: str) -> None:
    """payments says it."""
    await sense.it.say(sense.area, "payments", "ticket_admitted", message, occur_time=at, **more)


async def admitted(sense: Sense, zone_id: str = "") -> list[tuple[str, datetime, int, int]]:
    """Zone, hour, persons and parties."""
    request = wire.CountAdmittedRequest(zone_id=zone_id)
    request.from_time.FromDatetime(HOUR - timedelta(hours=2))
    request.to_time.FromDatetime(HOUR + timedelta(days=1))
    answer = await sense.stub(Role.ANALYST).CountAdmitted(request, timeout=30)
    assert "must not leave" in answer.notice
    return [
        (each.zone_id, each.hour_start_time.ToDatetime(tzinfo=UTC), each.persons, each.parties)
        for each in answer.hours
    ]


async def test_persons_are_summed_per_gate_and_hour_and_each_event_counts_once(
    sense: Sense,
) -> None:
    once = str(uuid.uuid4())
    for _ in range(3):
        await say(sense, party(4), TEN, event_id=once)
    await say(sense, party(2), TEN + timedelta(minutes=39))
    await say(sense, party(30), TEN + timedelta(minutes=40))
    await say(sense, party(9, practice=True), TEN)
    await say(sense, party(7, gate="no-zone-here"), TEN)

    async def all_there() -> bool:
        return sum(persons for _, _, persons, _ in await admitted(sense)) >= 36

    await until(all_there)
    wanted = [("gate", HOUR, 6, 2), ("gate", HOUR + timedelta(hours=1), 30, 1)]
    assert await admitted(sense) == wanted
    assert await admitted(sense, "gate") == wanted
    assert await admitted(sense, "another") == []


async def test_nothing_of_a_ticket_is_kept(sense: Sense) -> None:
    await say(sense, party(4), TEN)

    async def is_there() -> bool:
        return bool(await admitted(sense))

    await until(is_there)
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
        cursor = connection.execute("select * from gate_hours")
        assert cursor.description is not None
        assert {each.name for each in cursor.description} == {
            "area", "place_id", "hour_start", "persons", "parties", "last_time",
        }  # fmt: skip
        assert len(cursor.fetchall()) == 1


@pytest.mark.parametrize("role", [Role.VISITOR, Role.CLERK, Role.EDITOR])
async def test_who_may_not_see_exact_figures(sense: Sense, role: Role) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await sense.stub(role).CountAdmitted(wire.CountAdmittedRequest(), timeout=30)
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
