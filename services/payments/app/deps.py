"""What the use cases stand on."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kit.clock import Clock
from kit.db import Database, Transaction
from kit.outbox import Outbox
from kit.pure.errors import InvalidFields
from services.payments.app.group import Group
from services.payments.domain.errors import DeviceRevoked, GatewayAbsent, ShopNotYours
from services.payments.domain.tender import GatewayFacts
from services.payments.gateways.contract import Gateway
from services.payments.store import areas

if TYPE_CHECKING:
    from services.payments.app.commit import Result, Unit

# Beyond the gateway's own deadline, for the transaction after it; then somebody else may ask.
LEASE_MARGIN = timedelta(seconds=2)


@dataclass(frozen=True)
class Tools:
    """What writing needs."""

    db: Database
    outbox: Outbox
    clock: Clock
    gateways: Mapping[str, Gateway]

    @property
    def facts(self) -> dict[str, GatewayFacts]:
        """What the rules know of the gateways, by name."""
        return {name: gateway.facts for name, gateway in self.gateways.items()}

    def gateway(self, name: str) -> Gateway:
        """Returns a gateway. Errors: GatewayAbsent."""
        found = self.gateways.get(name)
        if found is None:
            raise GatewayAbsent("The provider of this payment is not set up here any more.")
        return found

    def lease(self, gateway: Gateway) -> timedelta:
        """How long a step belongs to whoever started it."""
        return timedelta(seconds=gateway.deadline_s) + LEASE_MARGIN


@dataclass(frozen=True, kw_only=True)
class Deps(Tools):
    """Given to every use case; commit.make_deps makes it.

    writer: the one writer of sales and answers. in_flight: steps this process is carrying out, of
    payments and of refunds, by their key; only steps.carry writes there.
    """

    writer: "Group[Unit, Result]"
    in_flight: dict[str, asyncio.Task[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Who:
    """Who asks. shops: place ids the caller is bound to, empty for no bound.

    device: true for a program that signs with a key of its own.
    """

    area: str
    principal: str
    shops: frozenset[str]
    device: bool


def as_id(field_name: str, text: str) -> str:
    """Returns a UUID in its one spelling. Errors: InvalidFields."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise InvalidFields([(field_name, "this is no id of ours")]) from error


def check_shop_is_own(who: Who, shop_place_id: str) -> None:
    """Errors: ShopNotYours."""
    if who.shops and shop_place_id not in who.shops:
        raise ShopNotYours("You belong to another shop.")


async def check_device(tx: Transaction, who: Who) -> None:
    """Errors: DeviceRevoked. Inside the transaction: a revoked key takes nothing any more."""
    if who.device and await areas.revoked_of(tx, [who.principal]):
        raise DeviceRevoked("This device was revoked.")
