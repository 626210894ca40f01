"""Speaking to the guide as the machine's owner."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from kit import config
from kit.auth import Caller, Minter
from kit.client import Peers
from kit.roles import OPERATOR


@contextmanager
def guide_channel() -> Iterator[grpc.Channel]:
    """Gives a channel to the guide of MEGURI_AREA. Errors: ConfigError where nothing runs."""
    settings = config.load("operator")
    if settings.token_private_key is None:
        raise config.ConfigError("MEGURI_TOKEN_PRIVATE_KEY is not set")
    minter = Minter(settings.token_private_key.read_bytes())
    caller = Caller(os.environ.get("MEGURI_AREA", "mine"), "operator", OPERATOR)
    peers = Peers(settings, minter.tokens_of(caller))
    try:
        yield peers.channel("multilingual")
    finally:
        peers.close()
