"""When and where a session is used, and an end of single ones by the password."""

from typing import Any

import pytest

from kit.auth import Role
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc
from services.directory.domain.attempts import ATTEMPTS_HERE
from tests import harness
from tests.service.directory.test_directory import TIMEOUT_S, new_id
from tests.service.directory.test_own_login import OLD, Person, reason, taro

__all__ = ["taro"]


async def note(taro: Person, session_id: str, part: str, *, counts: bool = True) -> str:
    request = pb.NoteSessionUseRequest(
        request_id=new_id(), session_id=session_id, part=part, counts=counts
    )
    return await reason(taro.edge.NoteSessionUse(request, timeout=TIMEOUT_S))


async def used(taro: Person, session_id: str) -> float:
    asked = pb.ReadSessionRequest(session_id=session_id)
    answer = await taro.edge.ReadSession(asked, timeout=TIMEOUT_S)
    return float(answer.use_time.seconds + answer.use_time.nanos / 1e9)


async def listed(taro: Person, session_id: str) -> list[Any]:
    asked = pb.ListOwnSessionsRequest(session_id=session_id)
    return list((await taro.own.ListOwnSessions(asked, timeout=TIMEOUT_S)).sessions)


async def end(taro: Person, session_id: str, handle: str, password: str = OLD) -> int:
    request = pb.EndOwnSessionsRequest(
        request_id=new_id(), session_id=session_id, current_password=password, handle=handle
    )
    answer = await taro.own.EndOwnSessions(request, timeout=TIMEOUT_S)
    return int(answer.ended_count)


async def test_a_use_is_noted_and_one_at_a_counter_only_says_where(taro: Person) -> None:
    here = await taro.sign_in()
    first = await used(taro, here)
    assert first > 0, "signing in is a use"
    assert await note(taro, here, "/studio") == ""
    second = await used(taro, here)
    assert second > first
    assert await note(taro, here, "/till", counts=False) == ""
    assert await used(taro, here) == second
    (one,) = await listed(taro, here)
    assert (one.part, one.asking) == ("/till", True)
    assert await note(taro, "made up", "/studio") == "", "an unknown one is no error"


@pytest.mark.parametrize("part", [
    "/studio/8WXC3/ja", "/a?b", "studio", "https://x", "/till/payments/1", "/" + "a" * 30, "//",
])  # fmt: skip
async def test_no_address_is_kept_only_the_part_of_the_site(taro: Person, part: str) -> None:
    here = await taro.sign_in()
    assert await note(taro, here, part) == "INVALID_FIELDS"
    assert [each.part for each in await listed(taro, here)] == [""]


async def test_one_session_is_ended_by_its_handle_and_the_password(
    taro: Person, directory: harness.Running, area: str
) -> None:
    here, other, third = [await taro.sign_in() for _ in range(3)]
    handles = {each.handle: each.asking for each in await listed(taro, here)}
    assert len(handles) == 3
    assert not any(session_id in str(handles) for session_id in (here, other, third))
    mine = next(handle for handle, asking in handles.items() if asking)
    meant = next(handle for handle, asking in handles.items() if not asking)
    assert await reason(end(taro, here, meant, "not the one")) == "PASSWORD_WRONG"
    assert await end(taro, here, meant) == 1
    assert [await taro.is_open(each) for each in (here, other, third)].count(True) == 2
    assert await taro.is_open(here)
    assert await end(taro, here, meant) == 0, "it is over"
    assert await end(taro, here, mine) == 0, "the way out is signing out"
    assert await end(taro, here, "") == 1
    assert [await taro.is_open(each) for each in (here, other, third)] == [True, False, False]
    assert len(await directory.heard(area, "user_changed", 5)) == 5


async def test_nobody_ends_a_session_of_somebody_else(
    taro: Person, directory: harness.Running, area: str
) -> None:
    here = await taro.sign_in()
    (one,) = await listed(taro, here)
    users = pb_grpc.DirectoryServiceStub(directory.channel(area, Role.ADMIN))
    made = await users.CreateUser(
        pb.CreateUserRequest(
            request_id=new_id(), login_name="jiro", password=OLD, roles=[pb.ROLE_ADMIN]
        ),
        timeout=TIMEOUT_S,
    )
    user_id = made.user.user_id
    own = pb_grpc.DirectoryServiceStub(directory.channel(area, Role.ADMIN, principal=user_id))
    jiro = Person(own, taro.edge, user_id)
    signed = pb.SignInRequest(request_id=new_id(), login_name="jiro", password=OLD)
    his = (await taro.edge.SignIn(signed, timeout=TIMEOUT_S)).session_id
    assert await end(jiro, his, one.handle) == 0
    assert await reason(end(jiro, here, "")) == "SESSION_OVER", "asked from a session of another"
    assert await taro.is_open(here)


async def test_whoever_finds_a_session_open_cannot_try_passwords_here_either(
    taro: Person,
) -> None:
    here = await taro.sign_in()
    tried = [await reason(end(taro, here, "", "guess")) for _ in range(ATTEMPTS_HERE + 1)]
    assert tried == ["PASSWORD_WRONG"] * ATTEMPTS_HERE + ["TOO_MANY_ATTEMPTS"]
