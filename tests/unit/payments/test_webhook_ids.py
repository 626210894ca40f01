"""Of a webhook its ids are kept: none of them is a card's number."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from services.payments.app.webhook import Received, receive_webhook
from services.payments.domain.errors import WebhookMalformed
from services.payments.domain.provider import Answer, Outcome
from services.payments.gateways.webhook import Tidings, Webhook

CARD = "4111 1111 1111 1111"  # published for tests; no account has it


def deps(tidings: Tidings) -> Any:
    """What a webhook meets before any table: its gateway, and the time."""
    gateway = SimpleNamespace(read_webhook=lambda _hook, _now: tidings)
    clock = SimpleNamespace(now=lambda: datetime.now(UTC))
    return SimpleNamespace(gateways={"square": gateway}, clock=clock)


@pytest.mark.parametrize(
    "tidings",
    [
        Tidings(CARD),
        Tidings("e-1", answer=Answer(Outcome.DONE, provider_ref=CARD.replace(" ", ""))),
    ],
)
async def test_a_webhook_whose_id_is_a_card_is_refused_and_never_quoted(tidings: Tidings) -> None:
    with pytest.raises(WebhookMalformed) as caught:
        await receive_webhook(deps(tidings), "square", Webhook(b"", {}))
    assert "4111" not in str(caught.value)


@pytest.mark.parametrize("event_id", ["8535296650153317", "0b3e4c52-9f1d-4b58-9a3f-4111111111111"])
async def test_the_ids_that_providers_make_are_read(event_id: str) -> None:
    answer = Answer(Outcome.DONE, provider_ref="kY2Qp7tD4111x")
    received = await receive_webhook(
        deps(Tidings(event_id, answer=answer)), "square", Webhook(b"", {})
    )
    assert received is Received.IGNORED
