"""Cash: the drawer is the provider, and the clerk has the money in hand already."""

from services.payments.domain.provider import DONE, Answer, Order
from services.payments.domain.tender import Custody, GatewayFacts, Mode, Tender
from services.payments.gateways.webhook import AtOnce


class CashRecord(AtOnce):
    """Records cash. LIVE: the money is real, although it does not pass through us."""

    facts = GatewayFacts(
        name="cash_record",
        mode=Mode.LIVE,
        custody=Custody.DRAWER,
        tenders=frozenset({Tender.CASH_RECORD}),
        immediate=True,
    )
    deadline_s = 0.0

    async def perform(self, order: Order) -> Answer:  # noqa: ARG002 - the contract
        """Done: nobody has to be asked."""
        return DONE

    async def ask(self, order: Order) -> Answer:  # noqa: ARG002 - the contract
        """Done, as before."""
        return DONE

    async def close(self) -> None:
        """Nothing to let go of."""
