"""How customers pay, and what stands behind each way."""

from dataclasses import dataclass
from enum import StrEnum


class Tender(StrEnum):
    """How the customer pays."""

    CARD = "card"
    TRANSIT_IC = "transit_ic"
    ID = "id"
    QUICPAY = "quicpay"
    CODE_PAYMENT = "code_payment"
    POINTS = "points"
    CASH_RECORD = "cash_record"


class Mode(StrEnum):
    """Whether a gateway moves real money."""

    PRACTICE = "practice"
    LIVE = "live"


class Custody(StrEnum):
    """Where the money of a gateway lies after a capture."""

    ACQUIRER = "acquirer"  # at the acquirer of this installation, to be settled with the shop
    DRAWER = "drawer"  # in the shop's cash drawer
    OTHER_DEVICE = "other_device"  # at a provider the shop has its own contract with


@dataclass(frozen=True)
class GatewayFacts:
    """What the rules need to know of a gateway.

    immediate: nobody outside has to be asked. unconfirmed: its captures stay doubtful until the
    provider's file has been matched.
    """

    name: str
    mode: Mode
    custody: Custody
    tenders: frozenset[Tender]
    immediate: bool
    unconfirmed: bool = False
