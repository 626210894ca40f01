"""What is asked of a provider, and what it can say."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

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
    # The provider has the step and the customer still has to finish it, at a terminal or a phone.
    IN_PROGRESS = "in_progress"
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
    captured: whether the payment was captured before this step. terminal: the provider's name for
    the device at the counter. provider_ref: the provider's own name for the payment, once told.
    """

    step: Step
    key: str
    payment_id: str
    amount_yen: int
    tender: Tender
    capture: bool = True
    captured: bool = False
    terminal: str = ""
    provider_ref: str = ""

    @property
    def made_time(self) -> datetime:
        """When the step was started: its key is a UUIDv7, whose first 48 bits are milliseconds."""
        return time_of(self.key)


def time_of(key: str) -> datetime:
    """Returns when a UUIDv7 was made."""
    return datetime.fromtimestamp((UUID(key).int >> 80) / 1000, UTC)


@dataclass(frozen=True)
class Answer:
    """What the provider said. reason: stable code in lower case where it refused.

    provider_ref: the provider's own name for the payment, "" where it gave none. customer_code:
    what the customer scans to pay; shown, and neither stored nor logged.
    """

    outcome: Outcome
    reason: str = ""
    provider_ref: str = ""
    customer_code: str = field(default="", repr=False)


DONE = Answer(Outcome.DONE)
IN_PROGRESS = Answer(Outcome.IN_PROGRESS)
UNANSWERED = Answer(Outcome.UNANSWERED)
UNREACHED = Answer(Outcome.UNREACHED, "provider_unreachable")
NEVER_RECEIVED = Answer(Outcome.NEVER_RECEIVED, "never_received")
