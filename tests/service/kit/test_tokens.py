"""A service that was taken over holds callers' tokens for a minute: they open no other service."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest

from infra.local.authority import ensure_certificates
from kit.auth import Caller, Role
from kit.client import Peers, problem_of, sync_channel
from kit.config import load
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.directory import events
from services.directory.main import build
from services.edge.clients import Clients
from tests import harness, noted

ADMIN = Caller("mine", "anna", frozenset({Role.ADMIN}))


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    ensure_certificates(tmp_path, ["directory", "edge", "insights", "operator"])
    return tmp_path


@pytest.fixture
async def directory(
    certificates: Path, service_database: Callable[[str], str], nats_url: str
) -> AsyncIterator[harness.Running]:
    """A real directory, with certificates as in an installation."""
    async with harness.running(
        "directory", events.ENCODERS, build, service_database("directory"), nats_url,
        MEGURI_TLS_DIR=str(certificates / "directory"),
    ) as it:  # fmt: skip
        yield it


def ask(address: str, own: Path, token: Callable[[str], str]) -> str:
    """Asks for the list of people; returns "" or the reason of the refusal. own: a certificate."""
    with sync_channel(address, own, token) as channel:
        try:
            DirectoryServiceStub(channel).ListUsers(pb.ListUsersRequest(), timeout=30)
        except grpc.RpcError as error:
            problem = problem_of(error)
            assert problem.code is grpc.StatusCode.UNAUTHENTICATED
            return problem.reason
    return ""


async def test_what_was_shown_to_one_service_opens_no_other(
    directory: harness.Running, certificates: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Insights, taken over, has its own certificate and the token that an admin's page brought."""
    minter, own = directory._minter, certificates / "insights"
    for meant in harness.SERVICES:
        brought = minter.mint(ADMIN, meant)
        noted.listen()
        capfd.readouterr()
        said = await asyncio.to_thread(ask, directory.address, own, partial(_shown, brought))
        told = [each["event"] for each in noted.security(capfd)]
        if meant == "directory":
            assert (said, told) == ("", [])
        else:
            assert (said, told) == ("NOT_AUTHENTICATED", ["call_not_authenticated"])


def _shown(token: str, _service: str) -> str:
    return token


async def test_pages_and_the_command_line_bring_a_token_for_whom_they_ask(
    directory: harness.Running, certificates: Path
) -> None:
    minter = directory._minter
    where = {"MEGURI_DIRECTORY_ADDRESS": directory.address}

    def settings(own: str) -> Any:
        return load(own, where | {"MEGURI_TLS_DIR": str(certificates / own)})

    def of_the_edge(caller: Caller | None) -> Any:
        clients = Clients(settings("edge"), minter, lambda: ADMIN)
        try:
            stub: Any = clients.stub(DirectoryServiceStub, 30.0, caller)
            return stub.ListUsers(pb.ListUsersRequest())
        finally:
            clients.close()

    def of_the_command_line() -> Any:
        peers = Peers(settings("operator"), minter.tokens_of(ADMIN))
        try:
            stub: Any = DirectoryServiceStub(peers.channel("directory"))
            return stub.ListUsers(pb.ListUsersRequest(), timeout=30)
        finally:
            peers.close()

    for work in (lambda: of_the_edge(None), lambda: of_the_edge(ADMIN), of_the_command_line):
        assert isinstance(await asyncio.to_thread(work), pb.ListUsersResponse)
