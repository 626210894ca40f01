"""What can be asked: a measure, by what, of which days, beside which other days."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kit.pure.errors import InvalidFields
from services.insights.domain.query.days import ALL_DAYS, DayFilter
from services.insights.domain.span import DaySpan


class Measure(StrEnum):
    """What is counted."""

    PAGES = "pages"
    PLANS = "plans"
    PLANNED_PEOPLE = "planned_people"
    ENTRIES = "entries"
    SALES = "sales"
    TAKINGS = "takings"
    VISITORS = "visitors"
    DEVICES = "devices"


class By(StrEnum):
    """What rows or columns are. NOTHING: one for all days."""

    NOTHING = ""
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    WEEKDAY = "weekday"
    DAY_KIND = "day_kind"
    RAIN = "rain"
    HOUR = "hour"
    LANGUAGE_ASKED = "language_asked"
    LANGUAGE_MISSED = "language_missed"
    STOP = "stop"
    SPOT = "spot"
    LEFT_OUT = "left_out"
    ORIGIN = "origin"
    GATE = "gate"
    ZONE = "zone"


class Compare(StrEnum):
    """The other days. YEAR_BEFORE: 52 weeks earlier, so that weekdays meet weekdays."""

    NOTHING = ""
    YEAR_BEFORE = "year_before"
    SPAN_BEFORE = "span_before"


# Groups of whole days: every measure can be told by these, and they can stand in columns.
OF_DAYS = frozenset({By.NOTHING, By.DAY, By.WEEK, By.MONTH, By.WEEKDAY, By.DAY_KIND, By.RAIN})
COLUMNS = frozenset({By.NOTHING, By.MONTH, By.WEEKDAY, By.DAY_KIND, By.RAIN})
# What else a measure can be split by. Money is not: an hour or a tender of a few shops tells one.
SPLITS = {
    Measure.PAGES: frozenset({By.HOUR, By.LANGUAGE_ASKED, By.LANGUAGE_MISSED, By.STOP}),
    Measure.PLANS: frozenset({By.HOUR, By.SPOT, By.LEFT_OUT}),
    Measure.PLANNED_PEOPLE: frozenset[By](),
    Measure.ENTRIES: frozenset({By.HOUR, By.ORIGIN, By.GATE}),
    Measure.SALES: frozenset[By](),
    Measure.TAKINGS: frozenset[By](),
    Measure.VISITORS: frozenset({By.HOUR, By.ZONE}),
    Measure.DEVICES: frozenset({By.HOUR, By.ZONE}),
}  # fmt: skip
# What only a part of the measure has: its whole is that of the part.
OF_A_PART = frozenset({By.LANGUAGE_MISSED, By.LEFT_OUT})
WEEKS_OF_A_YEAR = timedelta(days=364)


@dataclass(frozen=True)
class Question:
    """A question. span: at most 400 days. then_by: one column each."""

    measure: Measure
    span: DaySpan
    by: By = By.NOTHING
    then_by: By = By.NOTHING
    only: DayFilter = ALL_DAYS
    compare: Compare = Compare.NOTHING

    @property
    def other(self) -> DaySpan | None:
        """The days that are compared with."""
        length = timedelta(days=(self.span.last - self.span.first).days + 1)
        back = {
            Compare.YEAR_BEFORE: WEEKS_OF_A_YEAR, Compare.SPAN_BEFORE: length,
        }.get(self.compare)  # fmt: skip
        return DaySpan(self.span.first - back, self.span.last - back) if back else None


def checked(question: Question, today: date) -> Question:
    """Returns the question, without days that are still to come. Errors: InvalidFields."""
    wrong: list[tuple[str, str]] = []
    if question.by not in OF_DAYS | SPLITS[question.measure]:
        wrong.append(("by", f"{question.measure} cannot be split by {question.by}"))
    if question.then_by not in COLUMNS:
        wrong.append(("then_by", "columns are of whole days: month, weekday, day_kind, rain"))
    if question.then_by is question.by and question.by is not By.NOTHING:
        wrong.append(("then_by", "choose another one than for the rows"))
    # Calendar groups of the other days have other names: there is no row to stand beside.
    if question.compare and (
        question.then_by is not By.NOTHING or question.by in {By.DAY, By.WEEK, By.MONTH}
    ):
        wrong.append(("compare", "only without columns, and not by day, week or month"))
    if question.span.first > today:
        wrong.append(("from_date", "give a date that is not still to come"))
    if wrong:
        raise InvalidFields(wrong)
    if question.span.last <= today:
        return question
    span = DaySpan(question.span.first, today)
    return Question(
        question.measure, span, question.by, question.then_by, question.only, question.compare
    )
