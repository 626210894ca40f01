"""The simulated hour: the same seed makes the same visitors, and they stay inside their bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.visitors import ADMISSION_YEN, HOUR_MINUTES, Party, make_parties
from tests.examples import share

SHOPS = ("akiyoshido-main", "shotengai-souvenirs")


def hour(seed: int = 1, visitors: int = 120) -> list[Party]:
    return make_parties(seed, visitors, 57, SHOPS)


def test_same_seed_same_visitors() -> None:
    assert hour(7) == hour(7)
    assert hour(7) != hour(8)


@share(25)
@given(st.integers(), st.integers(1, 200), st.integers(1, 57))
def test_everybody_comes_within_the_hour_and_walks_in_order(
    seed: int, visitors: int, stop_count: int
) -> None:
    parties = make_parties(seed, visitors, stop_count, SHOPS)
    people = sum(party.size for party in parties)
    assert visitors <= people < visitors + 6
    assert [p.minute for p in parties] == sorted(p.minute for p in parties)
    for party in parties:
        assert len(party.phones) == party.size
        assert party.stops
        assert set(party.stops) <= set(range(stop_count))
        assert list(party.stop_minutes) == sorted(party.stop_minutes)
        assert all(party.minute <= at < HOUR_MINUTES for at in party.stop_minutes)
        assert all(0 <= at <= HOUR_MINUTES for phone in party.phones for at in phone.minutes)


def test_tickets_are_bought_for_the_whole_party_and_only_where_sold() -> None:
    for party in hour():
        for sale in party.purchases:
            assert sale.shop in SHOPS
            if sale.shop == "akiyoshido-main":
                assert sale.amount_yen == ADMISSION_YEN * party.size


def test_without_shops_nobody_pays() -> None:
    assert not any(party.purchases for party in make_parties(1, 50, 5, ()))


@pytest.mark.parametrize("language", ["ja", "zh-TW", "ko-KR", "en-US"])
def test_a_busy_hour_speaks_many_languages(language: str) -> None:
    speakers = [p for p in hour(visitors=400) if p.accept_language.startswith(language)]
    assert len(speakers) >= 5


def test_phones_use_made_up_addresses_only() -> None:
    for party in hour():
        for phone in party.phones:
            assert len(phone.address) == 6
            assert phone.address[0] & 0x03 == 0x02, "locally administered, not a group address"
