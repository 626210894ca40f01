"""A running zone learns from tickets and counts by hand, and tells visitors from then on."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import psycopg
import pytest

from kit.auth import Role
from kit.db import ALL_AREAS
from meguri.payments.v1.payments_events_pb2 import TicketAdmitted
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense import main
from services.visitor_sense.domain import day
from tests.service.visitor_sense.conftest import Sense, Start, enroll, until
from tests.unit.visitor_sense import made

HOUR = timedelta(hours=1)
DAYS, HOURS = 6, 4  # counted


def past_hours() -> list[datetime]:
    """Hours in which somebody counted, on days gone by."""
    first = day.hour_of(datetime.now(UTC)) - timedelta(days=DAYS + 1)
    return [first + timedelta(days=n) + k * HOUR for n in range(DAYS) for k in range(HOURS)]


def near(number: int) -> float:
    return 10.0 + 5 * (number % HOURS)


def remember(sense: Sense, hours: list[datetime]) -> None:
    """Hours that the sensor has counted, as the service would have kept them."""
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
        for number, hour in enumerate(hours):
            connection.execute(
                "insert into zone_hours (area, zone_id, hour, frames, addresses, address_estimate,"
                " address_low, address_high, devices, device_estimate, device_low, device_high,"
                " key_epochs, holds_values, dirty, version, released, near)"
                " values (%s, 'gate', %s, 9, '\\x01', 40, 40, 40, '\\x01', 40, 40, 40, '{1}',"
                " false, false, 1, 40, %s)",
                (sense.area, hour, near(number)),
            )


def request(counts: dict[datetime, int], zone: str = "gate") -> wire.CalibrateZoneRequest:
    found = wire.CalibrateZoneRequest(request_id=str(uuid.uuid4()), zone_id=zone)
    for hour, persons in counts.items():
        found.counts.add(persons=persons).hour_start_time.FromDatetime(hour)
    return found


async def visitors(sense: Sense) -> wire.ReadVisitorsResponse:
    asked = wire.ReadVisitorsRequest()
    now = datetime.now(UTC)
    asked.from_time.FromDatetime(now - timedelta(days=20))
    asked.to_time.FromDatetime(now)
    return await sense.stub(Role.VISITOR).ReadVisitors(asked, timeout=30)


def crowd_near(sense: Sense, folder: Path, hour: datetime, phones: int, minutes: int = 60) -> Path:
    """Phones that stay near by, for a whole hour if not told otherwise, each heard every minute."""
    frames = [
        (hour.timestamp() + 60 * minute + number / 100,
         made.probe(made.phone(number), header=made.radiotap(signal_dbm=-50)))
        for minute in range(minutes) for number in range(phones)
    ]  # fmt: skip
    return made.pcap(folder / f"{hour:%H}", frames)


@pytest.fixture
async def calibrated(sense: Sense) -> Sense:
    hours = past_hours()
    remember(sense, hours)
    counts = {hour: round(2 * near(number)) for number, hour in enumerate(hours)}
    answer = await sense.admin.CalibrateZone(request(counts), timeout=30)
    assert (answer.calibration.version, answer.calibration.days) == (1, DAYS)
    assert (answer.calibration.hours, answer.calibration.judged) == (DAYS * HOURS, True)
    assert answer.calibration.error_share < 0.05
    return sense


async def test_hours_from_then_on_tell_visitors_and_those_before_devices(
    calibrated: Sense, tmp_path: Path
) -> None:
    sense = calibrated
    hour = day.hour_of(datetime.now(UTC)) - 2 * HOUR
    # Two hours that end now: an hour that has just ended is not told for its first two minutes.
    done = await sense.replay(crowd_near(sense, tmp_path, hour, 15, minutes=120))
    await sense.counted(done)

    async def told() -> bool:
        return any(one.kind == wire.COUNT_KIND_VISITORS for one in (await visitors(sense)).hours)

    await until(told)
    answer = await visitors(sense)
    kinds = {one.kind for one in answer.hours if one.calibration_version == 0}
    assert kinds == {wire.COUNT_KIND_DEVICES}
    mine = [one for one in answer.hours if one.calibration_version == 1]
    # A replay ends now, so that two hours of a capture lie in two hours of the clock or in three.
    assert 1 <= len(mine) <= 3
    assert {one.method for one in mine} == {wire.COUNT_METHOD_CALIBRATED}
    exact = {one.hour_start_time.seconds: one.near_devices for one in await sense.count(done)}
    for one in mine:
        expected = 2 * exact[one.hour_start_time.seconds]
        if not one.withheld:
            assert one.figure.estimate == pytest.approx(expected, abs=1)
            assert one.figure.low <= one.figure.estimate <= one.figure.high
        else:
            assert expected < 12
    assert max(exact.values()) <= 15
    (calibration,) = answer.calibrations
    assert (calibration.zone_id, calibration.later_hours, calibration.drifted) == ("gate", 0, False)


async def test_later_counts_beyond_the_interval_are_shown_as_drift(calibrated: Sense) -> None:
    sense = calibrated
    later = [day.hour_of(datetime.now(UTC)) + n * HOUR for n in range(1, 13)]
    remember(sense, later)  # hours to come: only that they are after it was learned matters here
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
        for number, hour in enumerate(later):
            connection.execute(
                "insert into hand_counts values (%s, 'gate', %s, %s, now())",
                (sense.area, hour, round((5 if number % 2 else 2) * near(number))),
            )
    (calibration,) = (await visitors(sense)).calibrations
    assert (calibration.later_hours, calibration.later_hours_outside) == (12, 6)
    assert calibration.drifted


async def test_tickets_of_the_gate_are_learned_from_and_a_count_by_hand_goes_before(
    sense: Sense,
) -> None:
    hours = past_hours()
    remember(sense, hours)
    for number, hour in enumerate(hours):
        party = TicketAdmitted(
            ticket_id=str(uuid.uuid4()), gate_place_id="akiyoshido-main",
            persons=round(3 * near(number)), business_date="2026-05-03",
        )  # fmt: skip
        await sense.it.say(sense.area, "payments", "ticket_admitted", party, occur_time=hour)

    async def all_heard() -> bool:
        asked = wire.CountAdmittedRequest()
        asked.from_time.FromDatetime(hours[0])
        asked.to_time.FromDatetime(hours[-1] + HOUR)
        answer = await sense.stub(Role.ANALYST).CountAdmitted(asked, timeout=30)
        return len(answer.hours) == len(hours)

    await until(all_heard)
    first = await sense.admin.CalibrateZone(request({}), timeout=30)
    assert first.calibration.hours == len(hours)
    halved = {hour: round(near(n)) for n, hour in enumerate(hours)}
    asked = request(halved)
    second = await sense.admin.CalibrateZone(asked, timeout=30)
    assert second.calibration.version == 2
    assert (
        await sense.admin.CalibrateZone(asked, timeout=30) == second
    )  # once, whatever is repeated
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
        rows = connection.execute(
            "select learned->'factor' from calibrations order by version"
        ).fetchall()
    assert [row[0] for row in rows] == [pytest.approx(3.0), pytest.approx(1.0)]


@pytest.mark.parametrize(
    ("asked", "code", "detail"),
    [
        (lambda: request({}), grpc.StatusCode.FAILED_PRECONDITION, "days"),
        (lambda: request({}, "nowhere"), grpc.StatusCode.NOT_FOUND, "zone"),
        (
            lambda: request({past_hours()[0] + timedelta(minutes=1): 5}),
            grpc.StatusCode.INVALID_ARGUMENT, "",
        ),
        (
            lambda: request({day.hour_of(datetime.now(UTC)): 5}),
            grpc.StatusCode.INVALID_ARGUMENT, "",
        ),
        (lambda: request({past_hours()[0]: -1}), grpc.StatusCode.INVALID_ARGUMENT, ""),
    ],
)  # fmt: skip
async def test_what_cannot_be_learned_changes_nothing(
    sense: Sense, asked: object, code: grpc.StatusCode, detail: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await sense.admin.CalibrateZone(asked(), timeout=30)  # type: ignore[operator]
    assert caught.value.code() is code
    assert detail in (caught.value.details() or "")
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (ALL_AREAS,))
        for table in ("hand_counts", "calibrations"):
            found = connection.execute(
                f"select 1 from {table} where area = %s",  # noqa: S608 - constants
                (sense.area,),
            ).fetchall()
            assert found == []


@pytest.mark.parametrize("role", [Role.VISITOR, Role.CLERK, Role.EDITOR, Role.ANALYST])
async def test_only_an_admin_calibrates(sense: Sense, role: Role) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await sense.stub(role).CalibrateZone(request({}), timeout=30)
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_minutes_hold_pseudonyms_for_a_day_and_no_longer(
    calibrated: Sense, tmp_path: Path
) -> None:
    sense = calibrated
    hour = day.hour_of(datetime.now(UTC)) - 2 * HOUR
    await sense.counted(await sense.replay(crowd_near(sense, tmp_path, hour, 5)))
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (ALL_AREAS,))
        kept = connection.execute(
            "select min(minute), count(*) from zone_minutes where area = %s", (sense.area,)
        ).fetchone()
    assert kept is not None
    assert kept[1] in {60, 61}
    assert datetime.now(UTC) - kept[0] < timedelta(hours=2)


@pytest.fixture
def _forgets_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "FORGET_S", 0.1)


@pytest.mark.usefixtures("_forgets_soon")
async def test_older_minutes_are_forgotten(start: Start) -> None:
    async with start() as sense:
        await enroll(sense)
        now = datetime.now(UTC)
        with psycopg.connect(sense.database_url, autocommit=True) as connection:
            connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
            for hours in (20, 26):
                connection.execute(
                    "insert into zone_minutes values (%s, 'gate', %s, '\\x01')",
                    (sense.area, now - hours * HOUR),
                )

            async def one_left() -> bool:
                found = connection.execute(
                    "select minute from zone_minutes where area = %s", (sense.area,)
                ).fetchall()
                return [now - minute < 21 * HOUR for (minute,) in found] == [True]

            await until(one_left)
