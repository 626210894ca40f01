"""Runs all cases against one gateway, one after the other, with one simulator behind it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from services.payments.gateways.conformance import cases, webhooks
from services.payments.gateways.conformance.profiles import Profile
from services.payments.gateways.conformance.stage import Skipped, Stage, temporary_folder

Case = Callable[[Stage], Awaitable[None]]
CASES: tuple[Case, ...] = (
    cases.approve, cases.decline, cases.no_answer_after_charge, cases.no_answer_before_charge,
    cases.too_early_to_give_up, cases.duplicate_answer, cases.answer_in_pieces,
    cases.same_key_twice, cases.customer_walks_away, cases.cancel_while_the_customer_waits,
    cases.authorize_and_capture_a_part, cases.capture_and_void_without_answer,
    cases.void_an_authorization, cases.void_a_capture, cases.refund, cases.partial_refunds,
    cases.refund_without_answer, cases.refund_the_provider_does_not_make,
    cases.capture_later_where_it_cannot,
    webhooks.webhook_first, webhooks.webhook_twice, webhooks.webhook_out_of_order,
    webhooks.webhook_forged, webhooks.webhook_of_another_time, cases.provider_away,
    cases.provider_killed,
)  # fmt: skip
CASE_S = 60.0
# Bad days on which a provider breaks its own specification, or is not there to keep to it.
WITHOUT_SPECIFICATION = frozenset({"no_answer_after_charge", "provider_away", "provider_killed"})


def _name(case: Case) -> str:
    return getattr(case, "__name__", "")


NAMES = tuple(_name(case) for case in CASES)


async def run(
    profile: Profile, only: Sequence[str] = (), specification: Path | None = None
) -> dict[str, Any]:
    """Returns {gateway, passed, cases: [{name, passed, skipped, text, seconds}]}.

    specification: the provider's OpenAPI document, to be kept to by both sides.
    Errors: PrismMissing where one is given and Prism is not there.
    """
    chosen = [case for case in CASES if not only or _name(case) in only]
    with temporary_folder() as folder:
        async with Stage(profile, Path(folder), specification) as stage:
            results = [await _run_one(stage, case) for case in chosen]
    return {
        "gateway": profile.name,
        "passed": all(result["passed"] for result in results),
        "cases": results,
    }


async def _run_one(stage: Stage, case: Case) -> dict[str, Any]:
    started, text, skipped = time.monotonic(), "", False
    try:
        if stage.prism and _name(case) in WITHOUT_SPECIFICATION:
            raise Skipped("breaks the specification on purpose")
        async with asyncio.timeout(CASE_S):
            await case(stage)
            await stage.check_strangers()
            stage.check_specification()
    except Skipped as reason:
        text, skipped = str(reason), True
    except Exception as error:  # noqa: BLE001 - a gateway that raises has failed the case
        text = f"{type(error).__name__}: {error}"
    return {
        "name": _name(case),
        "passed": skipped or not text,
        "skipped": skipped,
        "text": text,
        "seconds": round(time.monotonic() - started, 2),
    }
