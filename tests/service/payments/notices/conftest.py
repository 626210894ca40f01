"""A register's own server, and notices to it on time that can be moved on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook

from kit.clock import Clock
from services.payments.app import notice_worker, notices, shops
from services.payments.app.deps import Deps
from services.payments.app.notices import Sending
from services.payments.domain.notice import (
    SUBSCRIBED,
    NoticeState,
    NoticeType,
    shown_secret,
)
from services.payments.gateways.notice_sender import HttpSender
from services.payments.gateways.signer import Signer
from tests.service.payments.conftest import AREA, CLERK, SHOP, key

OWN_MACHINE = ["127.0.0.0/8"]
ALL = list(SUBSCRIBED)


@dataclass
class Register:
    """A register's own server. answers: HTTP statuses to give next; 204 after them."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        """Takes a notice."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.heard.append((headers, await request.read()))
        status = self.answers.pop(0) if self.answers else 204
        return web.Response(status=status, headers={"Location": self.url})

    def verified(self, secret: bytes) -> list[Any]:
        """What was heard, as the library of the specification reads it."""
        receiver = Webhook(shown_secret(secret))
        return [receiver.verify(body, headers) for headers, body in self.heard]


@pytest.fixture
async def register() -> AsyncIterator[Register]:
    """A register that listens."""
    made = Register()
    application = web.Application()
    application.router.add_post("/notices", made.hear)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/notices"
    yield made
    await runner.cleanup()


class Later(Clock):
    """A clock that is ahead."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner
        self.ahead = timedelta()

    def now(self) -> datetime:
        """The time there."""
        return self._inner.now() + self.ahead


@pytest.fixture
async def sending(deps: Deps) -> AsyncIterator[Sending]:
    """Everything notices stand on; the shop practices."""
    await shops.configure_shops(deps, key(), AREA, [replace(SHOP, practice=True)])
    made = Sending(
        replace(deps, clock=Later(deps.clock)), HttpSender(OWN_MACHINE),
        Signer(Ed25519PrivateKey.generate()),
    )  # fmt: skip
    yield made
    await made.sender.close()


async def send_due(sending: Sending) -> int:
    """Sends until nothing is due. Returns how many notices were tried."""
    flights, tried = notice_worker.Flights(sending), 0
    while started := await flights.start_due():
        await flights.land()
        tried += started
    return tried


async def made(sending: Sending, url: str, types: list[NoticeType] | None = None) -> Any:
    return await notices.make_address(sending, key(), CLERK, "shop-a", url, types or ALL)


def clock_of(sending: Sending) -> Later:
    clock = sending.tools.clock
    assert isinstance(clock, Later)
    return clock


async def all_of(sending: Sending, address_id: str, state: NoticeState | None = None) -> Any:
    return await notices.list_notices(sending.tools, CLERK, address_id, state)
