"""How many kept plans the staff is told of: few of them could be one party, and where it will be.

As with what plans show of a spot (spot_figures.py) a count below K is withheld, none as nine, and
what is for today only where neither it nor the rest is that small. The others are rounded down to
tens and counted for full hours: whoever asks again for a minute later learns of no single party.
Where a count passes from one ten to the next, an hour or one place more does tell that somebody is
there, not who: only staff may ask, and they choose whole places.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.pure.suppression import K, release_line
from services.itinerary.domain.spot_figures import rounded


@dataclass(frozen=True)
class ToldPlans:
    """Kept plans from today on, and those of today: so many or a few more; None for withheld."""

    plans: int | None
    today: int | None


def full_hour(moment: datetime) -> datetime:
    """Returns the first full hour that is not before a moment."""
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(hours=1)


def told_plans(plans: int, today: int) -> ToldPlans:
    """Returns what may be told. plans: from today on. today: those of them that are for today."""
    line = release_line({"today": today, "later": plans - today})
    return ToldPlans(rounded(plans if plans >= K else None), rounded(line.cells["today"]))
