"""What tests of the asked list do: meet codes, look at pages, mark matters."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from google.protobuf.timestamp_pb2 import Timestamp

from kit.auth import Role
from meguri.multilingual.v1 import asked_service_pb2 as pb
from meguri.multilingual.v1 import asked_service_pb2_grpc as pb_grpc
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from services.multilingual.domain import stop_code as codes
from tests.service.multilingual.conftest import TIMEOUT_S, World, new_id

LOST = codes.make("lost", "a sign of long ago", 0)
CODE = pb.AskedMatter(kind=pb.ASKED_KIND_STRAY_CODE, stop_code=LOST)


def stamp(days_ago: float) -> Timestamp:
    found = Timestamp()
    found.FromDatetime(datetime.now(UTC) - timedelta(days=days_ago))
    return found


def desk(world: World, role: Role = Role.EDITOR, area: str = "") -> Any:
    channel = world.it.channel(area or world.area, role, principal="hanako")
    return pb_grpc.AskedServiceStub(channel)


def met(code: str, count: int = 1, days_ago: float = 0) -> pb.StrayCode:
    return pb.StrayCode(stop_code=code, count=count, seen_time=stamp(days_ago))


async def send(world: World, *strays: pb.StrayCode, request_id: str = "") -> Any:
    request = pb.RecordStrayCodesRequest(request_id=request_id or new_id(), codes=strays)
    return await desk(world, Role.SERVICE).RecordStrayCodes(request, timeout=TIMEOUT_S)


async def listed(world: World, *unliked: pb.UnlikedText) -> pb.ListAskedResponse:
    request = pb.ListAskedRequest(unliked_texts=unliked)
    found: pb.ListAskedResponse = await desk(world).ListAsked(request, timeout=TIMEOUT_S)
    return found


async def marks(world: World) -> list[pb.AskedMark]:
    answer = await desk(world).ListAskedMarks(pb.ListAskedMarksRequest(), timeout=TIMEOUT_S)
    return list(answer.marks)


async def done(world: World, matter: pb.AskedMatter) -> pb.AskedMark:
    request = pb.MarkAskedRequest(request_id=new_id(), matter=matter, outcome=pb.ASKED_OUTCOME_DONE)
    mark: pb.AskedMark = (await desk(world).MarkAsked(request, timeout=TIMEOUT_S)).mark
    return mark


async def put_off(world: World, matter: pb.AskedMatter, days: int = 7) -> pb.AskedMark:
    request = pb.MarkAskedRequest(
        request_id=new_id(), matter=matter, outcome=pb.ASKED_OUTCOME_PUT_OFF,
        reason="  after\nthe season ", put_off_days=days,
    )  # fmt: skip
    mark: pb.AskedMark = (await desk(world).MarkAsked(request, timeout=TIMEOUT_S)).mark
    return mark


async def back(world: World, mark_id: str) -> pb.AskedMark:
    request = pb.TakeBackAskedMarkRequest(request_id=new_id(), mark_id=mark_id)
    mark: pb.AskedMark = (await desk(world).TakeBackAskedMark(request, timeout=TIMEOUT_S)).mark
    return mark


def rows(world: World, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(world.database_url, autocommit=True) as connection:
        connection.execute("select set_config('meguri.area', %s, false)", (world.area,))
        cursor = connection.execute(sql.encode(), values)
        return cursor.fetchall() if cursor.description else []


def long_ago(world: World, days: int) -> None:
    """Turns the clock of every mark back: what is counted is counted by days."""
    earlier = timedelta(days=days)
    sql = "update asked_marks set create_time = create_time - %s, until_time = until_time - %s"
    rows(world, sql, earlier, earlier)


async def views(
    world: World, name: str, wished: str, count: int, days_ago: float = 2, served: str = "ja"
) -> None:
    scan = guide_pb.Scan(
        scan_id=new_id(), stop_code=world.code(name), requested_locale=wished,
        served_locale=served, scan_time=stamp(days_ago), scan_count=count,
    )  # fmt: skip
    request = guide_pb.RecordScansRequest(request_id=new_id(), scans=[scan])
    answer = await world.stub(Role.SERVICE).RecordScans(request, timeout=TIMEOUT_S)
    assert answer.recorded_count == 1
