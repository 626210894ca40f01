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
    provider's file has been matched. no_refunds: tenders whose money this provider does not give
    back, neither by a refund nor by a void of a capture. at_once_only: tenders that cannot be
    authorized first and captured later. needs_terminal: the shop has to name its device.
    """

    name: str
    mode: Mode
    custody: Custody
    tenders: frozenset[Tender]
    immediate: bool
    unconfirmed: bool = False
    no_refunds: frozenset[Tender] = frozenset()
    at_once_only: frozenset[Tender] = frozenset()
    needs_terminal: bool = False

    def gives_back(self, tender: Tender) -> bool:
        """Tells whether money of a tender goes back through this provider at all."""
        return tender not in self.no_refunds

    @property
    def needs_contract(self) -> bool:
        """Tells whether real money moves through this installation's own acquirer."""
        return self.mode is Mode.LIVE and self.custody is Custody.ACQUIRER
