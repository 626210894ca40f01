"""People with a second factor, for the tests of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest

from kit.auth import Role
from kit.clock import ManualClock
from kit.db import Database
from kit.runtime import Parts, Runtime
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc
from meguri.directory.v1 import second_factor_service_pb2 as step_pb
from meguri.directory.v1 import second_factor_service_pb2_grpc as step_grpc
from services.directory import events
from services.directory.main import build
from tests import harness
from tests.service.directory.test_directory import TIMEOUT_S, make_area, new_id, program
from tests.service.directory.test_own_login import reason

PASSWORD = "correct horse battery"
STILL = ManualClock(datetime.now(UTC))


def code_of(secret: str, off: int = 0) -> str:
    """What an app shows now; off: so many steps of 30 seconds later."""
    return str(pyotp.TOTP(secret).generate_otp(int(STILL.now().timestamp()) // 30 + off))


@pytest.fixture
async def directory(database_of: list[str], nats_url: str) -> AsyncIterator[harness.Running]:
    """The service at a moment that does not pass: a code holds however slow the machine is."""

    def at_rest(runtime: Runtime) -> Parts:
        runtime.clock = STILL
        return build(runtime)

    async with harness.running(
        "directory", events.ENCODERS, at_rest, database_of[0], nats_url
    ) as it:
        yield it


@dataclass
class Person:
    """Somebody with a login, a phone, and an edge that speaks for her."""

    area: str
    user_id: str
    edge: Any
    steps: Any  # as herself
    edge_steps: Any
    database: Database
    name: str = "taro"

    async def password(self, **more: Any) -> pb.SignInResponse:
        request = pb.SignInRequest(
            request_id=new_id(), login_name=self.name, password=PASSWORD, sender=b"here", **more
        )
        answer: pb.SignInResponse = await self.edge.SignIn(request, timeout=TIMEOUT_S)
        return answer

    async def finish(self, half: str, code: str, sender: bytes = b"here") -> Any:
        request = step_pb.FinishSignInRequest(
            request_id=new_id(), half_login_id=half, code=code, sender=sender
        )
        return await self.edge_steps.FinishSignIn(request, timeout=TIMEOUT_S)

    async def sign_in(self, code: str, **more: Any) -> str:
        """Both steps; returns the reason why not, "" where a session was opened."""
        half = (await self.password(**more)).half_login_id
        return await reason(self.finish(half, code))

    async def begin(self, session_id: str, password: str = PASSWORD) -> str:
        request = step_pb.BeginSecondFactorRequest(
            request_id=new_id(), session_id=session_id, current_password=password
        )
        secret: str = (await self.steps.BeginSecondFactor(request, timeout=TIMEOUT_S)).secret
        return secret

    async def confirm(self, session_id: str, code: str) -> list[str]:
        request = step_pb.ConfirmSecondFactorRequest(
            request_id=new_id(), session_id=session_id, code=code
        )
        answer = await self.steps.ConfirmSecondFactor(request, timeout=TIMEOUT_S)
        return list(answer.recovery_codes)

    async def set_up(self) -> tuple[str, list[str], str]:
        """Returns the secret, the codes on paper and a session. No code counts as used yet."""
        session_id = (await self.password()).session_id
        secret = await self.begin(session_id)
        codes = await self.confirm(session_id, code_of(secret))
        await self.sql("update users set factor_last_step = 0")
        return secret, codes, session_id

    async def state(self) -> step_pb.GetSecondFactorResponse:
        asked = step_pb.GetSecondFactorRequest()
        answer: step_pb.GetSecondFactorResponse = await self.steps.GetSecondFactor(
            asked, timeout=TIMEOUT_S
        )
        return answer

    async def owes(self, session_id: str) -> bool:
        asked = pb.ReadSessionRequest(session_id=session_id)
        owing: bool = (await self.edge.ReadSession(asked, timeout=TIMEOUT_S)).owes_second_factor
        return owing

    async def is_open(self, session_id: str) -> bool:
        asked = pb.ReadSessionRequest(session_id=session_id)
        return await reason(self.edge.ReadSession(asked, timeout=TIMEOUT_S)) == ""

    async def sql(self, statement: str) -> None:
        async with self.database.transaction(self.area) as tx:
            await tx.execute(statement)

    async def rows(self) -> str:
        """Everything that is stored, as text."""
        async with self.database.read(self.area) as tx:
            tables = await tx.fetch_all(
                "select tablename from pg_tables where schemaname = 'public'"
            )
            found = [
                await tx.fetch_all(f"select t::text as row from {each['tablename']} t")  # noqa: S608 - names of the catalog
                for each in tables
            ]
        return "\n".join(row["row"] for rows in found for row in rows)


@pytest.fixture
async def database(database_of: list[str], directory: harness.Running) -> AsyncIterator[Database]:
    opened = Database(database_of[0])
    await opened.open()
    yield opened
    await opened.close()


async def person(
    it: harness.Running, area: str, database: Database, name: str, role: Role
) -> Person:
    stub = pb_grpc.DirectoryServiceStub(it.channel(area, Role.ADMIN))
    made = await stub.CreateUser(
        pb.CreateUserRequest(
            request_id=new_id(), login_name=name, password=PASSWORD,
            roles=[pb.Role.Value(f"ROLE_{role.upper()}")],
        ),
        timeout=TIMEOUT_S,
    )  # fmt: skip
    user_id = made.user.user_id
    own, edge = it.channel(area, role, principal=user_id), it.channel(area, Role.SERVICE)
    return Person(
        area, user_id, program(it, area), step_grpc.SecondFactorServiceStub(own),
        step_grpc.SecondFactorServiceStub(edge), database, name,
    )  # fmt: skip


@pytest.fixture
async def taro(directory: harness.Running, area: str, database: Database) -> Person:
    await make_area(directory, area)
    return await person(directory, area, database, "taro", Role.EDITOR)


@pytest.fixture
async def boss(taro: Person, directory: harness.Running, database: Database) -> Person:
    return await person(directory, taro.area, database, "boss", Role.ADMIN)
