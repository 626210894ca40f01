"""A register that answers slowly has a few connections; the notices of others pass it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from kit.db import StoreBusy
from services.payments.app import notice_worker
from services.payments.app.deps import Deps
from services.payments.app.notice_sending import LEASE
from services.payments.app.notices import Sending
from services.payments.domain.notice import NoticeState, Tried
from services.payments.domain.tender import Tender
from services.payments.store import notices as store
from tests.service.payments.conftest import taken
from tests.service.payments.notices.conftest import Register, all_of, clock_of, made

SALES = 12


class Uneven:
    """One register that does not answer before it may, and others that do."""

    def __init__(self, sending: Sending) -> None:
        self._sending, self.go_on = sending, asyncio.Event()
        self.hanging = self.most = self.answered = 0

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Tried:
        """Hangs, or hands on."""
        if not url.endswith("/slow"):
            return await self._sending.sender.send(url, body, headers)
        self.hanging += 1
        self.most = max(self.most, self.hanging)
        try:
            await self.go_on.wait()
            self.answered += 1
            return Tried(status=200)
        finally:
            self.hanging -= 1

    async def close(self) -> None:
        """Nothing is open."""


async def test_a_slow_register_has_four_connections_and_the_others_do_not_wait(
    deps: Deps, sending: Sending, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LOOKED_AT", SALES)  # its queue hides the others
    uneven = Uneven(sending)
    await made(sending, f"{register.url}/slow")
    for _ in range(SALES):
        await taken(deps, 500, Tender.CASH_RECORD)
    await made(sending, register.url)
    for _ in range(6):
        await taken(deps, 700, Tender.CASH_RECORD)
    worker = asyncio.create_task(notice_worker.run(replace(sending, sender=uneven)))
    async with asyncio.timeout(30):
        while len(register.heard) < 6:  # noqa: ASYNC110 - the condition lives in the register
            await asyncio.sleep(0.02)
    assert uneven.hanging == notice_worker.PER_ADDRESS == 4
    uneven.go_on.set()
    async with asyncio.timeout(30):
        while uneven.answered < SALES + 6:  # noqa: ASYNC110 - the condition lives in the sender
            await asyncio.sleep(0.02)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert uneven.most == notice_worker.PER_ADDRESS


async def test_what_could_not_be_noted_frees_its_place_and_is_sent_after_its_lease(
    deps: Deps, sending: Sending, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object) -> None:
        raise StoreBusy("somebody else is at it")

    address, _secret = await made(sending, register.url)
    await taken(deps, 500, Tender.CASH_RECORD)
    flights = notice_worker.Flights(sending)
    with monkeypatch.context() as broken:
        broken.setattr("services.payments.app.notice_worker.send_one", busy)
        assert await flights.start_due() == 1
        await flights.land()
    assert not flights._at_once
    assert await flights.start_due() == 0
    clock_of(sending).ahead += LEASE
    assert await flights.start_due() == 1
    await flights.land()
    [notice] = await all_of(sending, address.address_id)
    assert notice["state"] == NoticeState.DELIVERED
