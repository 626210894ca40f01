"""Who asks, and what that lets them touch. Roles were checked at the door."""

from dataclasses import dataclass

from kit.db import Transaction
from services.payments.domain.errors import (
    ClerkPinMissing,
    DeviceRevoked,
    NoClerkWorks,
    ShopNotYours,
    TicketWasAdmitted,
)
from services.payments.store import areas, products, tickets

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


async def check_not_admitted(tx: Transaction, payment_id: str) -> None:
    """Errors: TicketWasAdmitted where the party of the payment's ticket went in. The payment is
    locked: nobody is let in between this look and the commit.
    """
    if await tickets.is_admitted(tx, payment_id):
        raise TicketWasAdmitted("The party of this ticket went in. Confirm that money goes back.")


async def check_clerk(tx: Transaction, who: Who, shop_place_id: str, clerk_id: str) -> None:
    """Errors: ClerkPinMissing, NoClerkWorks. Whose PIN it was the edge vouches for; a register has
    people and rights of its own. A shop that never had a clerk asks for none; one whose last clerk
    left does not open by that.
    """
    if who.device:
        return
    known = await products.clerks(tx, shop_place_id)
    working = [each.clerk_id for each in known if not each.disabled]
    if known and not working:
        raise NoClerkWorks(
            "Nobody of this shop has a PIN that counts any more. Whoever runs the shop gives one in"
            " the back office, or with ./meguri payments clerk --shop"
            f" {shop_place_id} --name NAME"
        )
    if known and clerk_id not in working:
        raise ClerkPinMissing("Open the till with a clerk's PIN first.")
