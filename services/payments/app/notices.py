"""Addresses that registers hear at, and what was sent to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kit.db import Row, Transaction
from kit.ids import new_id
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.payments.app.deps import Tools, as_id
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain.errors import NoticeAddressOff, UnknownNoticeAddress, UnknownShop
from services.payments.domain.notice import (
    MAX_ADDRESSES,
    OVERLAP,
    NoticeAddress,
    NoticeState,
    NoticeType,
    OffReason,
    check_address,
)
from services.payments.gateways.notice_sender import Sender
from services.payments.store import notices, shops

MAX_REPLAY = 500
PAGE = 200


class Secrets(Protocol):
    """Where secrets come from; they are in no table, so that no dump holds one."""

    def derive(self, purpose: str) -> bytes:
        """Returns 32 bytes that are always the same for one purpose."""
        ...


@dataclass(frozen=True)
class Sending:
    """What notices stand on."""

    tools: Tools
    sender: Sender
    secrets: Secrets

    def secret(self, area: str, address_id: str, generation: int) -> bytes:
        """Returns the secret of an address."""
        return self.secrets.derive(f"notices/{area}/{address_id}/{generation}")


async def make_address(
    sending: Sending, key: RequestKey, who: Who, shop_place_id: str, url: str,
    types: Sequence[NoticeType],
) -> tuple[NoticeAddress, bytes]:  # fmt: skip
    """Makes an address and returns it with its secret.

    Errors: InvalidFields, ShopNotYours, UnknownShop, RequestIdReused.
    """
    check_shop_is_own(who, shop_place_id)
    async with sending.tools.db.transaction(who.area) as tx:

        async def make() -> str:
            shop = (await shops.find_all(tx, [shop_place_id])).get(shop_place_id)
            if shop is None:
                raise UnknownShop("This shop is not set up for payments.")
            check_address(url, types, practice=shop.practice)
            if len(await notices.addresses(tx, [shop_place_id])) >= MAX_ADDRESSES:
                raise InvalidFields([("url", f"a shop has at most {MAX_ADDRESSES} addresses")])
            made = NoticeAddress(
                address_id=new_id(), shop_place_id=shop_place_id, url=url, types=tuple(types),
                generation=1,
            )  # fmt: skip
            await notices.put_address(tx, made, who.principal)
            return made.address_id

        address = await own_address(tx, who, await once(tx, key, str, make))
    return address, sending.secret(who.area, address.address_id, address.generation)


async def list_addresses(tools: Tools, who: Who, shop_place_id: str) -> list[NoticeAddress]:
    """Returns the addresses of a shop, "" for all the caller may see. Errors: ShopNotYours."""
    if shop_place_id:
        check_shop_is_own(who, shop_place_id)
    wanted = [shop_place_id] if shop_place_id else sorted(who.shops)
    async with tools.db.read(who.area) as tx:
        return await notices.addresses(tx, wanted)


async def turn_secret(
    sending: Sending, key: RequestKey, who: Who, address_id: str, *, at_once: bool = False
) -> tuple[NoticeAddress, bytes]:
    """Gives an address its next secret; what is sent from now on is signed with it, and for a day
    with the one before too. at_once: not with the one before, because it got known.

    Errors: UnknownNoticeAddress, ShopNotYours, RequestIdReused.
    """
    address_id = as_id("address_id", address_id)
    async with sending.tools.db.transaction(who.area) as tx:

        async def turn() -> int:
            address = await own_address(tx, who, address_id)
            now = sending.tools.clock.now()
            await notices.turn_secret(tx, address_id, now, None if at_once else now + OVERLAP)
            return address.generation + 1

        generation = await once(tx, key, int, turn)
        address = replace(await own_address(tx, who, address_id), generation=generation)
    return address, sending.secret(who.area, address_id, generation)


async def switch_address(
    tools: Tools, key: RequestKey, who: Who, address_id: str, *, off: bool
) -> NoticeAddress:
    """Switches an address off or on; what comes meanwhile is kept dead, for a replay.

    Errors: UnknownNoticeAddress, ShopNotYours, RequestIdReused.
    """
    address_id = as_id("address_id", address_id)
    async with tools.db.transaction(who.area) as tx:

        async def switch() -> bool:
            address = await own_address(tx, who, address_id)
            if (address.off_time is not None) != off:
                reason = OffReason.OWNER if off else None
                await notices.switch(tx, address_id, tools.clock.now(), reason)
            return True

        await once(tx, key, bool, switch)
        return await own_address(tx, who, address_id)


async def remove_address(tools: Tools, key: RequestKey, who: Who, address_id: str) -> None:
    """Takes an address out of use. Errors: UnknownNoticeAddress, ShopNotYours, RequestIdReused."""
    address_id = as_id("address_id", address_id)
    async with tools.db.transaction(who.area) as tx:

        async def remove() -> bool:
            await own_address(tx, who, address_id)
            await notices.remove_address(tx, address_id)
            return True

        await once(tx, key, bool, remove)


async def list_notices(
    tools: Tools, who: Who, address_id: str, state: NoticeState | None
) -> list[Row]:
    """Returns the latest notices of an address. Errors: UnknownNoticeAddress, ShopNotYours."""
    address_id = as_id("address_id", address_id)
    async with tools.db.transaction(who.area) as tx:
        await own_address(tx, who, address_id)
        return await notices.of_address(tx, address_id, state, PAGE)


async def replay(
    tools: Tools, key: RequestKey, who: Who, address_id: str, notice_ids: Sequence[str]
) -> int:
    """Sends notices again: those named, or all that are dead. Returns how many.

    Errors: InvalidFields, UnknownNoticeAddress, NoticeAddressOff, ShopNotYours, RequestIdReused.
    """
    if len(notice_ids) > MAX_REPLAY:
        raise InvalidFields([("notice_ids", f"at most {MAX_REPLAY} at once")])
    wanted = [as_id("notice_ids", each) for each in notice_ids]
    address_id = as_id("address_id", address_id)
    async with tools.db.transaction(who.area) as tx:

        async def send_again() -> int:
            address = await own_address(tx, who, address_id)
            if address.off_time is not None:
                raise NoticeAddressOff("This address is off. Switch it on, then send again.")
            return await notices.replay(tx, address_id, wanted)

        return await once(tx, key, int, send_again)


async def own_address(tx: Transaction, who: Who, address_id: str) -> NoticeAddress:
    """Returns an address of the caller's, locked. Errors: UnknownNoticeAddress, ShopNotYours."""
    address = await notices.lock_address(tx, address_id)
    if address is None:
        raise UnknownNoticeAddress("There is no such address.")
    check_shop_is_own(who, address.shop_place_id)
    return address
