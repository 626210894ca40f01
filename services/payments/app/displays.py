"""Customer displays: pairing a screen with a till, and what it may know of a payment."""

from dataclasses import dataclass
from datetime import datetime

from kit.ids import new_id
from kit.requests import RequestKey, once
from services.payments.app.deps import Deps, as_id
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain import display as rules
from services.payments.domain import receipt_link
from services.payments.domain.display import Display
from services.payments.domain.errors import (
    DisplayCodeUnknown,
    DisplayUnknown,
    TooManyDisplays,
    UnknownShop,
)
from services.payments.domain.payment import Payment
from services.payments.domain.refund import Refund
from services.payments.store import displays, payments, refunds, shops


@dataclass(frozen=True)
class Offer:
    """A code that waits for its screen."""

    display_id: str
    expire_time: datetime


@dataclass(frozen=True)
class Seen:
    """What a display may know. link_secret: opens the receipt of a payment that was captured."""

    display: Display
    payment: Payment | None = None
    refunds: tuple[Refund, ...] = ()
    link_secret: str = ""


async def offer(
    deps: Deps, key: RequestKey, who: Who, shop_place_id: str, counter_id: str
) -> tuple[str, datetime]:
    """Returns a code and until when it works.

    Errors: InvalidFields, ShopNotYours, UnknownShop, TooManyDisplays, RequestIdReused.
    """
    check_shop_is_own(who, shop_place_id)
    rules.check_counter_id(counter_id)
    async with deps.db.transaction(who.area) as tx:

        async def make() -> Offer:
            if await shops.find(tx, shop_place_id) is None:
                raise UnknownShop("There is no such shop.")
            if len(await displays.of_shop(tx, shop_place_id)) >= rules.MOST_DISPLAYS:
                raise TooManyDisplays(f"A shop has at most {rules.MOST_DISPLAYS} displays.")
            display = Display(
                display_id=new_id(), shop_place_id=shop_place_id, counter_id=counter_id,
                code_expire_time=deps.clock.now() + rules.CODE_LIFE,
            )  # fmt: skip
            code = rules.code_of(deps.link_key, who.area, display.display_id)
            hashed = rules.code_hash(deps.link_key, who.area, code)
            await displays.put(tx, display, hashed, who.principal)
            return Offer(display.display_id, display.code_expire_time)

        made = await once(tx, key, Offer, make)
    return rules.code_of(deps.link_key, who.area, made.display_id), made.expire_time


async def pair(deps: Deps, key: RequestKey, area: str, code: str) -> tuple[Display, str]:
    """Pairs the screen that has the code; returns the display and its secret.

    Errors: DisplayCodeUnknown for a code that is wrong, used or lapsed; RequestIdReused.
    """
    hashed = rules.code_hash(deps.link_key, area, code)
    async with deps.db.transaction(area) as tx:

        async def use() -> str:
            waiting = await displays.lock_waiting(tx, hashed)
            now = deps.clock.now()
            if waiting is None or waiting.code_expire_time < now:
                raise DisplayCodeUnknown("This code is wrong, used or too old. Show a new one.")
            await displays.pair(tx, waiting.display_id, now)
            return waiting.display_id

        display_id = await once(tx, key, str, use)
        paired = await displays.find(tx, display_id)
    if paired is None:  # ended since, and this is the first request again
        raise DisplayUnknown("This display is not paired any more.")
    return paired, rules.secret_of(deps.link_key, area, display_id)


async def read(deps: Deps, area: str, secret: str, payment_id: str) -> Seen:
    """Returns what a display may know: its till, and a payment if it is of the display's own shop.

    Errors: InvalidFields, DisplayUnknown for a secret of nobody or of an ended pairing.
    """
    display_id = rules.read_secret(deps.link_key, area, secret)
    wanted = as_id("payment_id", payment_id) if payment_id else ""
    async with deps.db.read(area) as tx:
        display = await displays.find(tx, display_id)
        if display is None:
            raise DisplayUnknown("This display is not paired any more. Pair it again.")
        payment = await payments.find(tx, wanted) if wanted else None
        if payment is None or payment.shop_place_id != display.shop_place_id:
            return Seen(display)
        went_back = (await refunds.of_payments(tx, [wanted])).get(wanted, [])
    lives = deps.clock.now() < receipt_link.lapses_at(payment.sale_time)
    link = ""
    if payment.state == "captured" and lives:
        link = receipt_link.make(deps.link_key, area, wanted)
    return Seen(display, payment, tuple(went_back), link)


async def list_displays(deps: Deps, who: Who, shop_place_id: str) -> list[Display]:
    """Returns the paired displays of a shop. Errors: ShopNotYours."""
    check_shop_is_own(who, shop_place_id)
    async with deps.db.read(who.area) as tx:
        return await displays.of_shop(tx, shop_place_id)


async def remove(deps: Deps, key: RequestKey, who: Who, display_id: str) -> None:
    """Ends a pairing at once. Errors: InvalidFields, DisplayUnknown, ShopNotYours."""
    display_id = as_id("display_id", display_id)
    async with deps.db.transaction(who.area) as tx:

        async def end() -> bool:
            display = await displays.find(tx, display_id)
            if display is None:
                raise DisplayUnknown("There is no such display.")
            check_shop_is_own(who, display.shop_place_id)
            await displays.remove(tx, display_id, deps.clock.now())
            return True

        await once(tx, key, bool, end)
