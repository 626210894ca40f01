"""How an answer can go wrong, and who chooses: the last four digits of the amount, or an order
left at the admin address for the next requests."""

import threading
from enum import StrEnum


class Scenario(StrEnum):
    """What happens to one request."""

    APPROVE = "approve"
    DECLINE = "decline"
    DECLINE_EXPIRED = "decline_expired"
    TIME_OUT_AFTER = "time_out_after"
    TIME_OUT_BEFORE = "time_out_before"
    LATE = "late"
    TWICE = "twice"
    ERROR_AFTER = "error_after"
    ERROR_BEFORE = "error_before"
    UNREADABLE_AFTER = "unreadable_after"
    HANG_UP_AFTER = "hang_up_after"
    IN_PIECES = "in_pieces"
    HUGE_AFTER = "huge_after"
    DRIP_AFTER = "drip_after"


BY_ENDING = {
    9901: Scenario.DECLINE,
    9902: Scenario.DECLINE_EXPIRED,
    9903: Scenario.TIME_OUT_AFTER,
    9904: Scenario.TIME_OUT_BEFORE,
    9905: Scenario.LATE,
    9906: Scenario.TWICE,
    9907: Scenario.ERROR_AFTER,
    9908: Scenario.ERROR_BEFORE,
    9909: Scenario.UNREADABLE_AFTER,
    9910: Scenario.HANG_UP_AFTER,
    9911: Scenario.IN_PIECES,
    9912: Scenario.HUGE_AFTER,
    9913: Scenario.DRIP_AFTER,
}

DECLINE_REASONS = {
    Scenario.DECLINE: "insufficient_funds",
    Scenario.DECLINE_EXPIRED: "card_expired",
}

# The request is carried out although its answer goes astray.
DONE_BUT_UNHEARD = frozenset(
    {Scenario.TIME_OUT_AFTER, Scenario.ERROR_AFTER, Scenario.UNREADABLE_AFTER,
     Scenario.HANG_UP_AFTER, Scenario.HUGE_AFTER, Scenario.DRIP_AFTER}
)  # fmt: skip
NOT_DONE = frozenset({Scenario.TIME_OUT_BEFORE, Scenario.ERROR_BEFORE})
MAX_ORDERED = 10_000


class Orders:
    """Scenarios ordered for the next requests, oldest first; safe between threads."""

    def __init__(self) -> None:
        self._waiting: list[Scenario] = []
        self._lock = threading.Lock()

    def order(self, scenario: Scenario, count: int) -> None:
        """Has the next `count` requests meet a scenario; 0: what was ordered is forgotten.

        Errors: ValueError beyond the bound.
        """
        if not 0 <= count <= MAX_ORDERED:
            raise ValueError(f"count is 0 to {MAX_ORDERED}")
        with self._lock:
            before = self._waiting if count else []
            self._waiting = [*before, *[scenario] * count][:MAX_ORDERED]

    def choose(self, amount_yen: int) -> Scenario:
        """Returns what happens to the request at hand."""
        with self._lock:
            if self._waiting:
                return self._waiting.pop(0)
        return BY_ENDING.get(amount_yen % 10_000, Scenario.APPROVE)
