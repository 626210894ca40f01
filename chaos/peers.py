"""Channels to the services of a platform, with tokens that the machine's owner may mint."""

from collections.abc import Iterator
from contextlib import contextmanager

from chaos.platform import Platform
from cli.connection import running_machine
from infra.local.home import Home
from infra.local.table import COMMAND_LINE
from kit import config
from kit.auth import Caller, Minter, Role
from kit.client import Peers

OWNER = frozenset({Role.ADMIN, Role.SERVICE, Role.ANALYST})


class NothingRuns(OSError):
    """The platform is down; whoever reads its books learns that they cannot be read."""


@contextmanager
def owner_peers(platform: Platform, area: str = "mine") -> Iterator[Peers]:
    """Channels with the rights of the machine's owner."""
    with peers_as(platform, Caller(area, "fault-test", OWNER)) as made:
        yield made


@contextmanager
def clerk_peers(platform: Platform, principal: str) -> Iterator[Peers]:
    """Channels with the rights of a clerk, as the edge opens them for the till."""
    with peers_as(platform, Caller("mine", principal, frozenset({Role.CLERK}))) as made:
        yield made


@contextmanager
def peers_as(platform: Platform, caller: Caller) -> Iterator[Peers]:
    """Channels on which every call speaks for a caller. Errors: NothingRuns."""
    machine = running_machine(Home(platform.data))
    if machine is None:
        raise NothingRuns(f"nothing runs on {platform.data}")
    settings = config.load("fault-test", machine.variables(COMMAND_LINE))
    if settings.token_private_key is None:
        raise RuntimeError("the key that signs tokens is not there")
    minter = Minter(settings.token_private_key.read_bytes())
    made = Peers(settings, minter.tokens_of(caller))
    try:
        yield made
    finally:
        made.close()
