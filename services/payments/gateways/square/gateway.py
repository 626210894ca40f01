"""The way to Square."""

from collections.abc import Mapping

from kit.clock import Clock
from services.payments.domain.tender import Custody, GatewayFacts, Mode, Tender
from services.payments.gateways.remote import DEADLINE_S, Remote, live_or_practice
from services.payments.gateways.square.speech import SquareSpeech

LIVE_HOST = "connect.squareup.com"
_FELICA = frozenset({Tender.TRANSIT_IC, Tender.ID, Tender.QUICPAY})


def make(
    environment: Mapping[str, str], *, deadline_s: float = DEADLINE_S, clock: Clock | None = None
) -> Remote:
    """Returns the gateway. environment: MEGURI_SQUARE_URL, _TOKEN, _WEBHOOK_KEY, _WEBHOOK_URL."""
    url = environment["MEGURI_SQUARE_URL"]
    facts = GatewayFacts(
        name="square",
        mode=Mode.LIVE if live_or_practice(url, LIVE_HOST) else Mode.PRACTICE,
        custody=Custody.ACQUIRER,
        tenders=_FELICA | {Tender.CARD, Tender.CODE_PAYMENT},
        immediate=False,
        no_refunds=_FELICA,  # refunds of e-money come back REFUND_DECLINED
        at_once_only=_FELICA | {Tender.CODE_PAYMENT},
        needs_terminal=True,
    )
    speech = SquareSpeech(
        token=environment.get("MEGURI_SQUARE_TOKEN", ""),
        webhook_key=environment.get("MEGURI_SQUARE_WEBHOOK_KEY", ""),
        webhook_url=environment.get("MEGURI_SQUARE_WEBHOOK_URL", ""),
    )
    return Remote(facts, url, speech, deadline_s=deadline_s, clock=clock)
