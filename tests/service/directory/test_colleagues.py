"""Who answers visitors: known to one another by name, and by nothing else."""

from kit.auth import Role
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc
from tests import harness
from tests.service.directory.test_directory import TIMEOUT_S, make_area, new_id, refused


async def test_the_association_sees_who_answers_and_nothing_more(
    directory: harness.Running, area: str
) -> None:
    stub = await make_area(directory, area)
    made = {}
    for login, name, role in (
        ("taro", "太郎", pb.ROLE_EDITOR), ("hanako", "花子", pb.ROLE_ADMIN),
        ("jiro", "次郎", pb.ROLE_CLERK), ("saburo", "三郎", pb.ROLE_REVIEWER),
    ):  # fmt: skip
        request = pb.CreateUserRequest(
            request_id=new_id(), login_name=login, display_name=name, roles=[role]
        )
        made[login] = (await stub.CreateUser(request, timeout=TIMEOUT_S)).user
    gone = pb.ChangeUserRequest(
        request_id=new_id(), user_id=made["taro"].user_id, version=1, disabled=True
    )
    await stub.ChangeUser(gone, timeout=TIMEOUT_S)
    editor = pb_grpc.DirectoryServiceStub(directory.channel(area, Role.EDITOR))
    found = await editor.ListColleagues(pb.ListColleaguesRequest(), timeout=TIMEOUT_S)
    assert {each.user_id: (each.display_name, each.disabled) for each in found.colleagues} == {
        made["taro"].user_id: ("太郎", True), made["hanako"].user_id: ("花子", False),
    }  # fmt: skip
    assert "hanako" not in str(found)
    clerk = pb_grpc.DirectoryServiceStub(directory.channel(area, Role.CLERK))
    code, _ = await refused(clerk.ListColleagues(pb.ListColleaguesRequest(), timeout=TIMEOUT_S))
    assert code.name == "PERMISSION_DENIED"
