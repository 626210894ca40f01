"""The directory with real PostgreSQL and NATS, called as the edge and other programs call it."""

import asyncio
import hashlib
import os
import re
import uuid
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from kit.db import Database
from meguri.directory.v1 import directory_events_pb2 as said
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc
from services.directory.app import users
from services.directory.app.passwords import is_password
from tests import harness

TIMEOUT_S = 30.0


def new_id() -> str:
    return str(uuid.uuid4())


def admin(it: harness.Running, area: str) -> Any:
    return pb_grpc.DirectoryServiceStub(it.channel(area, Role.ADMIN))


def program(it: harness.Running, area: str) -> Any:
    return pb_grpc.DirectoryServiceStub(it.channel(area, Role.SERVICE, principal="edge"))


def settings(area: str, **more: Any) -> pb.ConfigureAreaRequest:
    return pb.ConfigureAreaRequest(
        request_id=new_id(),
        area=pb.Area(
            area=area, names={"ja": "試験"}, time_zone="Asia/Tokyo", locales=["ja", "en"], **more
        ),
    )


def place(place_id: str, parent: str = "", **more: Any) -> pb.Place:
    return pb.Place(
        place_id=place_id, kind=pb.PLACE_KIND_POI, parent_place_id=parent, names={"ja": place_id},
        **more,
    )  # fmt: skip


async def make_area(it: harness.Running, area: str, *places: pb.Place, **more: Any) -> Any:
    stub = admin(it, area)
    await stub.ConfigureArea(settings(area, **more), timeout=TIMEOUT_S)
    if places:
        await stub.RecordPlaces(
            pb.RecordPlacesRequest(request_id=new_id(), places=places), timeout=TIMEOUT_S
        )
    return stub


async def refused(call: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    problem = problem_of(caught.value)
    return problem.code, problem.reason


async def test_an_area_is_configured_and_said_once(directory: harness.Running, area: str) -> None:
    stub = admin(directory, area)
    request = settings(area, hosts=[f"{area}.example.jp"])
    first = await stub.ConfigureArea(request, timeout=TIMEOUT_S)
    again = await stub.ConfigureArea(request, timeout=TIMEOUT_S)
    assert first == again
    assert (await stub.ReadArea(pb.ReadAreaRequest(), timeout=TIMEOUT_S)).area == first.area
    equal = await stub.ConfigureArea(
        settings(area, hosts=[f"{area}.example.jp"]), timeout=TIMEOUT_S
    )
    assert equal.area.version == 1, "equal settings raise no new version"

    [message] = await directory.heard(area, "area_configured", 1)
    assert said.AreaConfigured.FromString(message.data).area == first.area
    assert message.headers["ce-type"] == "meguri.directory.v1.area_configured"
    assert message.headers["Nats-Msg-Id"] == message.headers["ce-id"]


async def test_an_area_sees_nothing_of_another(directory: harness.Running, area: str) -> None:
    other = f"{area}b"
    await make_area(directory, area, place("here"))
    stub = await make_area(directory, other, place("there"))
    found = await stub.ListPlaces(pb.ListPlacesRequest(), timeout=TIMEOUT_S)
    assert [each.place_id for each in found.places] == ["there"]
    foreign = await stub.ListUsers(pb.ListUsersRequest(), timeout=TIMEOUT_S)
    assert not foreign.users


async def test_a_host_leads_to_one_area_only(directory: harness.Running, area: str) -> None:
    await make_area(directory, area, hosts=[f"{area}.example.jp"])
    other = admin(directory, f"{area}b")
    answer = await refused(
        other.ConfigureArea(settings(f"{area}b", hosts=[f"{area}.example.jp"]), timeout=TIMEOUT_S)
    )
    assert answer == (grpc.StatusCode.ALREADY_EXISTS, "HOST_TAKEN")


async def test_places_are_recorded_once(directory: harness.Running, area: str) -> None:
    stub = await make_area(directory, area, place("cave"), place("cave/pool", "cave"))
    answer = await stub.RecordPlaces(
        pb.RecordPlacesRequest(
            request_id=new_id(), places=[place("cave"), place("cave/pool", "cave", kana="ふち")]
        ),
        timeout=TIMEOUT_S,
    )
    assert (answer.recorded_count, answer.unchanged_count) == (1, 1)
    messages = await directory.heard(area, "place_recorded", 3)
    assert [message.headers["ce-aggregateversion"] for message in messages] == ["1", "1", "2"]


@pytest.mark.parametrize(
    "bad",
    [place("UPPER"), place("x", "nowhere"), pb.Place(place_id="y", kind=pb.PLACE_KIND_POI),
     pb.Place(place_id="z", kind=99, names={"ja": "z"}),  # type: ignore[arg-type]
     place("w", latitude=91, coordinate_quality=pb.COORDINATE_QUALITY_SOURCE)],
)  # fmt: skip
async def test_a_bad_place_spoils_the_batch(
    directory: harness.Running, area: str, bad: pb.Place
) -> None:
    stub = await make_area(directory, area)
    request = pb.RecordPlacesRequest(request_id=new_id(), places=[place("good"), bad])
    code, reason = await refused(stub.RecordPlaces(request, timeout=TIMEOUT_S))
    assert (code, reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS")
    assert not (await stub.ListPlaces(pb.ListPlacesRequest(), timeout=TIMEOUT_S)).places


async def test_a_closure_reaches_everything_below_and_can_be_undone(
    directory: harness.Running, area: str
) -> None:
    stub = await make_area(
        directory, area, place("cave"), place("cave/gate", "cave"), place("museum")
    )
    closed = await stub.ClosePlace(
        pb.ClosePlaceRequest(request_id=new_id(), place_id="cave", reason="flood"),
        timeout=TIMEOUT_S,
    )
    [message] = await directory.heard(area, "place_closed", 1)
    event = said.PlaceClosed.FromString(message.data)
    assert list(event.affected_place_ids) == ["cave", "cave/gate"]
    assert not event.HasField("until_time")

    undo = pb.ReopenPlaceRequest(request_id=new_id(), closure_id=closed.closure.closure_id)
    reopened = await stub.ReopenPlace(undo, timeout=TIMEOUT_S)
    assert reopened.closure.version == 2
    assert await stub.ReopenPlace(undo, timeout=TIMEOUT_S) == reopened
    [message] = await directory.heard(area, "place_reopened", 1)
    assert said.PlaceReopened.FromString(message.data).place_id == "cave"
    listed = await stub.ListClosures(pb.ListClosuresRequest(), timeout=TIMEOUT_S)
    assert not listed.closures
    undo.request_id = new_id()
    answer = await refused(stub.ReopenPlace(undo, timeout=TIMEOUT_S))
    assert answer == (grpc.StatusCode.FAILED_PRECONDITION, "CLOSURE_OVER")


async def test_fifty_equal_requests_close_once(directory: harness.Running, area: str) -> None:
    stub = await make_area(directory, area, place("cave"))
    request = pb.ClosePlaceRequest(request_id=new_id(), place_id="cave", reason="flood")
    answers = await asyncio.gather(
        *(stub.ClosePlace(request, timeout=TIMEOUT_S) for _ in range(50))
    )
    assert len({answer.closure.closure_id for answer in answers}) == 1
    listed = await stub.ListClosures(pb.ListClosuresRequest(), timeout=TIMEOUT_S)
    assert len(listed.closures) == 1
    request.reason = "weather"
    answer = await refused(stub.ClosePlace(request, timeout=TIMEOUT_S))
    assert answer == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")


async def test_sign_in_and_its_end(directory: harness.Running, area: str) -> None:
    stub, edge = await make_area(directory, area), program(directory, area)
    create = pb.CreateUserRequest(
        request_id=new_id(), login_name="hanako", roles=[pb.ROLE_EDITOR, pb.ROLE_REVIEWER]
    )
    made = await stub.CreateUser(create, timeout=TIMEOUT_S)
    assert re.fullmatch(r"[a-z2-9]{5}(-[a-z2-9]{5}){3}", made.password)
    assert (await stub.CreateUser(create, timeout=TIMEOUT_S)).password == ""

    signed = await edge.SignIn(
        pb.SignInRequest(request_id=new_id(), login_name="Hanako ", password=made.password),
        timeout=TIMEOUT_S,
    )
    read = pb.ReadSessionRequest(session_id=signed.session_id)
    assert (await edge.ReadSession(read, timeout=TIMEOUT_S)).user == made.user

    await stub.ChangeUser(
        pb.ChangeUserRequest(
            request_id=new_id(), user_id=made.user.user_id, version=1, disabled=True
        ),
        timeout=TIMEOUT_S,
    )
    assert (await refused(edge.ReadSession(read, timeout=TIMEOUT_S)))[1] == "SESSION_OVER"
    again = pb.SignInRequest(request_id=new_id(), login_name="hanako", password=made.password)
    assert (await refused(edge.SignIn(again, timeout=TIMEOUT_S)))[1] == "SIGN_IN_REFUSED"
    messages = await directory.heard(area, "user_changed", 2)
    assert said.UserChanged.FromString(messages[1].data).disabled


async def test_no_password_can_be_tried_against_what_is_stored(
    directory: harness.Running, area: str, database_of: list[str]
) -> None:
    """The stored hash of a sign-in request is the same whatever the password was."""
    stub, edge = await make_area(directory, area), program(directory, area)
    password = "correct horse battery"
    await stub.CreateUser(
        pb.CreateUserRequest(
            request_id="create-user-1", login_name="taro", password=password,
            roles=[pb.ROLE_CLERK],
        ),
        timeout=TIMEOUT_S,
    )  # fmt: skip
    request = pb.SignInRequest(request_id="sign-in-once", login_name="taro", password=password)
    await edge.SignIn(request, timeout=TIMEOUT_S)
    bare = pb.SignInRequest(request_id="sign-in-once", login_name="taro")
    expected = hashlib.sha256(
        bare.DESCRIPTOR.full_name.encode() + b"\0" + bare.SerializeToString(deterministic=True)
    )
    database = Database(database_of[0])
    await database.open()
    async with database.read(area) as tx:
        rows = await tx.fetch_all(
            "select request_id, body_sha256, answer::text as answer from requests"
        )
    await database.close()
    stored = {row["request_id"]: row for row in rows}
    assert bytes(stored["sign-in-once"]["body_sha256"]) == expected.digest()
    assert not any(password in str(row) for row in rows)


async def test_a_login_changed_while_the_password_is_checked_opens_no_session(
    directory: harness.Running, area: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub, edge = await make_area(directory, area), program(directory, area)
    made = await stub.CreateUser(
        pb.CreateUserRequest(request_id=new_id(), login_name="jiro", roles=[pb.ROLE_CLERK]),
        timeout=TIMEOUT_S,
    )

    async def check_slowly(password_hash: str | None, password: str) -> bool:
        right = await is_password(password_hash, password)
        await stub.ChangeUser(
            pb.ChangeUserRequest(
                request_id=new_id(), user_id=made.user.user_id, version=1,
                password="plum-otter-lantern",
            ),
            timeout=TIMEOUT_S,
        )  # fmt: skip
        return right

    monkeypatch.setattr(users, "is_password", check_slowly)
    request = pb.SignInRequest(request_id=new_id(), login_name="jiro", password=made.password)
    assert (await refused(edge.SignIn(request, timeout=TIMEOUT_S)))[1] == "SIGN_IN_REFUSED"


async def test_two_people_changing_a_user_notice_each_other(
    directory: harness.Running, area: str
) -> None:
    stub = await make_area(directory, area)
    made = await stub.CreateUser(
        pb.CreateUserRequest(request_id=new_id(), login_name="jiro", roles=[pb.ROLE_CLERK]),
        timeout=TIMEOUT_S,
    )
    change = pb.ChangeUserRequest(
        request_id=new_id(), user_id=made.user.user_id, version=1, display_name="次郎"
    )
    await stub.ChangeUser(change, timeout=TIMEOUT_S)
    change.request_id = new_id()
    assert (await refused(stub.ChangeUser(change, timeout=TIMEOUT_S)))[1] == "VERSION_CONFLICT"


async def test_a_revoked_device_may_not_sign(directory: harness.Running, area: str) -> None:
    stub, edge = await make_area(directory, area, place("gate")), program(directory, area)
    enrolled = await stub.EnrollDevice(
        pb.EnrollDeviceRequest(
            request_id=new_id(), name="till 1", kind="terminal", place_id="gate",
            public_key=os.urandom(32),
        ),
        timeout=TIMEOUT_S,
    )  # fmt: skip
    read = pb.ReadDeviceRequest(device_id=enrolled.device.device_id)
    assert (await edge.ReadDevice(read, timeout=TIMEOUT_S)).device == enrolled.device
    await stub.RevokeDevice(
        pb.RevokeDeviceRequest(request_id=new_id(), device_id=enrolled.device.device_id),
        timeout=TIMEOUT_S,
    )
    assert (await refused(edge.ReadDevice(read, timeout=TIMEOUT_S)))[1] == "DEVICE_REVOKED"
    await directory.heard(area, "device_revoked", 1)


async def test_only_a_demonstration_area_can_be_dropped(
    directory: harness.Running, area: str
) -> None:
    real = await make_area(directory, area)
    demo = await make_area(directory, f"{area}d", place("cave"), demo=True)
    drop = pb.DropAreaRequest(request_id=new_id())
    assert (await refused(real.DropArea(drop, timeout=TIMEOUT_S)))[1] == "AREA_NOT_DEMO"
    await demo.DropArea(drop, timeout=TIMEOUT_S)
    assert (await refused(demo.ReadArea(pb.ReadAreaRequest(), timeout=TIMEOUT_S)))[1] == "NOT_FOUND"
    await directory.heard(f"{area}d", "area_dropped", 1)
    listed = await program(directory, area).ListAreas(pb.ListAreasRequest(), timeout=TIMEOUT_S)
    assert [each.area for each in listed.areas] == [area]
    said_once = await directory.heard(f"{area}d", "area_dropped", 1)
    assert len(said_once) == 1
    await demo.DropArea(drop, timeout=TIMEOUT_S)  # a repeat gets the first answer


async def test_a_real_area_is_dropped_when_its_name_is_repeated(
    directory: harness.Running, area: str
) -> None:
    real = await make_area(directory, area)
    for wrong in ("", "mine", f"{area}x"):
        drop = pb.DropAreaRequest(request_id=new_id(), confirm_area=wrong)
        assert (await refused(real.DropArea(drop, timeout=TIMEOUT_S)))[1] == "AREA_NOT_DEMO"
    right = pb.DropAreaRequest(request_id=new_id(), confirm_area=area)
    await real.DropArea(right, timeout=TIMEOUT_S)
    assert (await refused(real.ReadArea(pb.ReadAreaRequest(), timeout=TIMEOUT_S)))[1] == "NOT_FOUND"
    await directory.heard(area, "area_dropped", 1)


@pytest.mark.parametrize(
    ("roles", "expected"),
    [((Role.VISITOR,), "NOT_ALLOWED"), ((Role.ANALYST, Role.CLERK), "NOT_ALLOWED")],
)
async def test_roles_decide(
    directory: harness.Running, area: str, roles: tuple[Role, ...], expected: str
) -> None:
    stub: Any = pb_grpc.DirectoryServiceStub(directory.channel(area, *roles))
    assert (await refused(stub.ConfigureArea(settings(area), timeout=TIMEOUT_S)))[1] == expected


async def test_no_token_no_deadline_no_request_id(directory: harness.Running, area: str) -> None:
    bare: Any = pb_grpc.DirectoryServiceStub(directory.bare_channel())
    answer = await refused(bare.ReadArea(pb.ReadAreaRequest(), timeout=TIMEOUT_S))
    assert answer == (grpc.StatusCode.UNAUTHENTICATED, "NOT_AUTHENTICATED")
    stub = admin(directory, area)
    assert (await refused(stub.ReadArea(pb.ReadAreaRequest())))[1] == "DEADLINE_REQUIRED"
    request = settings(area)
    request.request_id = ""
    assert (await refused(stub.ConfigureArea(request, timeout=TIMEOUT_S)))[1] == "INVALID_FIELDS"


async def test_a_forgotten_password_is_replaced_and_shown_once(
    directory: harness.Running, area: str
) -> None:
    stub, edge = await make_area(directory, area), program(directory, area)
    made = await stub.CreateUser(
        pb.CreateUserRequest(request_id=new_id(), login_name="saburo", roles=[pb.ROLE_CLERK]),
        timeout=TIMEOUT_S,
    )
    renew = pb.ChangeUserRequest(
        request_id=new_id(), user_id=made.user.user_id, version=1, make_password=True
    )
    renewed = await stub.ChangeUser(renew, timeout=TIMEOUT_S)
    assert renewed.password not in {"", made.password}
    assert (await stub.ChangeUser(renew, timeout=TIMEOUT_S)).password == ""
    old = pb.SignInRequest(request_id=new_id(), login_name="saburo", password=made.password)
    assert (await refused(edge.SignIn(old, timeout=TIMEOUT_S)))[1] == "SIGN_IN_REFUSED"
    new = pb.SignInRequest(request_id=new_id(), login_name="saburo", password=renewed.password)
    assert (await edge.SignIn(new, timeout=TIMEOUT_S)).user.login_name == "saburo"


async def test_an_admin_configures_no_other_area(directory: harness.Running, area: str) -> None:
    stub = await make_area(directory, area)
    answer = await refused(stub.ConfigureArea(settings(f"{area}x"), timeout=TIMEOUT_S))
    assert answer[1] == "INVALID_FIELDS"
