"""The way to Adyen."""

from collections.abc import Mapping

from kit.clock import Clock
from services.payments.domain.tender import Custody, GatewayFacts, Mode, Tender
from services.payments.gateways.adyen.speech import AdyenSpeech
from services.payments.gateways.remote import DEADLINE_S, Remote, live_or_practice

LIVE_HOST = "terminal-api-live.adyen.com"


def make(
    environment: Mapping[str, str], *, deadline_s: float = DEADLINE_S, clock: Clock | None = None
) -> Remote:
    """Returns the gateway. environment: MEGURI_ADYEN_URL, _API_KEY, _HMAC_KEY (hexadecimal)."""
    url = environment["MEGURI_ADYEN_URL"]
    facts = GatewayFacts(
        name="adyen",
        mode=Mode.LIVE if live_or_practice(url, LIVE_HOST) else Mode.PRACTICE,
        custody=Custody.ACQUIRER,
        tenders=frozenset({Tender.CARD}),
        immediate=False,
        at_once_only=frozenset({Tender.CARD}),  # its terminal messages know no later capture
        needs_terminal=True,
    )
    speech = AdyenSpeech(
        api_key=environment.get("MEGURI_ADYEN_API_KEY", ""),
        hmac_key=bytes.fromhex(environment.get("MEGURI_ADYEN_HMAC_KEY", "")),
    )
    return Remote(facts, url, speech, deadline_s=deadline_s, clock=clock)
