"""The conformance suite passes for every gateway of ours, and fails for gateways with the mistakes
it is there to find."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from cli.__main__ import main
from kit.ids import new_id
from services.payments.domain.provider import DONE, NEVER_RECEIVED, Answer, Order, Outcome, Step
from services.payments.gateways.conformance import NAMES, suite
from services.payments.gateways.conformance.profiles import PROFILES, Profile
from services.payments.gateways.remote import Remote
from services.payments.gateways.webhook import Tidings, Webhook

pytestmark = pytest.mark.long


def test_every_gateway_that_can_be_named_has_a_profile() -> None:
    assert set(NAMES) == set(PROFILES)


@pytest.mark.parametrize("name", NAMES)
async def test_the_suite_passes(name: str) -> None:
    result = await suite.run(PROFILES[name])
    assert [case for case in result["cases"] if not case["passed"]] == []
    assert result["passed"]
    assert len(result["cases"]) == len(suite.CASES)
    skipped = {case["name"] for case in result["cases"] if case["skipped"]}
    assert not skipped & {"approve", "decline", "no_answer_after_charge", "refund"}


@dataclass
class Wrong:
    """A gateway with a mistake; everything else goes to the right one."""

    right: Remote

    @property
    def facts(self) -> Any:
        return self.right.facts

    @property
    def deadline_s(self) -> float:
        return self.right.deadline_s

    async def perform(self, order: Order) -> Answer:
        return await self.right.perform(order)

    async def ask(self, order: Order) -> Answer:
        return await self.right.ask(order)

    async def cancel(self, order: Order) -> Answer:
        return await self.right.cancel(order)

    def read_webhook(self, hook: Webhook, now: datetime) -> Tidings:
        return self.right.read_webhook(hook, now)

    async def close(self) -> None:
        await self.right.close()


class ChargesAgain(Wrong):
    """Takes silence for a no and tries once more."""

    async def perform(self, order: Order) -> Answer:
        answer = await self.right.perform(order)
        if answer.outcome is not Outcome.UNANSWERED or order.step is not Step.TAKE:
            return answer
        await self.right.perform(replace(order, key=new_id()))
        return answer


class BelievesSilence(Wrong):
    """Takes silence for a yes."""

    async def perform(self, order: Order) -> Answer:
        answer = await self.right.perform(order)
        return DONE if answer.outcome is Outcome.UNANSWERED else answer


class GivesUpAtOnce(Wrong):
    """Calls never received what may still arrive."""

    async def ask(self, order: Order) -> Answer:
        answer = await self.right.ask(order)
        return NEVER_RECEIVED if answer.outcome is Outcome.UNANSWERED else answer


class BelievesEverybody(Wrong):
    """Looks at no signature."""

    def read_webhook(self, hook: Webhook, now: datetime) -> Tidings:
        document = json.loads(hook.body)
        checkout = document["data"]["object"].get("checkout", {})
        return Tidings(str(document["event_id"]), str(checkout.get("reference_id", "")), 0, DONE)


class RefundsInvisibly(Wrong):
    """Says that a refund is done without making one."""

    async def perform(self, order: Order) -> Answer:
        return DONE if order.step is Step.REFUND else await self.right.perform(order)


def profile_of(wrong: type[Wrong]) -> Profile:
    right = PROFILES["square"]
    return replace(right, make=lambda *given: wrong(right.make(*given)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "case"),
    [
        (ChargesAgain, "no_answer_after_charge"),
        (BelievesSilence, "no_answer_before_charge"),
        (GivesUpAtOnce, "too_early_to_give_up"),
        (BelievesEverybody, "webhook_forged"),
        (BelievesEverybody, "webhook_of_another_time"),
        (RefundsInvisibly, "refund"),
    ],
)
async def test_the_suite_finds(wrong: type[Wrong], case: str) -> None:
    result = await suite.run(profile_of(wrong), [case])
    assert not result["passed"]
    assert result["cases"][0]["text"]


def test_the_command_tells_each_case(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["payments", "conformance", "paypay", "--json", "--case"]
    assert main([*command, "approve", "--case", "decline"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [case["name"] for case in document["cases"]] == ["approve", "decline"]
    assert document["passed"]
    assert main([*command, "nonsense"]) == 2
    assert capsys.readouterr().out == ""
    with pytest.raises(SystemExit) as refused:
        main(["payments", "conformance", "nobody"])
    assert refused.value.code == 2
