"""Sales that waited on a device without a connection: when they happened, and how late is too late.

A device says how long a sale waited, not when it happened: its clock may be days wrong, but both
readings are of the same clock. The server counts back from its own. A wait below zero means that
clock was set back in between (a power cut, an empty battery): the sale counts as made on arrival.
"""

from datetime import datetime, timedelta

from services.payments.domain.errors import NeedsConnection, WaitedTooLong
from services.payments.domain.tender import GatewayFacts

MOST_WAIT = timedelta(days=7)
_NOTHING = timedelta(0)
MOST_SALES = 200  # in one upload


def tap_time(now: datetime, waited: timedelta | None) -> datetime:
    """Returns when a sale happened. waited: None for one that did not wait. Errors: WaitedTooLong.

    After seven days the books of its day are with the accountant: it is entered anew, by a person.
    """
    if waited is None:
        return now
    if waited > MOST_WAIT:
        raise WaitedTooLong("This sale waited more than seven days. Enter it as a sale of today.")
    return now - waited if waited > _NOTHING else now


def check_may_wait(facts: GatewayFacts, waited: timedelta | None) -> None:
    """Errors: NeedsConnection where a provider has to be asked while the customer is there."""
    if waited is not None and not facts.immediate:
        raise NeedsConnection("This way to pay needs a connection. Take cash or try again.")
