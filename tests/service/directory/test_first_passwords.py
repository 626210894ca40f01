"""A password that somebody else made ends after seven days; an own one does not."""

from typing import Any

import pytest

from kit.auth import Role
from kit.db import Database
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc
from services.directory.domain.user import FIRST_PASSWORD_LIFE
from tests import harness, noted
from tests.service.directory.stepping import database
from tests.service.directory.test_directory import TIMEOUT_S, new_id
from tests.service.directory.test_own_login import NEW, OLD, Person, reason, taro

__all__ = ["database", "taro"]


async def user_of(users: Any) -> pb.User:
    found = (await users.ListUsers(pb.ListUsersRequest(), timeout=TIMEOUT_S)).users
    user: pb.User = next(each for each in found if each.login_name == "taro")
    return user


@pytest.fixture
def users(directory: harness.Running, area: str) -> Any:
    return pb_grpc.DirectoryServiceStub(directory.channel(area, Role.ADMIN))


async def pass_days(database: Database, area: str, days: int) -> None:
    async with database.transaction(area) as tx:
        await tx.execute(
            "update users set password_until = password_until - make_interval(days => %s)"
            " where area = %s", (days, area),
        )  # fmt: skip


async def test_a_first_password_ends_after_seven_days_and_a_new_one_begins_anew(
    taro: Person, users: Any, database: Database, area: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert FIRST_PASSWORD_LIFE.days == 7
    here = await taro.sign_in()
    await pass_days(database, area, 6)
    assert await reason(taro.sign_in()) == ""
    await pass_days(database, area, 1)
    noted.listen()
    assert await reason(taro.sign_in()) == "FIRST_PASSWORD_ENDED"
    assert await reason(taro.sign_in("wrong")) == "SIGN_IN_REFUSED", "told to who knows it alone"
    said = [each["why"] for each in noted.security(capfd) if each["event"] == "sign_in_refused"]
    assert said == ["first_password_ended", "wrong"]
    assert await taro.is_open(here), "whoever is signed in may choose an own one"
    before = await user_of(users)
    request = pb.ChangeUserRequest(
        request_id=new_id(), user_id=taro.user_id, version=before.version, make_password=True
    )
    made = (await users.ChangeUser(request, timeout=TIMEOUT_S)).password
    assert await reason(taro.sign_in(made)) == ""
    assert (await user_of(users)).password_until_time.seconds > before.password_until_time.seconds


async def test_an_own_password_does_not_end(
    taro: Person, users: Any, database: Database, area: str
) -> None:
    here = await taro.sign_in()
    assert (await user_of(users)).HasField("password_until_time")
    await taro.change(here)
    assert not (await user_of(users)).HasField("password_until_time")
    await pass_days(database, area, 400)
    assert await reason(taro.sign_in(NEW)) == ""


async def test_another_change_by_an_admin_makes_no_own_password_a_first_one(
    taro: Person, users: Any, database: Database, area: str
) -> None:
    await taro.change(await taro.sign_in())
    user = await user_of(users)
    request = pb.ChangeUserRequest(
        request_id=new_id(), user_id=user.user_id, version=user.version, roles=[pb.ROLE_ANALYST]
    )
    await users.ChangeUser(request, timeout=TIMEOUT_S)
    assert not (await user_of(users)).HasField("password_until_time")
    assert await reason(taro.sign_in(OLD)) == "SIGN_IN_REFUSED"
