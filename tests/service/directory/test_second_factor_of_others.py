"""What admins do with second factors: take one from who lost the phone, and say who needs one."""

import pytest

from kit.auth import Role
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc
from meguri.directory.v1 import second_factor_service_pb2 as step_pb
from tests import harness, noted
from tests.service.directory.stepping import (
    Person,
    boss,
    code_of,
    database,
    directory,
    taro,
)
from tests.service.directory.test_directory import TIMEOUT_S, new_id
from tests.service.directory.test_own_login import reason

__all__ = ["boss", "database", "directory", "taro"]

OVER = "SESSION_OVER"


async def test_an_admin_takes_it_from_somebody_who_lost_the_phone(
    taro: Person, boss: Person, directory: harness.Running, capfd: pytest.CaptureFixture[str]
) -> None:
    _, codes, here = await taro.set_up()
    users = pb_grpc.DirectoryServiceStub(directory.channel(taro.area, Role.ADMIN))

    async def version(name: str) -> int:
        found = (await users.ListUsers(pb.ListUsersRequest(), timeout=TIMEOUT_S)).users
        assert {each.login_name: each.second_factor for each in found}["boss"] is False
        return int(next(each.version for each in found if each.login_name == name))

    async def reset(by: Person, whose: Person, seen: int) -> str:
        request = step_pb.ResetSecondFactorRequest(
            request_id=new_id(), user_id=whose.user_id, version=seen
        )
        return await reason(by.steps.ResetSecondFactor(request, timeout=TIMEOUT_S))

    seen = await version("taro")
    assert await reset(taro, boss, await version("boss")) == "NOT_ALLOWED"
    assert await reset(boss, boss, await version("boss")) == "OWN_SECOND_FACTOR"
    assert await reset(boss, taro, seen - 1) == "VERSION_CONFLICT"
    assert await taro.is_open(here)
    noted.listen()
    assert await reset(boss, taro, seen) == ""
    resets = [e for e in noted.security(capfd) if e["event"] == "second_factor_reset"]
    assert [(each["user_id"], each["by"]) for each in resets] == [(taro.user_id, boss.user_id)]
    assert not await taro.is_open(here)
    assert (await taro.password()).session_id
    assert (await taro.rows()).count("$argon2id$") == 2, "two passwords, no codes"
    assert await taro.sign_in(codes[0]) == OVER


async def test_a_rule_asks_those_with_the_role_and_nobody_at_first(
    taro: Person, boss: Person, directory: harness.Running
) -> None:
    mine, his = (await taro.password()).session_id, (await boss.password()).session_id

    async def require(by: Person, *roles: "pb.Role.ValueType") -> str:
        request = step_pb.SetSecondFactorRuleRequest(request_id=new_id(), roles=roles)
        return await reason(by.steps.SetSecondFactorRule(request, timeout=TIMEOUT_S))

    assert [await taro.owes(mine), await boss.owes(his)] == [False, False]
    assert await require(taro, pb.ROLE_EDITOR) == "NOT_ALLOWED"
    assert await require(boss, pb.ROLE_VISITOR) == "INVALID_FIELDS"
    assert await require(boss, pb.ROLE_EDITOR, pb.ROLE_ANALYST) == ""
    assert [await taro.owes(mine), await boss.owes(his)] == [True, False]
    assert (await taro.state()).required
    answer = await taro.password()
    assert (answer.owes_second_factor, bool(answer.session_id)) == (True, True)
    secret = await taro.begin(answer.session_id)
    await taro.confirm(answer.session_id, code_of(secret))
    assert not await taro.owes(answer.session_id)
    asked = step_pb.GetSecondFactorRuleRequest()
    found = await boss.steps.GetSecondFactorRule(asked, timeout=TIMEOUT_S)
    assert list(found.roles) == [pb.ROLE_EDITOR, pb.ROLE_ANALYST]
    assert len(await directory.heard(taro.area, "area_configured", 2)) == 2
    assert await require(boss) == ""
    assert not (await taro.state()).required
