"""A careful client: the key of a question is on disk before it is sent, and the same key is sent
again until there is an outcome. What was acknowledged is on disk as well."""

import time
import uuid
from collections.abc import Iterable

from chaos.doors import Door, Kind, Question
from chaos.logs import Line, Log
from chaos.sales import Sale

PATIENCE_S = 90.0
PAUSE_S = 0.2
MOST_ATTEMPTS = 5
# What follows a sale may be refused because midnight came between, or because the acquirer is away:
# the payment is then as it was before. A sale may not: it is declined, which is an outcome.
ALLOWED_REFUSALS = ("wrong_business_date", "provider_refused")


class NoOutcome(AssertionError):
    """A client was refused what it may do, or its patience ended."""


class Client:
    """Sells one sale after the other. scenario: written into every line, to tell runs apart."""

    def __init__(self, door: Door, intents: Log, acks: Log, scenario: str) -> None:
        self._door, self._intents, self._acks, self._scenario = door, intents, acks, scenario

    def sell(self, sales: Iterable[Sale]) -> None:
        """Takes sales, each until it has an outcome other than expired. Errors: NoOutcome.

        A payment that expired was never charged (its request was lost with a killed process): the
        clerk takes the sale again, which is a new payment with a new key.
        """
        for sale in sales:
            for _ in range(MOST_ATTEMPTS):
                taken = self.settle(
                    Question("take", new_key(), sale.tender, sale.amount_yen, sale.capture_at_once)
                )
                if taken["state"] != "expired":
                    break
            else:
                raise NoOutcome(f"a sale of {sale.amount_yen} expired {MOST_ATTEMPTS} times")
            if sale.follow and taken["state"] in {"captured", "authorized"}:
                part_yen = 0 if sale.follow == "void" else sale.part_yen
                self.settle(
                    Question(sale.follow, new_key(), amount_yen=part_yen,
                             payment_id=taken["payment_id"])
                )  # fmt: skip

    def settle(self, question: Question, *, persist: bool = True) -> Line:
        """Asks until there is an outcome, and writes it down. Errors: NoOutcome.

        persist: False where the key is on disk already.
        """
        first = time.monotonic()
        if persist:
            self._intents.write(
                {"scenario": self._scenario, "key": question.key, "step": question.step,
                 "amount_yen": question.amount_yen, "payment_id": question.payment_id,
                 "tender": question.tender, "capture_at_once": question.capture_at_once}
            )  # fmt: skip
        attempts, mistakes, unknown_since = 0, 0, 0.0
        noes, silences = list[float](), list[tuple[float, float]]()
        while (sent := time.monotonic()) < first + PATIENCE_S:
            answer = self._door.ask(question)
            attempts += 1
            mistakes += answer.mistake
            if answer.clear:
                noes.append(sent)
            elif answer.kind is Kind.AWAY:
                silences.append((sent, time.monotonic() - sent))
            if answer.kind is Kind.REFUSED and not _is_allowed(question, answer.reason):
                raise NoOutcome(f"{question.step} {question.key}: {answer.reason}")
            if answer.kind is Kind.OPEN:
                unknown_since = unknown_since or sent
            if answer.kind in {Kind.SETTLED, Kind.REFUSED}:
                now = time.monotonic()
                line = {
                    "scenario": self._scenario, "key": question.key, "step": question.step,
                    "door": self._door.name, "tender": question.tender,
                    "first": first, "sent": sent, "at": now,
                    "attempts": attempts, "mistakes": mistakes, "refused": answer.reason,
                    "noes": noes, "silences": silences,
                    "unknown_s": now - unknown_since if unknown_since else 0.0,
                    "payment_id": question.payment_id, "state": "", **answer.document,
                }  # fmt: skip
                self._acks.write(line)
                return line
            time.sleep(PAUSE_S)
        raise NoOutcome(f"{question.step} {question.key} has no outcome after {PATIENCE_S:.0f} s")


def _is_allowed(question: Question, reason: str) -> bool:
    return question.step != "take" and reason.lower().endswith(ALLOWED_REFUSALS)


def new_key() -> str:
    """Returns a key as a register makes it."""
    return str(uuid.uuid4())
