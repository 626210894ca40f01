"""People are bound to shops, by their places; whoever is bound signs in again."""

from typing import Any

import grpc
import pytest

from meguri.directory.v1 import directory_service_pb2 as pb
from tests import harness
from tests.service.directory.test_directory import (
    TIMEOUT_S,
    make_area,
    new_id,
    place,
    program,
    refused,
)


async def test_a_shop_owner_is_bound_to_shops_and_signs_in_again(
    directory: harness.Running, area: str
) -> None:
    stub = await make_area(directory, area, place("shop-a"), place("shop-b"))
    edge = program(directory, area)
    made = await stub.CreateUser(
        pb.CreateUserRequest(request_id=new_id(), login_name="taro", roles=[pb.ROLE_SHOP_OWNER]),
        timeout=TIMEOUT_S,
    )
    assert list(made.user.shop_place_ids) == []
    signed = await edge.SignIn(
        pb.SignInRequest(request_id=new_id(), login_name="taro", password=made.password),
        timeout=TIMEOUT_S,
    )

    def change(version: int, **more: Any) -> pb.ChangeUserRequest:
        return pb.ChangeUserRequest(
            request_id=new_id(), user_id=made.user.user_id, version=version, **more
        )

    binding = pb.ShopBinding(shop_place_ids=["shop-b", "shop-a", "shop-b"])
    bound = await stub.ChangeUser(change(1, shops=binding), timeout=TIMEOUT_S)
    assert list(bound.user.shop_place_ids) == ["shop-a", "shop-b"]
    assert list(bound.user.roles) == [pb.ROLE_SHOP_OWNER]
    read = pb.ReadSessionRequest(session_id=signed.session_id)
    assert (await refused(edge.ReadSession(read, timeout=TIMEOUT_S)))[1] == "SESSION_OVER"
    kept = await stub.ChangeUser(change(2, display_name="太郎"), timeout=TIMEOUT_S)
    assert kept.user.shop_place_ids == bound.user.shop_place_ids
    unbound = await stub.ChangeUser(change(3, shops=pb.ShopBinding()), timeout=TIMEOUT_S)
    assert list(unbound.user.shop_place_ids) == []


@pytest.mark.parametrize("shops", [["shop-a", "nowhere"], ["shop-a"] * 101])
async def test_nobody_is_bound_to_what_is_no_place(
    directory: harness.Running, area: str, shops: list[str]
) -> None:
    stub = await make_area(directory, area, place("shop-a"))
    create = pb.CreateUserRequest(
        request_id=new_id(), login_name="taro", roles=[pb.ROLE_SHOP_OWNER], shop_place_ids=shops
    )
    refusal = (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS")
    assert await refused(stub.CreateUser(create, timeout=TIMEOUT_S)) == refusal
    del create.shop_place_ids[:]
    made = await stub.CreateUser(create, timeout=TIMEOUT_S)
    change = pb.ChangeUserRequest(
        request_id=new_id(), user_id=made.user.user_id, version=1,
        shops=pb.ShopBinding(shop_place_ids=shops),
    )  # fmt: skip
    assert await refused(stub.ChangeUser(change, timeout=TIMEOUT_S)) == refusal
    (user,) = (await stub.ListUsers(pb.ListUsersRequest(), timeout=TIMEOUT_S)).users
    assert (user.version, list(user.shop_place_ids)) == (1, [])
