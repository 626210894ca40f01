"""Terms of single facts: which are kept, what is sealed, and what a month of answers leaves."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.insights.domain import keeping
from services.insights.domain.fact import Kind
from services.insights.domain.feedback import answers, rated_stops
from services.insights.domain.keeping import TERMS, Group, KeepSettings
from services.insights.domain.months import plus
from services.insights.domain.ratings import Heard
from services.insights.domain.replies import Reply
from services.insights.domain.told import ToldMonth, named, told_month

DATES = st.dates(date(2021, 1, 1), date(2090, 1, 1))
SETTINGS = st.fixed_dictionaries(
    {}, optional={g: st.integers(t.least, t.usual) for g, t in TERMS.items()}
).map(KeepSettings)


def test_what_people_said_goes_first_and_money_may_not_go_early() -> None:
    usual = {group: keeping.months_kept(KeepSettings({}), group) for group in Group}
    assert usual == {Group.ANSWERS: 6, Group.HAPPENINGS: 24, Group.MONEY: 24}
    assert TERMS[Group.MONEY].least > 12, "the fiscal year that is being settled"
    assert {kind for kind in Kind if keeping.group_of(kind) is Group.ANSWERS} == {
        Kind.RATED, Kind.UNRATED, Kind.ANSWERED,
    }  # fmt: skip
    assert keeping.group_of(Kind.RELEASED) is Group.MONEY
    assert keeping.group_of(Kind.ADMITTED) is Group.HAPPENINGS


@given(SETTINGS, DATES)
def test_a_fact_is_kept_for_its_whole_months_and_not_longer(
    settings: KeepSettings, today: date
) -> None:
    for kind, first in keeping.first_kept(settings, today).items():
        months = keeping.months_kept(settings, keeping.group_of(kind))
        assert first.day == 1
        assert plus(first, months) == today.replace(day=1)
        assert months >= 2, "the list of unliked texts reads this month and the one before"


@given(SETTINGS, DATES, st.integers(0, 2_000))
def test_sealing_goes_forward_only(settings: KeepSettings, today: date, later: int) -> None:
    sealed = keeping.to_seal({}, keeping.first_kept(settings, today))
    assert set(sealed) == set(Kind)
    assert keeping.to_seal(sealed, keeping.first_kept(settings, today)) == {}
    more = keeping.to_seal(
        sealed, keeping.first_kept(KeepSettings({}), today + timedelta(days=later))
    )
    assert all(first > sealed[kind] for kind, first in more.items())


@given(SETTINGS, DATES)
def test_what_goes_singly_is_sealed_and_gone_a_month_later_at_most(
    settings: KeepSettings, today: date
) -> None:
    sealed = keeping.first_kept(settings, today)
    for kind, before in keeping.to_remove(settings, sealed).items():
        by_part = keeping.months_kept(settings, keeping.group_of(kind)) == keeping.LONGEST
        assert before == (plus(sealed[kind], -1) if by_part else sealed[kind])


def test_an_area_may_choose_less_but_not_too_little_and_not_more() -> None:
    assert keeping.checked(KeepSettings({Group.MONEY: 24, Group.ANSWERS: 2})) == KeepSettings(
        {Group.ANSWERS: 2}
    )
    for group, term in TERMS.items():
        for months in (term.least - 1, term.usual + 1, -1):
            with pytest.raises(InvalidFields) as refused:
                keeping.checked(KeepSettings({group: months}))
            assert f"settings.{group.value}_months" in str(refused.value.fields)


def test_what_a_month_told_is_what_its_page_tells_and_survives_being_written() -> None:
    ratings = [Heard(f"r{n}", False, "K7Q2X", "ja", "good") for n in range(45)]  # noqa: FBT003 - a record
    replies = [Reply(f"a{n}", frozenset({("from", "KR")})) for n in range(38)]
    told = told_month(ratings, replies)
    labels = {("stop", "K7Q2X"): {"ja": "百枚皿"}}
    assert (told.rating_count, named(told.stops, labels)) == rated_stops(ratings, labels)
    assert (told.reply_count, told.questions) == answers(replies)
    assert told.stops[0].names == {}, "names may change"
    assert msgspec.json.decode(msgspec.json.encode(told), type=ToldMonth) == told
    assert told_month([], []) == ToldMonth()
