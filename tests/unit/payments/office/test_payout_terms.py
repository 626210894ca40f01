"""When a sale should be paid, by the terms that are kept for its way to pay."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.payments.domain.payout_terms import (
    LAST_DAY,
    MAX_DAYS,
    Closing,
    Due,
    PayoutTerms,
    due,
    expected_payout,
    read_terms,
    terms_problems,
)
from services.payments.domain.shop import Shop, TenderSetting, check_shop, payout_terms
from services.payments.domain.tender import Custody, GatewayFacts, Mode, Tender
from services.payments.wire import settings

TWICE = "15+0/31 31+1/15"
MONTHLY = "31+1/31"
FACTS = {
    name: GatewayFacts(name=name, mode=Mode.LIVE, custody=custody, tenders=frozenset(Tender),
                       immediate=True)
    for name, custody in (("other_device", Custody.OTHER_DEVICE), ("cash_record", Custody.DRAWER))
}  # fmt: skip


def closings(draw: st.DrawFn) -> tuple[Closing, ...]:
    days = sorted(draw(st.sets(st.integers(1, LAST_DAY), min_size=1, max_size=6)))
    made = []
    for day in days:
        later = draw(st.integers(0, 2))
        pays = draw(st.integers(day if later == 0 else 1, LAST_DAY))
        made.append(Closing(closing_day=day, months_later=later, payout_day=pays))
    return tuple(made)


TERMS = st.one_of(
    st.builds(PayoutTerms, days=st.integers(0, MAX_DAYS), weekday=st.integers(0, 7)),
    st.builds(PayoutTerms, closings=st.composite(closings)()),
)
DAYS = st.dates(date(2020, 1, 1), date(2099, 1, 1))


@pytest.mark.parametrize(
    ("terms", "sold", "expected"),
    [
        ("days 0", "2026-11-21", "2026-11-21"),
        ("days 2", "2026-12-31", "2027-01-02"),
        # 2026-11-18 is a Wednesday: it closes on its own day, the next one a week later.
        ("weekday 3 days 2", "2026-11-18", "2026-11-20"),
        ("weekday 3 days 2", "2026-11-19", "2026-11-27"),
        (TWICE, "2026-11-01", "2026-11-30"),
        (TWICE, "2026-11-15", "2026-11-30"),
        (TWICE, "2026-11-16", "2026-12-15"),
        (TWICE, "2026-12-31", "2027-01-15"),
        (MONTHLY, "2026-01-31", "2026-02-28"),
        (MONTHLY, "2027-01-31", "2027-02-28"),
        (MONTHLY, "2028-01-01", "2028-02-29"),
        # Closed on the 20th only: what comes later waits for the 20th of the next month.
        ("20+1/10", "2026-11-20", "2026-12-10"),
        ("20+1/10", "2026-11-21", "2027-01-10"),
        ("10+2/5", "2026-12-11", "2027-03-05"),
    ],
)
def test_the_day_follows_from_the_terms(terms: str, sold: str, expected: str) -> None:
    found = expected_payout(read_terms(terms), date.fromisoformat(sold))
    assert found == date.fromisoformat(expected)


def test_where_nobody_has_said_it_no_day_is_made_up() -> None:
    assert expected_payout(None, date(2026, 11, 21)) is None
    assert due(None, date(2026, 11, 21)) is Due.UNKNOWN


def test_on_the_day_itself_it_is_not_late() -> None:
    day = date(2026, 11, 30)
    assert due(day, day) is Due.COMING
    assert due(day, day + timedelta(days=1)) is Due.OVER


@given(TERMS, DAYS)
def test_no_sale_is_paid_before_it_or_much_later_than_is_looked_back(
    terms: PayoutTerms, sold: date
) -> None:
    assert terms_problems(terms) == []
    expected = expected_payout(terms, sold)
    assert expected is not None
    assert sold <= expected <= sold + timedelta(days=31 + 92)


@given(TERMS, DAYS)
def test_a_later_sale_of_one_closing_is_never_paid_before_an_earlier_one(
    terms: PayoutTerms, sold: date
) -> None:
    if len(terms.closings) <= 1:
        first, second = (expected_payout(terms, day) for day in (sold, sold + timedelta(days=1)))
        assert first is not None
        assert second is not None
        assert first <= second


@given(TERMS)
def test_terms_come_home_from_the_contract_as_they_went(terms: PayoutTerms) -> None:
    message = settings.terms_message(terms)
    assert message is not None
    assert settings._terms(message) == terms


@pytest.mark.parametrize(
    "text",
    [
        "",
        "days",
        "days x",
        "days 2 days",
        "weekday 3",
        "31",
        "31+1",
        "a+1/2",
        "days 100 x 1",
        "days 2 days 3",
        "weekday 3 weekday 4 days 2",
    ],
)
def test_a_text_that_is_no_terms_says_how_to_write_them(text: str) -> None:
    with pytest.raises(ValueError, match="days 2"):
        read_terms(text)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (PayoutTerms(days=91), "90 days"),
        (PayoutTerms(weekday=8), "weekday"),
        (read_terms("20+0/10"), "before it"),
        (read_terms("20+1/32"), "from 1 to 31"),
        (read_terms("20+3/10"), "2 months later"),
        (read_terms("20+1/10 10+1/5"), "later day"),
        (PayoutTerms(days=2, closings=read_terms(MONTHLY).closings), "not both"),
    ],
)
def test_terms_that_cannot_be_are_refused(terms: PayoutTerms, said: str) -> None:
    assert said in " ".join(terms_problems(terms))
    with pytest.raises(InvalidFields, match=said):
        check_shop(shop(Tender.CARD, "other_device", terms), FACTS)


def shop(tender: Tender, gateway: str, terms: PayoutTerms | None) -> Shop:
    way = TenderSetting(tender=tender, gateway=gateway, payout_terms=terms)
    return Shop(shop_place_id="shop-a", names={"ja": "店"}, tenders=(way,))


def test_terms_are_those_of_the_way_to_pay_and_cash_has_none() -> None:
    known = check_shop(shop(Tender.CARD, "other_device", read_terms(TWICE)), FACTS)
    assert payout_terms(known, Tender.CARD, "other_device") == read_terms(TWICE)
    assert payout_terms(known, Tender.CARD, "square") is None
    assert payout_terms(known, Tender.ID, "other_device") is None
    assert payout_terms(None, Tender.CARD, "other_device") is None
    with pytest.raises(InvalidFields, match="drawer"):
        check_shop(shop(Tender.CASH_RECORD, "cash_record", read_terms("days 1")), FACTS)
