"""What is asked of a provider, and what it can say."""

from dataclasses import dataclass
from enum import StrEnum

from services.payments.domain.tender import Tender


class Step(StrEnum):
    """A step of a payment that a provider takes part in."""

    TAKE = "take"
    CAPTURE = "capture"
    VOID = "void"
    EXPIRE = "expire"  # a void by the platform, because the authorization ran out
    REFUND = "refund"


class Outcome(StrEnum):
    """What became of a step."""

    DONE = "done"
    REFUSED = "refused"
    # The provider could not be reached: it has certainly not seen the step.
    UNREACHED = "unreached"
    # No answer in time, or one that cannot be read: it may or may not have happened.
    UNANSWERED = "unanswered"
    # The provider does not know the step and has been told never to take it any more.
    NEVER_RECEIVED = "never_received"


@dataclass(frozen=True, kw_only=True)
class Order:
    """A step to be taken at a provider.

    key: names this step for ever; the provider takes a key at most once.
    payment_id: key of the TAKE step this one builds on. capture: whether a TAKE also captures.
    """

    step: Step
    key: str
    payment_id: str
    amount_yen: int
    tender: Tender
    capture: bool = True


@dataclass(frozen=True)
class Answer:
    """What the provider said. reason: stable code in lower case where it refused."""

    outcome: Outcome
    reason: str = ""


DONE = Answer(Outcome.DONE)
UNANSWERED = Answer(Outcome.UNANSWERED)
UNREACHED = Answer(Outcome.UNREACHED, "provider_unreachable")
NEVER_RECEIVED = Answer(Outcome.NEVER_RECEIVED, "never_received")
