"""Calls that come to two processes of a service at once: each acts once, also when one process is
killed in the middle and its callers go to the other.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import psycopg
import pytest

from kit.auth import Role
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.directory.v1 import directory_service_pb2_grpc as directory_grpc
from meguri.multilingual.v1 import multilingual_service_pb2 as guide
from meguri.multilingual.v1 import multilingual_service_pb2_grpc as guide_grpc
from meguri.payments.v1 import payments_service_pb2 as payments
from meguri.payments.v1 import payments_service_pb2_grpc as payments_grpc
from services.multilingual.domain import stop_code as codes
from tests.service.directory.test_directory import new_id, settings
from tests.service.multilingual.conftest import small_area
from tests.service.payments.test_doors import SHOP, sale
from tests.service.twice.conftest import Twice, running_twice

pytestmark = pytest.mark.long

TIMEOUT_S = 30.0
GONE = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN}


async def either(stubs: list[Any], method: str, request: Any) -> list[Any]:
    """Sends one request to both at once, as a caller who lost patience; whoever finds nobody asks
    the other. Returns the answers."""

    async def ask(mine: int) -> Any:
        for stub in (stubs[mine], stubs[1 - mine], stubs[1 - mine]):
            try:
                return await getattr(stub, method)(request, timeout=TIMEOUT_S)
            except grpc.aio.AioRpcError as error:
                if error.code() not in GONE:
                    raise
        raise AssertionError("nobody answers")

    return list(await asyncio.gather(ask(0), ask(1)))


async def all_of(twice: Twice, stubs: list[Any], method: str, requests: list[Any]) -> None:
    """Sends all requests to both, and kills the first process on the way."""

    async def send(request: Any) -> None:
        first, second = await either(stubs, method, request)
        assert first.__class__ is second.__class__

    half = len(requests) // 2
    await asyncio.gather(*map(send, requests[:half]))
    rest = [asyncio.create_task(send(request)) for request in requests[half:]]
    await asyncio.sleep(0.05)
    twice.kill_first()
    await asyncio.gather(*rest)


def count(twice: Twice, area: str, sql: str) -> Any:
    with psycopg.connect(twice.database_url) as connection:
        connection.execute("select set_config('meguri.area', %s, true)", (area,))
        row = connection.execute(sql.encode()).fetchone()
    assert row is not None
    return row[0]


async def test_directory(
    service_database: Callable[[str], str], nats_url: str, area: str, tmp_path: Path
) -> None:
    url = service_database("directory")
    async with running_twice("directory", url, nats_url, tmp_path) as twice:
        stubs = [
            directory_grpc.DirectoryServiceStub(each.channel(area, Role.ADMIN))
            for each in twice.both
        ]
        await either(stubs, "ConfigureArea", settings(area))
        # Ten places that change eight times each: the versions of one come one after another.
        requests = [
            directory.RecordPlacesRequest(
                request_id=new_id(),
                places=[
                    directory.Place(
                        place_id=f"place-{number}", kind=directory.PLACE_KIND_POI,
                        names={"ja": f"{number}の{turn}"},
                    )
                ],
            )
            for turn in range(8)
            for number in range(10)
        ]  # fmt: skip
        await all_of(twice, stubs, "RecordPlaces", requests)
        assert count(twice, area, "select count(*) from places") == 10
        await twice.check_said(at_least=11)


async def test_payments(
    service_database: Callable[[str], str], nats_url: str, area: str, tmp_path: Path
) -> None:
    url = service_database("payments")
    async with running_twice("payments", url, nats_url, tmp_path) as twice:
        stubs = [
            payments_grpc.PaymentsServiceStub(each.channel(area, Role.ADMIN)) for each in twice.both
        ]
        shop = payments.Shop()
        shop.CopyFrom(SHOP)
        del shop.tenders[:-1]  # cash alone: no provider runs here
        shops = payments.ConfigureShopsRequest(request_id=new_id(), shops=[shop])
        await either(stubs, "ConfigureShops", shops)
        sales = [sale(amount_yen=100 + number) for number in range(80)]
        await all_of(twice, stubs, "TakePayment", sales)
        assert count(twice, area, "select count(*) from payments") == len(sales)
        assert count(twice, area, "select sum(amount_yen) from payments") == sum(
            each.amount_yen for each in sales
        )
        await twice.check_said(at_least=len(sales))


async def test_multilingual(
    service_database: Callable[[str], str], nats_url: str, area: str, tmp_path: Path
) -> None:
    url = service_database("multilingual")
    async with running_twice("multilingual", url, nats_url, tmp_path) as twice:
        admins = [
            guide_grpc.GuideServiceStub(each.channel(area, Role.ADMIN)) for each in twice.both
        ]
        await either(admins, "ImportStops", small_area(area))
        stubs = [
            guide_grpc.GuideServiceStub(each.channel(area, Role.VISITOR)) for each in twice.both
        ]
        stops = [codes.make(area, f"cave/{name}", 0) for name in ("pool", "fall", "hall")]
        # What one of them keeps of the guide is no longer right once the other has published.
        editors = [
            guide_grpc.GuideServiceStub(each.channel(area, Role.EDITOR, principal="hanako"))
            for each in twice.both
        ]
        await _published_by_one_is_read_from_the_other(editors, stubs, stops[0])
        requests = [
            guide.RecordScansRequest(
                request_id=new_id(),
                scans=[
                    guide.Scan(scan_id=new_id(), stop_code=code, requested_locale="ja",
                               served_locale="ja")
                    for code in stops
                ],
            )
            for _ in range(60)
        ]  # fmt: skip
        await all_of(twice, stubs, "RecordScans", requests)
        said = "select count(*) from outbox where type = 'scan_recorded'"
        assert count(twice, area, said) == 60 * len(stops)
        await twice.check_said(at_least=60 * len(stops))


async def _published_by_one_is_read_from_the_other(
    editors: list[Any], visitors: list[Any], code: str
) -> None:
    for turn in range(6):
        mine, other = editors[turn % 2], visitors[1 - turn % 2]
        read = guide.ReadStopRequest(stop_code=code, accept_language="ja")
        await other.ReadStop(read, timeout=TIMEOUT_S)  # which it keeps
        draft = guide.SaveDraftRequest(
            request_id=new_id(), stop_code=code, locale="ja", base_revision=turn + 1,
            text=guide.NarrationText(name=f"池{turn}", reading="いけ", paragraphs=[
                guide.Paragraph(paragraph_id="formation", text=f"{turn}度目の水です。",
                                topic=guide.PARAGRAPH_TOPIC_FORMATION)]),
        )  # fmt: skip
        await mine.SaveDraft(draft, timeout=TIMEOUT_S)
        publish = guide.PublishNarrationRequest(
            request_id=new_id(), stop_code=code, locale="ja", revision=turn + 2,
            replaced_revision=turn + 1, reviewed=True,
        )  # fmt: skip
        await mine.PublishNarration(publish, timeout=TIMEOUT_S)
        after = (await other.ReadStop(read, timeout=TIMEOUT_S)).stop
        assert after.name.text == f"池{turn}"
