"""Sending a notice, and tests that somebody asks for."""

from datetime import timedelta

import msgspec

from kit.db import Row
from kit.ids import new_id
from kit.requests import RequestKey, once
from services.payments.app.deps import as_id
from services.payments.app.notices import Sending, own_address
from services.payments.app.who import Who
from services.payments.domain.notice import (
    NoticeState,
    NoticeType,
    Tried,
    after_try,
    next_try,
    signatures,
)
from services.payments.gateways.notice_sender import DEADLINE_S
from services.payments.store import notices

LEASE = timedelta(seconds=2 * DEADLINE_S)


async def send_one(sending: Sending, row: Row) -> None:
    """Sends a claimed notice and notes what became of it and of its address."""
    body = row["body"].encode()
    sent_at = int(sending.tools.clock.now().timestamp())
    generations = [row["generation"]]
    if row["old_until"] is not None and sending.tools.clock.now() < row["old_until"]:
        generations.append(row["generation"] - 1)
    secrets = [sending.secret(row["area"], row["address_id"], each) for each in generations]
    headers = {
        "content-type": "application/json",
        "user-agent": "Meguri",
        "webhook-id": row["notice_id"],
        "webhook-timestamp": str(sent_at),
        "webhook-signature": signatures(secrets, row["notice_id"], sent_at, body),
    }
    tried: Tried = await sending.sender.send(row["url"], body, headers)
    now = sending.tools.clock.now()
    state, next_time = next_try(row["tries"], tried, now)
    if row["type"] == NoticeType.TEST and state is NoticeState.WAITING:
        state, next_time = NoticeState.DEAD, None  # whoever tests waits for the answer: one try
    async with sending.tools.db.transaction(row["area"]) as tx:
        failing_since = await notices.note_address(tx, row["address_id"], tried, now)
        await notices.note(tx, row["notice_id"], tried, state, next_time, now)
        reason = after_try(failing_since, state, tried, now)
        if reason is not None:
            await notices.switch(tx, row["address_id"], now, reason)


async def test_address(sending: Sending, key: RequestKey, who: Who, address_id: str) -> Row:
    """Sends a test to an address, also to one that is off, and returns it with what became of it.

    Errors: UnknownNoticeAddress, ShopNotYours, RequestIdReused.
    """
    address_id = as_id("address_id", address_id)
    claimed: Row | None = None
    async with sending.tools.db.transaction(who.area) as tx:

        async def begin() -> str:
            nonlocal claimed
            address = await own_address(tx, who, address_id)
            now = sending.tools.clock.now()
            document = {
                "type": NoticeType.TEST, "timestamp": now,
                "data": {"address_id": address_id, "shop_place_id": address.shop_place_id},
            }  # fmt: skip
            body = msgspec.json.encode(document).decode()
            # Claimed: should this process die now, the worker sends it after the lease.
            claimed = await notices.put_test(tx, new_id(), address_id, body, now + LEASE)
            return str(claimed["notice_id"])

        notice_id = await once(tx, key, str, begin)
    if claimed is not None:
        await send_one(sending, claimed)
    async with sending.tools.db.read(who.area) as tx:
        found = await notices.find(tx, notice_id)
    if found is None:
        raise AssertionError(f"{notice_id} belongs to an answered request")
    return found
