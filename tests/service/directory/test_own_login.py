"""A person's own login: another password by the one of before, and an end of all other sessions."""

import asyncio
import os
from dataclasses import dataclass
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc
from services.directory.domain.attempts import ATTEMPTS_HERE
from tests import harness, noted
from tests.service.directory.test_directory import TIMEOUT_S, make_area, new_id, place, program

OLD, NEW = "correct horse battery", "otter-lantern-plum-42"


@dataclass
class Person:
    """Somebody with a login, and the edge that speaks for her."""

    own: Any
    edge: Any
    user_id: str

    async def sign_in(self, password: str = OLD) -> str:
        request = pb.SignInRequest(request_id=new_id(), login_name="taro", password=password)
        session_id: str = (await self.edge.SignIn(request, timeout=TIMEOUT_S)).session_id
        return session_id

    async def change(self, session_id: str, current: str = OLD, new: str = NEW) -> int:
        request = pb.ChangeOwnPasswordRequest(
            request_id=new_id(), session_id=session_id, current_password=current, new_password=new
        )
        ended: int = (await self.own.ChangeOwnPassword(request, timeout=TIMEOUT_S)).ended_count
        return ended

    async def is_open(self, session_id: str) -> bool:
        return await reason(
            self.edge.ReadSession(
                pb.ReadSessionRequest(session_id=session_id), timeout=TIMEOUT_S)
        ) == ""  # fmt: skip


async def reason(call: Any) -> str:
    try:
        await call
    except grpc.RpcError as error:
        return problem_of(error).reason
    return ""


@pytest.fixture
async def taro(directory: harness.Running, area: str) -> Person:
    stub = await make_area(directory, area)
    made = await stub.CreateUser(
        pb.CreateUserRequest(
            request_id=new_id(), login_name="taro", password=OLD, roles=[pb.ROLE_EDITOR]
        ),
        timeout=TIMEOUT_S,
    )
    user_id = made.user.user_id
    own = pb_grpc.DirectoryServiceStub(directory.channel(area, Role.EDITOR, principal=user_id))
    return Person(own, program(directory, area), user_id)


async def test_a_new_password_needs_the_old_one_and_ends_other_sessions(
    taro: Person, directory: harness.Running, area: str
) -> None:
    here, elsewhere = await taro.sign_in(), await taro.sign_in()
    assert await taro.change(here) == 1
    assert [await taro.is_open(here), await taro.is_open(elsewhere)] == [True, False]
    assert await reason(taro.sign_in()) == "SIGN_IN_REFUSED"
    assert await taro.is_open(await taro.sign_in(NEW))
    assert len(await directory.heard(area, "user_changed", 2)) == 2


@pytest.mark.parametrize(
    ("current", "new", "expected"),
    [
        ("not the one", NEW, "PASSWORD_WRONG"),
        (OLD, "short", "INVALID_FIELDS"),
        (OLD, "", "INVALID_FIELDS"),
        (OLD, "x" * 201, "TEXT_TOO_LONG"),
        (OLD, OLD, "PASSWORD_TOO_EASY"),
        (OLD, "password123456", "PASSWORD_TOO_EASY"),
        (OLD, "Akiyoshido-2026", "PASSWORD_TOO_EASY"),
        (OLD, "taro-taro-taro", "PASSWORD_TOO_EASY"),
    ],
)
async def test_what_is_no_new_password_changes_nothing(
    taro: Person, current: str, new: str, expected: str
) -> None:
    here, elsewhere = await taro.sign_in(), await taro.sign_in()
    assert await reason(taro.change(here, current, new)) == expected
    assert await taro.is_open(elsewhere)
    assert await taro.is_open(await taro.sign_in())


async def test_whoever_finds_a_session_open_cannot_try_passwords_for_long(taro: Person) -> None:
    here = await taro.sign_in()
    tried = [await reason(taro.change(here, "guess")) for _ in range(ATTEMPTS_HERE + 1)]
    assert tried == ["PASSWORD_WRONG"] * ATTEMPTS_HERE + ["TOO_MANY_ATTEMPTS"]
    assert await reason(taro.change(here)) == "TOO_MANY_ATTEMPTS"


async def test_the_session_of_somebody_else_changes_nothing(
    taro: Person, directory: harness.Running, area: str
) -> None:
    made = await make_area(directory, area)
    other = await made.CreateUser(
        pb.CreateUserRequest(request_id=new_id(), login_name="jiro", roles=[pb.ROLE_ADMIN]),
        timeout=TIMEOUT_S,
    )
    request = pb.SignInRequest(
        request_id=new_id(), login_name="jiro", password=other.password
    )  # fmt: skip
    theirs = (await taro.edge.SignIn(request, timeout=TIMEOUT_S)).session_id
    assert await reason(taro.change(theirs)) == "SESSION_OVER"
    assert await taro.is_open(await taro.sign_in())


async def test_one_change_of_two_at_once_holds(taro: Person) -> None:
    here = await taro.sign_in()
    news = [f"{NEW}-{number}" for number in range(4)]
    done = await asyncio.gather(*(reason(taro.change(here, OLD, new)) for new in news))
    assert sorted(done) == ["", *["PASSWORD_WRONG"] * 3]
    opened = [new for new in news if await reason(taro.sign_in(new)) == ""]
    assert len(opened) == 1


async def test_sessions_are_listed_and_the_others_are_ended(taro: Person) -> None:
    here, elsewhere = await taro.sign_in(), await taro.sign_in()
    asked = pb.ListOwnSessionsRequest(session_id=here)
    listed = (await taro.own.ListOwnSessions(asked, timeout=TIMEOUT_S)).sessions
    assert [each.asking for each in listed].count(True) == 1
    assert len(listed) == 2
    assert all(each.begin_time.seconds < each.expire_time.seconds for each in listed)
    end = pb.EndOtherSessionsRequest(request_id=new_id(), session_id=here)
    for _ in range(2):  # a repeat is told the same
        answer = await taro.own.EndOtherSessions(end, timeout=TIMEOUT_S)
        assert answer.ended_count == 1
    assert [await taro.is_open(here), await taro.is_open(elsewhere)] == [True, False]


async def test_what_happens_to_a_login_is_noted_and_nothing_that_was_typed(
    taro: Person, capfd: pytest.CaptureFixture[str]
) -> None:
    noted.listen()
    here = await taro.sign_in()
    assert await reason(taro.sign_in("a wrong secret")) == "SIGN_IN_REFUSED"
    request = pb.SignInRequest(
        request_id=new_id(), login_name="a secret as a name", password="x"
    )  # fmt: skip
    assert await reason(taro.edge.SignIn(request, timeout=TIMEOUT_S)) == "SIGN_IN_REFUSED"
    assert await reason(taro.change(here, "a wrong secret")) == "PASSWORD_WRONG"
    await taro.change(here)
    lines = noted.security(capfd)
    assert [(each["event"], each["user_id"]) for each in lines] == [
        ("signed_in", taro.user_id), ("sign_in_refused", taro.user_id),
        ("sign_in_refused", "unknown"), ("password_not_changed", taro.user_id),
        ("password_changed", taro.user_id),
    ]  # fmt: skip
    assert "secret" not in str(lines)
    assert OLD not in str(lines)
    assert NEW not in str(lines)


async def test_a_change_that_is_sent_twice_is_answered_as_the_first_time(
    taro: Person, capfd: pytest.CaptureFixture[str]
) -> None:
    """The answer was lost, or a finger came down twice: the old password no longer fits."""
    noted.listen()
    here = await taro.sign_in()
    await taro.sign_in()
    request = pb.ChangeOwnPasswordRequest(
        request_id=new_id(), session_id=here, current_password=OLD, new_password=NEW
    )
    answers = [await taro.own.ChangeOwnPassword(request, timeout=TIMEOUT_S) for _ in range(3)]
    assert [each.ended_count for each in answers] == [1, 1, 1]
    lines = [each["event"] for each in noted.security(capfd)]
    assert lines.count("password_changed") == 1
    assert "password_not_changed" not in lines


async def test_nobody_is_given_a_password_that_is_the_login_name(
    directory: harness.Running, area: str
) -> None:
    stub = await make_area(directory, area)
    name = "hanako.takahashi88"
    made = await stub.CreateUser(
        pb.CreateUserRequest(request_id=new_id(), login_name=name, roles=[pb.ROLE_EDITOR]),
        timeout=TIMEOUT_S,
    )
    request = pb.ChangeUserRequest(
        request_id=new_id(), user_id=made.user.user_id, version=1, password=name
    )
    assert await reason(stub.ChangeUser(request, timeout=TIMEOUT_S)) == "PASSWORD_TOO_EASY"


async def test_a_device_that_is_enrolled_or_revoked_again_is_noted_once(
    directory: harness.Running, area: str, capfd: pytest.CaptureFixture[str]
) -> None:
    noted.listen()
    stub = await make_area(directory, area, place("gate"))
    enroll = pb.EnrollDeviceRequest(
        request_id=new_id(), name="till 1", kind="terminal", place_id="gate",
        public_key=os.urandom(32),
    )  # fmt: skip
    for _ in range(2):
        device = (await stub.EnrollDevice(enroll, timeout=TIMEOUT_S)).device
    for request_id in (first := new_id(), first, new_id()):
        revoke = pb.RevokeDeviceRequest(request_id=request_id, device_id=device.device_id)
        await stub.RevokeDevice(revoke, timeout=TIMEOUT_S)
    lines = [each["event"] for each in noted.security(capfd)]
    assert (lines.count("device_enrolled"), lines.count("device_revoked")) == (1, 1)
