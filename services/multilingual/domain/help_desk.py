"""The desk that answers: its days and hours, until when it answers, how long things are kept."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kit.pure.errors import InvalidFields
from kit.pure.midnight import next_midnight

DAYS_OF_WEEK = range(1, 8)  # ISO 8601: Monday is 1
DAY_MINUTES = 24 * 60
ANSWER_DAYS = range(1, 21)
KEEP_DAYS = range(7, 91)


@dataclass(frozen=True)
class Desk:
    """What an area has set; what it starts with claims no hours, for nobody has confirmed any.

    weekdays: working days, in order. from_minute, until_minute: after midnight of the area, equal
    where no hours are known. answer_days: working days to answer in. keep_days: after closing.
    """

    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    from_minute: int = 0
    until_minute: int = 0
    answer_days: int = 2
    keep_days: int = 30
    version: int = 0

    def due_time(self, now: datetime, zone: str) -> datetime:
        """Returns the end (UTC) of the last working day on which an answer is in time.

        The day on which a request comes does not count. Holidays are not known here.
        """
        place = ZoneInfo(zone)
        day, left = now.astimezone(place).date(), self.answer_days
        while left:
            day += timedelta(days=1)
            left -= day.isoweekday() in self.weekdays
        return next_midnight(datetime.combine(day, time(12), place).astimezone(UTC), zone)


def check(desk: Desk) -> None:
    """Errors: InvalidFields for what cannot be a desk."""
    wrong: list[tuple[str, str]] = []
    days = desk.weekdays
    if not days or list(days) != sorted(set(days)) or not set(days) <= set(DAYS_OF_WEEK):
        wrong.append(("desk.weekdays", "give one to seven days, 1 for Monday, in order"))
    if not 0 <= desk.from_minute <= desk.until_minute <= DAY_MINUTES:
        wrong.append(("desk.until_minute", "the desk cannot close before it opens"))
    if desk.answer_days not in ANSWER_DAYS:
        wrong.append(("desk.answer_days", "1 to 20 days"))
    if desk.keep_days not in KEEP_DAYS:
        wrong.append(("desk.keep_days", "7 to 90 days"))
    if wrong:
        raise InvalidFields(wrong)
