"""What silence means when a step needs several requests, and when asking gives a step up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from kit.clock import ManualClock
from services.payments.domain.provider import (
    DONE,
    NEVER_RECEIVED,
    UNANSWERED,
    UNREACHED,
    Answer,
    Order,
    Step,
    time_of,
)
from services.payments.domain.tender import Custody, GatewayFacts, Mode, Tender
from services.payments.gateways.http_json import Call, HttpJson, NoAnswer, NotSent, Reply
from services.payments.gateways.remote import Remote, Talk
from services.payments.gateways.webhook import AtOnce

KEY = "0190a0b0-0000-7000-8000-000000000001"
ORDER = Order(step=Step.TAKE, key=KEY, payment_id=KEY, amount_yen=1, tender=Tender.CARD)
FACTS = GatewayFacts(
    "x", Mode.PRACTICE, Custody.ACQUIRER, frozenset({Tender.CARD}), immediate=False
)
OK = Reply(200, {})


@dataclass
class TwoRequests(AtOnce):
    """A speech whose steps are two requests and whose questions find nothing."""

    latest_arrival: timedelta = timedelta(minutes=3)
    said: list[str] = field(default_factory=list)

    def headers(self, call: Call) -> Mapping[str, str]:
        return {"X-Path": call.path}

    async def perform(self, talk: Talk, order: Order) -> Answer:
        await talk.say("POST", "/first", {})
        await talk.say("POST", "/second", {})
        return DONE

    async def ask(self, talk: Talk, order: Order) -> Answer | None:
        await talk.say("GET", "/ask")
        return None

    async def cancel(self, talk: Talk, order: Order) -> Answer:  # type: ignore[override]
        await talk.say("POST", "/cancel", {})
        return DONE


def remote(
    monkeypatch: pytest.MonkeyPatch, *replies: Reply | Exception, age: timedelta = timedelta(0)
) -> Remote:
    """A gateway whose provider answers with these, one after the other."""
    waiting = list(replies)

    async def send(self: HttpJson, call: Call, deadline_s: float) -> Reply:
        assert call.headers["X-Path"] == call.path
        assert 0 < deadline_s <= 5
        reply = waiting.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    monkeypatch.setattr(HttpJson, "send", send)
    clock = ManualClock(time_of(KEY) + age)
    return Remote(FACTS, "http://provider.example", TwoRequests(), clock=clock)


@pytest.mark.parametrize(
    ("replies", "answer"),
    [
        ((OK, OK), DONE),
        ((NotSent("refused"),), UNREACHED),
        ((OK, NotSent("refused")), UNANSWERED),
        ((NoAnswer("cut"),), UNANSWERED),
        ((OK, NoAnswer("cut")), UNANSWERED),
        ((Reply(500, {}),), UNANSWERED),
        ((OK, Reply(503, {})), UNANSWERED),
    ],
)
async def test_only_a_step_of_which_nothing_was_sent_is_unreached(
    monkeypatch: pytest.MonkeyPatch, replies: tuple[Any, ...], answer: Answer
) -> None:
    assert await remote(monkeypatch, *replies).perform(ORDER) == answer


@pytest.mark.parametrize(
    ("age_s", "answer"), [(0, UNANSWERED), (180, UNANSWERED), (181, NEVER_RECEIVED)]
)
async def test_a_step_that_is_not_known_is_given_up_when_it_cannot_arrive_any_more(
    monkeypatch: pytest.MonkeyPatch, age_s: int, answer: Answer
) -> None:
    gateway = remote(monkeypatch, OK, age=timedelta(seconds=age_s))
    assert await gateway.ask(ORDER) == answer


@pytest.mark.parametrize("reply", [NotSent("refused"), NoAnswer("cut"), Reply(500, {})])
async def test_a_provider_that_is_away_gives_nothing_up(
    monkeypatch: pytest.MonkeyPatch, reply: Any
) -> None:
    late = timedelta(days=9)
    assert await remote(monkeypatch, reply, age=late).ask(ORDER) == UNANSWERED
    assert await remote(monkeypatch, reply, age=late).cancel(ORDER) == UNANSWERED


async def test_all_requests_of_a_step_share_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = remote(monkeypatch, OK, OK)
    gateway.deadline_s = 0.0
    assert await gateway.perform(ORDER) == UNANSWERED
