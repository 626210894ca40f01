"""A terminal or wallet sticker the shop already has: two taps here record what it took.

Nobody confirms it until the provider's file is matched, so the payment stays "unconfirmed".
"""

from services.payments.domain.provider import DONE, Answer, Order
from services.payments.domain.tender import Custody, GatewayFacts, Mode, Tender
from services.payments.gateways.webhook import AtOnce


class OtherDevice(AtOnce):
    """Records payments of another device. LIVE: the shop's own provider moved real money."""

    facts = GatewayFacts(
        name="other_device",
        mode=Mode.LIVE,
        custody=Custody.OTHER_DEVICE,
        tenders=frozenset(
            {Tender.CARD, Tender.TRANSIT_IC, Tender.ID, Tender.QUICPAY, Tender.CODE_PAYMENT}
        ),
        immediate=True,
        unconfirmed=True,
    )
    deadline_s = 0.0

    async def perform(self, order: Order) -> Answer:  # noqa: ARG002 - the contract
        """Done: the clerk saw it happen on the other device."""
        return DONE

    async def ask(self, order: Order) -> Answer:  # noqa: ARG002 - the contract
        """Done, as before."""
        return DONE

    async def close(self) -> None:
        """Nothing to let go of."""
