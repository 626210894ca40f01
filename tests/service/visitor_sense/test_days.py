"""A day is closed once after its midnight, tells nothing below k, and outlives its minutes."""

from datetime import UTC, datetime, timedelta

import grpc
import numpy as np
import psycopg
import pytest

from kit.auth import Role
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense import main
from services.visitor_sense.domain import day
from services.visitor_sense.domain.sketch import Distinct
from tests.service.visitor_sense.conftest import Sense, Start, enroll, until

EVENING = timedelta(hours=2)  # before midnight


@pytest.fixture
def _closes_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "DAYS_S", 0.1)


def near_by(sense: Sense, midnight: datetime, phones: int) -> None:
    """Phones near by for ten minutes each, yesterday evening and today."""
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
        for begin in (midnight - EVENING, midnight + timedelta(minutes=1)):
            for minute in range(10):
                near = Distinct()
                near.add(np.arange(phones, dtype=np.uint64))
                connection.execute(
                    "insert into zone_minutes values (%s, 'gate', %s, %s)",
                    (sense.area, begin + timedelta(minutes=minute), near.to_bytes()),
                )


def asked(first: datetime, last: datetime) -> wire.ReadDaysRequest:
    return wire.ReadDaysRequest(
        from_date=day.key_date(first).isoformat(), to_date=day.key_date(last).isoformat()
    )


@pytest.mark.usefixtures("_closes_soon")
@pytest.mark.parametrize("phones", [9, 14])
async def test_yesterday_is_closed_once_and_today_not_yet(start: Start, phones: int) -> None:
    now = datetime.now(UTC)
    midnight = day.next_midnight(now) - timedelta(days=1)
    yesterday = midnight - EVENING
    async with start() as sense:
        await enroll(sense)
        near_by(sense, midnight, phones)
        stub = sense.stub(Role.VISITOR)

        async def closed() -> bool:
            answer = await stub.ReadDays(asked(yesterday, now), timeout=30)
            return bool(answer.closed_dates)

        await until(closed)
        answer = await stub.ReadDays(asked(yesterday, now), timeout=30)
        assert list(answer.closed_dates) == [day.key_date(yesterday).isoformat()]
        assert [(one.zone_id, one.stays, one.median_s) for one in answer.dwell] == (
            [("gate", 10, 600.0)] if phones == 14 else []
        )
        assert list(answer.pairs) == []
        assert (answer.privacy.k, answer.privacy.rounded_down_to) == (10, 10)
        with psycopg.connect(sense.database_url) as connection:
            connection.execute("select set_config('meguri.area', %s, false)", (sense.area,))
            connection.execute("delete from zone_minutes where area = %s", (sense.area,))
        again = await stub.ReadDays(asked(yesterday, now), timeout=30)
        assert again == answer


@pytest.mark.parametrize(
    ("first", "last"), [("2026-11-02", "2026-11-01"), ("2024-01-01", "2026-01-01"), ("x", "")]
)
async def test_days_that_are_none_are_refused(sense: Sense, first: str, last: str) -> None:
    request = wire.ReadDaysRequest(from_date=first, to_date=last)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await sense.stub(Role.VISITOR).ReadDays(request, timeout=30)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
