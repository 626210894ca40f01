"""A text that visitors are to see from some time on: of a text one plan at most."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.pure.errors import InvalidFields, NotFound

LONGEST_AHEAD = timedelta(days=400)  # next year's season, and no year that was mistyped


class PlanUnknown(NotFound):
    """Nothing is planned for this text: it was shown, or somebody took the plan back."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which revision is shown when, and what was known when it was planned.

    replaced_revision: what visitors saw then; 0 for nothing. reviews: the planner was a reviewer.
    reason: why nobody else reads it. problem: why it was not shown when its time came, "" for
    nothing.
    """

    stop_code: str
    locale: str
    revision: int
    replaced_revision: int
    planner: str
    reviews: bool
    reason: str
    due_time: datetime
    create_time: datetime
    problem: str = ""

    def is_due(self, now: datetime) -> bool:
        """Tells whether it is to be shown now."""
        return not self.problem and self.due_time <= now


def check_due(due_time: datetime, now: datetime) -> None:
    """Errors: InvalidFields for a time that is over, or too far ahead to be meant."""
    if not now < due_time <= now + LONGEST_AHEAD:
        raise InvalidFields([("due_time", f"from now on, at most {LONGEST_AHEAD.days} days")])
