"""Everything that can be asked of insights, filled with what nobody would type: it is refused by
name or answered, never an error of the service's own."""

import importlib
import random
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message

from kit.auth import Role
from services.insights import events
from services.insights.main import build
from tests import harness

DOORS = ("import", "insights", "keeping", "kpi", "letter", "open_data", "query", "shop")
TEXTS = (
    "", " ", "a\0b", "\0", "x" * 10_000, "\u202egnp.exe", "a\r\nBcc: all@example.jp", "=1+1",
    "<script>alert(1)</script>", "0000-00-00", "9999-12-31", "2026-02-30", "2026-W01-1",
    "２０２６-05-01", "2026-13", "2026-05", "2026-05-03", "-1", "1e999", "\ud7ff\uffff", "🗻" * 300,
    "../../etc/passwd", "'; drop table facts; --", "%s %n {0} {x}", str(uuid.uuid4()),
    "mori@city.example.jp", "sign_at_stop/K7Q2X",
)  # fmt: skip
NUMBERS = (0, 1, -1, 2, 7, 10, 99, 2026, 2**31 - 1, -(2**31))
VALUES: dict[int, tuple[Any, ...]] = {
    FieldDescriptor.TYPE_STRING: TEXTS,
    FieldDescriptor.TYPE_BYTES: (
        b"", b"\0" * 50, b"PK\x03\x04" + b"x" * 99, "月,客数\r\n".encode(),
    ),
    FieldDescriptor.TYPE_BOOL: (True, False),
    FieldDescriptor.TYPE_DOUBLE: (0.0, -1.0, float("nan"), float("inf"), 1e308),
    FieldDescriptor.TYPE_ENUM: (0, 1, 2, 3, 99, -1, 2**31 - 1),
    FieldDescriptor.TYPE_INT64: (*NUMBERS, 2**63 - 1, -(2**63), 10**12),
}  # fmt: skip
MINE = {
    grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.ABORTED,
    grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.ALREADY_EXISTS,
}  # fmt: skip
ROUNDS = 60


@pytest.fixture
async def service(
    service_database: Callable[[str], str], nats_url: str
) -> AsyncIterator[harness.Running]:
    async with harness.running(
        "insights", events.ENCODERS, build, service_database("insights"), nats_url
    ) as it:
        yield it


def methods() -> Iterator[tuple[Any, MethodDescriptor, Any]]:
    """Yields the stub of each door, each of its methods and the class of its question."""
    for door in DOORS:
        name = f"meguri.insights.v1.{door}_service_pb2"
        words, calls = importlib.import_module(name), importlib.import_module(f"{name}_grpc")
        (service,) = words.DESCRIPTOR.services_by_name.values()
        for method in service.methods:
            asked = getattr(words, method.input_type.name)
            yield getattr(calls, f"{service.name}Stub"), method, asked


def fill(message: Message, chance: random.Random, depth: int = 0) -> Message:
    """Fills some fields of a message with hostile values."""
    for field in message.DESCRIPTOR.fields:
        if chance.random() < 0.2 and depth < 4:
            continue
        if field.is_repeated and field.message_type and field.message_type.GetOptions().map_entry:
            continue
        if field.is_repeated:
            many = chance.choice((0, 1, 2, 3, 500))
            values = getattr(message, field.name)
            for _ in range(many):
                if field.message_type:
                    fill(values.add(), chance, depth + 1)
                else:
                    values.append(value(field, chance))
        elif field.message_type:
            if depth < 4:
                fill(getattr(message, field.name), chance, depth + 1)
        else:
            setattr(message, field.name, value(field, chance))
    return message


def value(field: Any, chance: random.Random) -> Any:
    """Returns a hostile value of a scalar field."""
    if field.name == "request_id" and chance.random() < 0.9:
        return str(uuid.UUID(int=chance.getrandbits(128), version=4))
    return chance.choice(VALUES.get(field.type, NUMBERS))


async def test_hostile_questions_are_refused_by_name(service: harness.Running) -> None:
    area = f"a{uuid.uuid4().hex[:12]}"
    channel = service.channel(area, Role.ADMIN, Role.SHOP_OWNER, shops=TEXTS[:3])
    chance = random.Random(11)
    wrong: dict[str, str] = {}
    answered: set[str] = set()
    for stub, method, asked in methods():
        for _ in range(ROUNDS):
            question = fill(asked(), chance)
            try:
                await getattr(stub(channel), method.name)(question, timeout=60)
                answered.add(method.name)
            except grpc.aio.AioRpcError as error:
                if error.code() not in MINE:
                    wrong.setdefault(method.name, f"{error.code()} {question!s:.600}")
    assert wrong == {}
    assert len(answered) > 10
