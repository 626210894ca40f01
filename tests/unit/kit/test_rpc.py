"""The table from errors to answers, and the discipline of calls."""

from typing import Any

import pytest

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
