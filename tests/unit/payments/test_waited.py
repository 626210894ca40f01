"""When a sale that waited was made, by the server's clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.business_day import business_date
from services.payments.domain.errors import NeedsConnection, WaitedTooLong
from services.payments.domain.waited import MOST_WAIT, check_may_wait, tap_time
from services.payments.gateways.acquirer_simulator import AcquirerSimulator
from services.payments.gateways.cash_record import CashRecord
from services.payments.gateways.other_device import OtherDevice

NOW = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)  # half past midnight in Japan


@given(st.timedeltas(min_value=-timedelta(days=4000), max_value=MOST_WAIT))
def test_a_sale_is_never_of_the_future_and_at_most_a_week_old(waited: timedelta) -> None:
    assert NOW - MOST_WAIT <= tap_time(NOW, waited) <= NOW


def test_the_day_is_that_of_the_tap_in_the_area_s_time_zone() -> None:
    tapped = tap_time(NOW, timedelta(hours=1))
    assert business_date(tapped, "Asia/Tokyo").isoformat() == "2026-11-02"
    assert business_date(NOW, "Asia/Tokyo").isoformat() == "2026-11-03"


def test_a_clock_set_back_makes_it_a_sale_of_the_arrival() -> None:
    assert tap_time(NOW, -timedelta(days=20_000)) == NOW


def test_a_sale_that_did_not_wait_is_of_now() -> None:
    assert tap_time(NOW, None) == NOW


def test_after_a_week_it_is_refused() -> None:
    assert tap_time(NOW, MOST_WAIT) == NOW - MOST_WAIT
    with pytest.raises(WaitedTooLong):
        tap_time(NOW, MOST_WAIT + timedelta(seconds=1))


def test_only_what_asks_no_provider_may_wait() -> None:
    hour = timedelta(hours=1)
    check_may_wait(CashRecord.facts, hour)
    check_may_wait(OtherDevice.facts, hour)
    check_may_wait(AcquirerSimulator.facts, None)
    with pytest.raises(NeedsConnection):
        check_may_wait(AcquirerSimulator.facts, hour)
