"""The table from errors to answers, and the discipline of calls."""

import base64
from typing import Any
from urllib.parse import quote

import pytest
from google.rpc import error_details_pb2, status_pb2

from kit import rpc
from kit.auth import Caller, Role
from kit.client import UnboundedCall, check_call
from kit.db import StoreUnavailable
from kit.pure.errors import NotFound, Refusal
from kit.rpc import Errors, GrpcPart, NotAllowed, Status, is_read, look_up
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc
from services.directory import api

READ = "/meguri.directory.v1.DirectoryService/ReadArea"
CHANGE = "/meguri.directory.v1.DirectoryService/ClosePlace"


class Specific(NotFound):
    """A kind of not found."""


def test_the_services_own_table_comes_first() -> None:
    errors: Errors = {Specific: (Status.FAILED_PRECONDITION, "SPECIFIC")}
    assert look_up(errors, Specific()) == (Status.FAILED_PRECONDITION, "SPECIFIC")
    assert look_up(errors, NotFound()) == (Status.NOT_FOUND, "NOT_FOUND")


def test_what_nobody_named_is_internal() -> None:
    assert look_up({}, ZeroDivisionError()) == (Status.INTERNAL, "INTERNAL")
    assert look_up({}, Refusal()) == (Status.INTERNAL, "INTERNAL")
    assert look_up({}, NotAllowed()) == (Status.PERMISSION_DENIED, "NOT_ALLOWED")
    assert look_up({}, StoreUnavailable())[0] is Status.UNAVAILABLE


def test_the_contract_says_what_is_a_read() -> None:
    assert is_read(READ)
    assert not is_read(CHANGE)


def test_a_call_without_deadline_or_request_id_is_a_bug() -> None:
    with pytest.raises(UnboundedCall, match="timeout"):
        check_call(READ, None, pb.ReadAreaRequest())
    with pytest.raises(UnboundedCall, match="request_id"):
        check_call(CHANGE, 1.0, pb.ClosePlaceRequest(place_id="x"))
    check_call(READ, 1.0, pb.ReadAreaRequest())
    check_call(CHANGE, 1.0, pb.ClosePlaceRequest(request_id="12345678"))


def test_a_method_without_roles_stops_the_start() -> None:
    def part(allowed: Any) -> GrpcPart:
        return GrpcPart(
            pb_grpc.add_DirectoryServiceServicer_to_server, object(),
            "meguri.directory.v1.DirectoryService", allowed, {},
        )  # fmt: skip

    part(api.ALLOWED).check()
    fewer = {name: roles for name, roles in api.ALLOWED.items() if name != "DropArea"}
    with pytest.raises(ValueError, match="DropArea"):
        part(fewer).check()
    with pytest.raises(ValueError, match="Invented"):
        part({**api.ALLOWED, "Invented": frozenset()}).check()


def test_a_part_of_another_service_stops_the_start() -> None:
    """Who calls makes a token for the service that the method's package names."""
    name = "meguri.directory.v1.DirectoryService"
    part = GrpcPart(lambda *_: None, object(), name, api.ALLOWED, {})
    nobody: Any = object()
    rpc.Guard("directory", nobody).add(part, nobody)
    with pytest.raises(ValueError, match="no part of payments"):
        rpc.Guard("payments", nobody).add(part, nobody)
    assert rpc.service_of(READ) == rpc.service_of(name) == "directory"


def test_the_whole_installation_is_listed_to_programs_and_admins_only() -> None:
    """Crossing areas is the exception; whoever widens it shall meet this test."""
    assert {role.value for role in api.ALLOWED["ListAreas"]} == {"service", "admin"}


def test_equal_bytes_of_different_methods_are_different_requests() -> None:
    token = rpc._caller.set(Caller("mine", "anna", frozenset({Role.ADMIN})))
    try:
        sign_out = rpc.request_key(pb.SignOutRequest(request_id="12345678"))
        drop = rpc.request_key(pb.DropAreaRequest(request_id="12345678"))
    finally:
        rpc._caller.reset(token)
    assert sign_out.body_sha256 != drop.body_sha256
    assert (drop.principal, drop.request_id) == ("anna", "12345678")


class Aborted(Exception):
    """What ends a call."""


class Answering:
    """The context of a call that only ends."""

    async def abort(self, code: Status, text: str, trailing_metadata: Any) -> None:
        self.code, self.text, self.trailer = code, text, trailing_metadata
        raise Aborted


async def refused(fields: tuple[tuple[str, str], ...], text: str = "") -> tuple[Any, int]:
    """Returns status and bytes on the wire of a refusal."""
    answer: Any = Answering()
    text = text or "; ".join(f"{name}: {said}" for name, said in fields)
    with pytest.raises(Aborted):
        await rpc.refuse(answer, Status.INVALID_ARGUMENT, "INVALID_FIELDS", text, fields)
    ((_name, packed),) = answer.trailer
    size = len(base64.b64encode(packed)) + len(quote(answer.text))
    return status_pb2.Status.FromString(packed), size


def fields_of(status: Any) -> list[tuple[str, str]]:
    found = error_details_pb2.BadRequest()
    assert status.details[1].Unpack(found)
    return [(each.field, each.description) for each in found.field_violations]


@pytest.mark.parametrize("character", ["a", "é", "鍾", "\U00020bb7", "%"])
async def test_a_refusal_fits_into_the_metadata_of_an_answer(character: str) -> None:
    status, size = await refused(((character * 5_000, character * 5_000),) * 500)
    assert size < 7_600  # of 8,192 with the other headers
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert info.reason == "INVALID_FIELDS"
    told = fields_of(status)
    assert 2 <= len(told) <= 20
    assert told[0] == (character * 200, character * 200)


async def test_a_refusal_of_usual_size_is_told_whole() -> None:
    fields = tuple((f"line {number}", "SYNTAX: " + "x" * 120) for number in range(20))
    status, _size = await refused(fields, "Look at the file.")
    assert (fields_of(status), status.message) == (list(fields), "Look at the file.")
