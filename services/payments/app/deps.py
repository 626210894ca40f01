"""What the use cases stand on."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from kit.clock import Clock
from kit.db import Database
from kit.outbox import Outbox
from kit.pure.errors import InvalidFields
from services.payments.app.customer_codes import CustomerCodes
from services.payments.app.group import Group
from services.payments.app.units import Result, Unit
from services.payments.domain.errors import GatewayAbsent
from services.payments.domain.tender import GatewayFacts
from services.payments.gateways.contract import Gateway

# Beyond the gateway's own deadline, for the transaction after it; then somebody else may ask.
LEASE_MARGIN = timedelta(seconds=2)


@dataclass(frozen=True)
class Tools:
    """What writing needs. ticket_master: secret the areas' signing keys are derived from.

    link_key: key of receipt links, 32 bytes.
    """

    db: Database
    outbox: Outbox
    clock: Clock
    gateways: Mapping[str, Gateway]
    ticket_master: bytes = field(default=b"", repr=False)
    link_key: bytes = field(default=b"", repr=False)

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

    writer: Group[Unit, Result]
    in_flight: dict[str, asyncio.Task[Any]] = field(default_factory=dict)
    codes: CustomerCodes = field(default_factory=CustomerCodes)


def as_id(field_name: str, text: str) -> str:
    """Returns a UUID in its one spelling. Errors: InvalidFields."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise InvalidFields([(field_name, "this is no id of ours")]) from error
