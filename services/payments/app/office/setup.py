"""Setting a shop up: itself, its products, its clerks."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from kit.db import Transaction
from kit.ids import new_id
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.payments.app.deps import Deps, as_id
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain.clerk import (
    MAX_CLERKS,
    Clerk,
    after_wrong,
    check_awake,
    check_name,
    check_pin,
)
from services.payments.domain.errors import NotYourSetting, UnknownClerk, UnknownShop
from services.payments.domain.product import Product, check_products
from services.payments.domain.registration import check_digit_agrees
from services.payments.domain.shop import Shop, check_shop
from services.payments.store import products, shops

# OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@dataclass(frozen=True)
class SetUp:
    """A shop as it is now. doubts: stable words for what should be looked at again."""

    shop: Shop
    version: int
    doubts: tuple[str, ...]


async def set_up_shop(deps: Deps, key: RequestKey, who: Who, wanted: Shop) -> SetUp:
    """Creates or changes one shop. Whoever is bound to shops changes those only, and neither their
    owner nor what is theirs to the association.

    Errors: InvalidFields, ShopNotYours, NotYourSetting, RequestIdReused.
    """
    check_shop_is_own(who, wanted.shop_place_id)
    check_shop(wanted, deps.facts)
    async with deps.db.transaction(who.area) as tx:

        async def put() -> int:
            known = await shops.find(tx, wanted.shop_place_id)
            if who.shops and (known is None or known[0].owner is not wanted.owner):
                raise NotYourSetting("Ask the association to make a shop or to change its owner.")
            await shops.put_if_changed(tx, wanted)
            after = await shops.find(tx, wanted.shop_place_id)
            return after[1] if after else 0

        version = await once(tx, key, int, put)
    number = wanted.registration_number
    doubts = ("check_digit",) if number and not check_digit_agrees(number) else ()
    return SetUp(wanted, version, doubts)


async def replace_products(
    deps: Deps, key: RequestKey, who: Who, shop_place_id: str, wanted: Sequence[Product]
) -> int:
    """Makes these the products of a shop; returns how many.

    Errors: InvalidFields, ShopNotYours, UnknownShop, RequestIdReused.
    """
    check_shop_is_own(who, shop_place_id)
    check_products(wanted)
    async with deps.db.transaction(who.area) as tx:

        async def put() -> int:
            await _check_known(tx, shop_place_id)
            await products.replace(tx, shop_place_id, wanted)
            return len(wanted)

        return await once(tx, key, int, put)


async def list_products(deps: Deps, who: Who, shop_place_id: str) -> list[Product]:
    """Returns the products of a shop in their order. Errors: ShopNotYours."""
    check_shop_is_own(who, shop_place_id)
    async with deps.db.read(who.area) as tx:
        return await products.of_shop(tx, shop_place_id)


async def put_clerk(
    deps: Deps, key: RequestKey, who: Who, shop_place_id: str, clerk_id: str, display_name: str,
    pin: str, *, disabled: bool,
) -> str:  # fmt: skip
    """Makes a clerk (clerk_id "") or changes one; an empty PIN keeps the old one. Returns the id.

    Errors: InvalidFields, ShopNotYours, UnknownShop, UnknownClerk, RequestIdReused.
    """
    check_shop_is_own(who, shop_place_id)
    name = check_name(display_name)
    known_id = as_id("clerk_id", clerk_id) if clerk_id else ""
    if pin or not known_id:
        check_pin(pin)
    pin_hash = await asyncio.to_thread(_HASHER.hash, pin) if pin else ""
    async with deps.db.transaction(who.area) as tx:

        async def put() -> str:
            await _check_known(tx, shop_place_id)
            if known_id and await products.lock_clerk(tx, shop_place_id, known_id) is None:
                raise UnknownClerk("There is no such clerk at this shop.")
            if not known_id and len(await products.clerks(tx, shop_place_id)) >= MAX_CLERKS:
                raise InvalidFields([("display_name", f"a shop has at most {MAX_CLERKS} clerks")])
            clerk = Clerk(
                area=who.area, shop_place_id=shop_place_id, clerk_id=known_id or new_id(),
                display_name=name, pin_hash=pin_hash, disabled=disabled,
            )  # fmt: skip
            await products.put_clerk(tx, clerk)
            return clerk.clerk_id

        return await once(tx, key, str, put)


async def list_clerks(deps: Deps, who: Who, shop_place_id: str) -> list[Clerk]:
    """Returns the clerks of a shop by name. Errors: ShopNotYours."""
    check_shop_is_own(who, shop_place_id)
    async with deps.db.read(who.area) as tx:
        return await products.clerks(tx, shop_place_id)


async def check_clerk(deps: Deps, who: Who, shop_place_id: str, clerk_id: str, pin: str) -> bool:
    """Tells whether a PIN is a clerk's. Five wrong ones and the clerk rests for a quarter of an
    hour. Errors: InvalidFields, ShopNotYours, UnknownClerk, ClerkResting.
    """
    check_shop_is_own(who, shop_place_id)
    known_id, now = as_id("clerk_id", clerk_id), deps.clock.now()
    # Noted as wrong beforehand: hashing takes long, and who guesses asks many times meanwhile.
    async with deps.db.transaction(who.area) as tx:
        clerk = await _lock_working(tx, shop_place_id, known_id)
        check_awake(clerk, now)
        await products.note_try(tx, clerk, *after_wrong(clerk, now))
    if not await asyncio.to_thread(_fits, clerk.pin_hash, pin):
        return False
    async with deps.db.transaction(who.area) as tx:
        after = await _lock_working(tx, shop_place_id, known_id)
        if after.pin_hash != clerk.pin_hash:  # a new one was set meanwhile
            return False
        await products.note_try(tx, after, 0, None)
    return True


async def _lock_working(tx: Transaction, shop_place_id: str, clerk_id: str) -> Clerk:
    """Returns a clerk who works, the row locked. Errors: UnknownClerk."""
    clerk = await products.lock_clerk(tx, shop_place_id, clerk_id)
    if clerk is None or clerk.disabled:
        raise UnknownClerk("There is no such clerk at this shop.")
    return clerk


def _fits(pin_hash: str, pin: str) -> bool:
    try:
        return _HASHER.verify(pin_hash, pin)
    except VerificationError:
        return False


async def _check_known(tx: Transaction, shop_place_id: str) -> None:
    if await shops.find(tx, shop_place_id) is None:
        raise UnknownShop(f"{shop_place_id[:80] or 'This'} is not set up for payments.")
