"""Facts and roll-ups made up for tests."""

import uuid
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from services.insights.domain.fact import DatedFact, Dimension, Fact, Kind, Slice, date_facts
from services.insights.domain.figures import DaySums
from services.insights.domain.rollup import DayKey, Measures, roll_up

TOKYO = ZoneInfo("Asia/Tokyo")
ON = date(2026, 5, 3)
NOON = datetime(2026, 5, 3, 3, 0, tzinfo=UTC)


def fact(kind: Kind, at: datetime = NOON, **more: Any) -> Fact:
    """A fact with an id of its own."""
    return Fact(event_id=str(uuid.uuid4()), service="payments", kind=kind, occur_time=at, **more)


def dated(*facts: Fact) -> list[DatedFact]:
    """Facts as counted in Tokyo, heard at once."""
    return [date_facts([each], TOKYO, each.occur_time)[0] for each in facts]


def scans(*languages: tuple[str, str]) -> DaySums:
    """Roll-ups of one scan per (asked, served)."""
    made = []
    for asked, served in languages:
        slices = [Slice(Dimension.ASKED, asked), Slice(Dimension.SERVED, served)]
        if asked != served:
            slices.append(Slice(Dimension.MISSED, asked))
        made.append(fact(Kind.SCAN, slices=tuple(slices)))
    return roll_up(dated(*made)).days


def key(kind: Kind, dimension: Dimension = Dimension.TOTAL, value: str = "") -> DayKey:
    """The key of a daily sum that is no practice."""
    return DayKey(ON, kind, False, dimension, value)  # noqa: FBT003 - a key


def count(sums: DaySums, of: DayKey) -> int:
    """The count of a daily sum."""
    return sums.get(of, Measures()).count


facts = st.builds(
    fact,
    st.sampled_from(list(Kind)),
    st.datetimes(datetime(2026, 4, 1), datetime(2026, 6, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    practice=st.booleans(),
    count=st.integers(1, 1_000),
    amount_yen=st.integers(0, 9_999_999),
    persons=st.integers(0, 40),
    slices=st.lists(
        st.builds(Slice, st.sampled_from(list(Dimension)[1:]), st.sampled_from("abc")), max_size=4
    ).map(tuple),
)
