"""Who asks, and what that lets them touch. Roles were checked at the door."""

from dataclasses import dataclass

from kit.db import Transaction
from services.payments.domain.errors import DeviceRevoked, ShopNotYours
from services.payments.store import areas

# The bound of somebody who belongs to no shop: no place has this id, so every check refuses.
NO_SHOP = frozenset({""})


@dataclass(frozen=True)
class Who:
    """Who asks. shops: place ids the caller is bound to, empty for no bound.

    device: true for a program that signs with a key of its own.
    """

    area: str
    principal: str
    shops: frozenset[str]
    device: bool


def check_shop_is_own(who: Who, shop_place_id: str) -> None:
    """Errors: ShopNotYours."""
    if who.shops and (not shop_place_id or shop_place_id not in who.shops):
        raise ShopNotYours("You belong to another shop.")


async def check_device(tx: Transaction, who: Who) -> None:
    """Errors: DeviceRevoked. Inside the transaction: a revoked key takes nothing any more."""
    if who.device and await areas.revoked_of(tx, [who.principal]):
        raise DeviceRevoked("This device was revoked.")
