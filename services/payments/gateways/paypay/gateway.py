"""The way to PayPay."""

from collections.abc import Mapping

from kit.clock import Clock, SystemClock
from services.payments.domain.tender import Custody, GatewayFacts, Mode, Tender
from services.payments.gateways.paypay.signing import Credentials
from services.payments.gateways.paypay.speech import PayPaySpeech
from services.payments.gateways.remote import DEADLINE_S, Remote, live_or_practice

LIVE_HOST = "apigw.paypay.ne.jp"


def make(
    environment: Mapping[str, str], *, deadline_s: float = DEADLINE_S, clock: Clock | None = None
) -> Remote:
    """Returns the gateway. environment: MEGURI_PAYPAY_URL, _KEY, _SECRET, _MERCHANT."""
    url, clock = environment["MEGURI_PAYPAY_URL"], clock or SystemClock()
    facts = GatewayFacts(
        name="paypay",
        mode=Mode.LIVE if live_or_practice(url, LIVE_HOST) else Mode.PRACTICE,
        custody=Custody.ACQUIRER,
        tenders=frozenset({Tender.CODE_PAYMENT}),
        immediate=False,
        at_once_only=frozenset({Tender.CODE_PAYMENT}),
    )
    credentials = Credentials(
        key=environment.get("MEGURI_PAYPAY_KEY", ""),
        secret=environment.get("MEGURI_PAYPAY_SECRET", ""),
        merchant=environment.get("MEGURI_PAYPAY_MERCHANT", ""),
    )
    return Remote(facts, url, PayPaySpeech(credentials, clock), deadline_s=deadline_s, clock=clock)
