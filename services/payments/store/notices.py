"""Addresses of registers, and the notices that wait for them or went out."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from kit.db import Row, Transaction
from kit.pure.event import Event
from services.payments.domain.events import PaymentCaptured, PaymentRefunded, PaymentVoided
from services.payments.domain.notice import (
    TYPES,
    NoticeAddress,
    NoticeState,
    NoticeType,
    OffReason,
    Tried,
)

_WRITE = (
    # What nobody sends is kept all the same: a replay sends it once the address is on again.
    "insert into notices (area, notice_id, address_id, payment_id, type, body, state, fault,"
    " next_time)"
    " select a.area, gen_random_uuid(), a.address_id, given.payment_id, given.type, given.body,"
    " case when a.off_time is null then 'waiting' else 'dead' end,"
    " case when a.off_time is null then '' else 'address_off' end,"
    " case when a.off_time is null then now() end"
    " from jsonb_to_recordset(%s::jsonb)"
    " as given (shop text, payment_id uuid, type text, body text)"
    " join notice_addresses a on a.area = %s and a.shop_place_id = given.shop"
    " and given.type = any(a.types) and a.remove_time is null"
)
_ADDRESSES = (
    "select address_id::text as address_id, shop_place_id, url, types, generation,"
    " (select count(*) from notices n where n.area = a.area and n.address_id = a.address_id"
    "   and n.state = 'waiting') as waiting_count,"
    " (select count(*) from notices n where n.area = a.area and n.address_id = a.address_id"
    "   and n.state = 'dead' and n.type <> 'meguri.test') as dead_count,"
    " old_until, deliver_time, failing_since, off_time, off_reason"
    " from notice_addresses a where area = %s and remove_time is null"
)


LOOKED_AT = 1_000  # of what is due, whatever has piled up
_SHOWN = (
    "select notice_id::text as notice_id, payment_id::text as payment_id, type, state, tries,"
    " status, fault, create_time, next_time, try_time from notices"
)
_TO_SEND = (
    "returning n.area, n.notice_id::text as notice_id, n.type, n.body, n.tries,"
    " a.address_id::text as address_id, a.url, a.generation, a.old_until"
)


async def write(
    tx: Transaction, events: Sequence[Event], unheard: Collection[str] = frozenset()
) -> None:
    """Writes a notice of each event for each address that wants it, in the state's transaction.

    unheard: shops known to have no address; of their events nothing is made.
    """
    given = [
        {"shop": event.shop_place_id, "payment_id": event.aggregate_id,
         "type": TYPES[type(event)], "body": _body(event)}
        for event in events
        if isinstance(event, (PaymentCaptured, PaymentVoided, PaymentRefunded))
        and event.shop_place_id not in unheard
    ]  # fmt: skip
    if given:
        await tx.send(_WRITE, (msgspec.json.encode(given).decode(), tx.area))


def _data(event: Event) -> Row:
    data: Row = {"payment_id": event.aggregate_id, "version": event.version}
    names = ["shop_place_id", "tender", "amount_yen", "channel", "business_date", "practice"]
    if getattr(event, "split_sale_id", ""):
        names.append("split_sale_id")
    if isinstance(event, PaymentRefunded):
        names.append("refund_id")
    return data | {name: getattr(event, name) for name in names}


def _body(event: Event) -> str:
    document = {"type": TYPES[type(event)], "timestamp": event.occur_time, "data": _data(event)}
    return msgspec.json.encode(document).decode()


async def put_address(tx: Transaction, address: NoticeAddress, made_by: str) -> None:
    """Stores a new address."""
    await tx.execute(
        "insert into notice_addresses"
        " (area, address_id, shop_place_id, url, types, generation, made_by)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (tx.area, address.address_id, address.shop_place_id, address.url, list(address.types),
         address.generation, made_by),
    )  # fmt: skip


async def addresses(tx: Transaction, shop_place_ids: Sequence[str]) -> list[NoticeAddress]:
    """Returns the addresses of shops, oldest first. shop_place_ids: empty for all shops."""
    wanted = list(shop_place_ids)
    rows = await tx.fetch_all(
        f"{_ADDRESSES} and (%s or shop_place_id = any(%s)) order by address_id",
        (tx.area, not wanted, wanted),
    )
    return [msgspec.convert(row, NoticeAddress) for row in rows]


async def lock_address(tx: Transaction, address_id: str) -> NoticeAddress | None:
    """Returns an address, its row locked, or None."""
    row = await tx.fetch_one(
        f"{_ADDRESSES} and address_id = %s for update of a", (tx.area, address_id)
    )
    return msgspec.convert(row, NoticeAddress) if row else None


async def turn_secret(
    tx: Transaction, address_id: str, now: datetime, old_until: datetime | None
) -> None:
    """Has an address sign with its next secret, until a time with the one before too."""
    await tx.execute(
        "update notice_addresses set generation = generation + 1, turn_time = %s, old_until = %s"
        " where area = %s and address_id = %s",
        (now, old_until, tx.area, address_id),
    )


async def switch(tx: Transaction, address_id: str, now: datetime, reason: OffReason | None) -> None:
    """Switches an address off for a reason, or on for None. What waits for it then is dead."""
    await tx.execute(
        "update notice_addresses set off_time = %s, off_reason = %s, failing_since ="
        " case when %s then failing_since end where area = %s and address_id = %s",
        (now if reason else None, reason or "", reason is not None, tx.area, address_id),
    )
    if reason is not None:
        await _bury(tx, address_id, "address_off")


async def _bury(tx: Transaction, address_id: str, fault: str) -> None:
    await tx.execute(
        "update notices set state = 'dead', fault = %s, next_time = null"
        " where area = %s and address_id = %s and state = 'waiting'",
        (fault, tx.area, address_id),
    )


async def remove_address(tx: Transaction, address_id: str) -> None:
    """Takes an address out of use; what waits for it is dead."""
    await tx.execute(
        "update notice_addresses set remove_time = now() where area = %s and address_id = %s",
        (tx.area, address_id),
    )
    await _bury(tx, address_id, "address_removed")


async def of_address(
    tx: Transaction, address_id: str, state: NoticeState | None, limit: int
) -> list[Row]:
    """Returns notices of an address, newest first."""
    return await tx.fetch_all(
        f"{_SHOWN} where area = %s and address_id = %s"
        " and (%s::text is null or state = %s) order by create_time desc, notice_id limit %s",
        (tx.area, address_id, state, state, limit),
    )


async def replay(tx: Transaction, address_id: str, notice_ids: Sequence[str]) -> int:
    """Has notices wait again, as if new: those named, or all dead ones for none. Returns how many.

    The id stays: a receiver that had it after all drops the repeat.
    """
    return await tx.execute(
        "update notices set state = 'waiting', tries = 0, next_time = now(), fault = ''"
        " where area = %s and address_id = %s and"
        " (notice_id = any(%s::uuid[]) or %s and state = 'dead' and type <> 'meguri.test')",
        (tx.area, address_id, list(notice_ids), not notice_ids),
    )


async def due(
    tx: Transaction, now: datetime, lease: timedelta, limit: int, per_address: int,
    at_once: Mapping[str, int],
) -> list[Row]:  # fmt: skip
    """Claims notices to send, across all areas: until the lease is over they are nobody else's.

    per_address: most to be on their way to one address. at_once: how many are, by address id.
    Behind a long queue of one address others are not seen before it has as many: ask again then.
    """
    return await tx.fetch_all(
        "update notices n set tries = tries + 1, next_time = %(until)s"  # noqa: S608 - constants
        " from notice_addresses a"
        " where a.area = n.area and a.address_id = n.address_id and (n.area, n.notice_id) in"
        " (select area, notice_id from notices where (area, notice_id) in"
        "   (select area, notice_id from"
        "     (select area, notice_id, address_id, next_time, row_number() over"
        "       (partition by area, address_id order by next_time, notice_id) as place"
        "       from (select * from notices where state = 'waiting' and next_time <= %(now)s"
        "         and address_id <> all(%(full)s::uuid[])"
        f"        order by next_time limit {LOOKED_AT}) as first) as ranked"
        "     left join unnest(%(busy)s::uuid[], %(flying)s::int[]) as busy (busy_id, flying)"
        "     on busy_id = address_id"
        "     where place <= %(per_address)s - coalesce(flying, 0)"
        "     order by next_time limit %(limit)s)"
        "   and state = 'waiting' and next_time <= %(now)s for update skip locked)"
        f" {_TO_SEND}",
        {
            "until": now + lease,
            "now": now,
            "limit": limit,
            "per_address": per_address,
            "full": [each for each, flying in at_once.items() if flying >= per_address],
            "busy": list(at_once),
            "flying": list(at_once.values()),
        },
    )


async def note(
    tx: Transaction, notice_id: str, tried: Tried, state: NoticeState,
    next_time: datetime | None, now: datetime,
) -> None:  # fmt: skip
    """Notes what became of a try, unless the notice was delivered or removed meanwhile."""
    await tx.execute(
        "update notices set state = %s, next_time = %s, status = %s, fault = %s, try_time = %s"
        " where area = %s and notice_id = %s and state = 'waiting'",
        (state, next_time, tried.status, tried.fault, now, tx.area, notice_id),
    )


async def note_address(
    tx: Transaction, address_id: str, tried: Tried, now: datetime
) -> datetime | None:
    """Notes on its address what became of a try. Returns since when it fails, None for a 2xx.

    Before the notice itself: everybody takes these locks in this order.
    """
    row = await tx.fetch_one(
        "update notice_addresses set"
        " failing_since = case when not %(heard)s then coalesce(failing_since, %(now)s) end,"
        " deliver_time = case when %(heard)s then %(now)s else deliver_time end"
        " where area = %(area)s and address_id = %(address)s returning failing_since",
        {"heard": tried.is_delivered, "now": now, "area": tx.area, "address": address_id},
    )
    return row["failing_since"] if row else None


async def put_test(
    tx: Transaction, notice_id: str, address_id: str, body: str, until: datetime
) -> Row:
    """Stores a test, claimed until a time, and returns it as `due` returns what is to be sent."""
    await tx.execute(
        "insert into notices (area, notice_id, address_id, type, body, tries, next_time)"
        " values (%s, %s, %s, %s, %s, 1, %s)",
        (tx.area, notice_id, address_id, NoticeType.TEST, body, until),
    )
    row = await tx.fetch_one(
        "update notices n set next_time = n.next_time"  # noqa: S608 - constants
        " from notice_addresses a where n.area = %s"
        f" and n.notice_id = %s and a.area = n.area and a.address_id = n.address_id {_TO_SEND}",
        (tx.area, notice_id),
    )
    if row is None:
        raise AssertionError(f"{notice_id} was stored just now")
    return row


async def find(tx: Transaction, notice_id: str) -> Row | None:
    """Returns a notice as `of_address` does, or None."""
    return await tx.fetch_one(f"{_SHOWN} where area = %s and notice_id = %s", (tx.area, notice_id))
