"""Decoding events: what is counted of each, and that none goes unheard."""

from datetime import UTC, date, datetime
from typing import cast

import pytest

from kit.bus import Delivery
from meguri.itinerary.v1 import itinerary_events_pb2 as itinerary
from meguri.itinerary.v1 import itinerary_service_pb2 as itinerary_words
from meguri.multilingual.v1 import multilingual_events_pb2 as multilingual
from meguri.payments.v1 import payments_events_pb2 as payments
from meguri.payments.v1 import payments_service_pb2 as payments_words
from services.edge.asyncapi.registry import events as registered
from services.insights import events
from services.insights.app.deps import Deps
from services.insights.domain import figures
from services.insights.domain.fact import Dimension, Kind, Slice
from services.insights.domain.rollup import roll_up
from tests.unit.insights.made import dated


def delivery(event: str) -> Delivery:
    return Delivery(
        event_id="0190e0c4-0000-7000-8000-000000000000", type=event, area="mine",
        service="payments", aggregate_id="x", version=1,
        occur_time=datetime(2026, 5, 3, tzinfo=UTC), traceparent="", body=b"",
    )  # fmt: skip


def test_every_event_of_every_service_is_heard() -> None:
    heard = {(each.service, each.event) for each in events.hearings(cast(Deps, None))}
    assert heard == {(each.service, each.name) for each in registered()}


def test_what_a_newer_version_replaces_is_heard_in_order() -> None:
    """Sums come out alike in any order; counts of zones, names and settings do not."""
    ordered = [each for each in events.hearings(cast(Deps, None)) if not each.commutes]
    assert {each.service for each in ordered if each.gather} == {"visitor_sense"}
    facts = {each.event for each in events.hearings(cast(Deps, None)) if each.commutes}
    assert {"scan_recorded", "payment_captured", "itinerary_planned"} <= facts
    assert not facts & {"zone_hour_counted", "occupancy_level_changed", "area_configured"}


def test_hearings_expect_the_message_of_their_event() -> None:
    messages = {(each.service, each.name): each.message for each in registered()}
    for each in events.hearings(cast(Deps, None)):
        assert each.message_type.DESCRIPTOR.name == messages[each.service, each.event]


def slices(fact_slices: tuple[Slice, ...]) -> set[tuple[str, str]]:
    return {(each.dimension.value, each.value) for each in fact_slices}


def test_a_scan_in_the_language_asked_for_misses_nothing() -> None:
    message = multilingual.ScanRecorded(
        stop_code="K7Q2X", requested_locale="zh-TW", served_locale="zh-Hant"
    )
    found = slices(events.scan(delivery("scan_recorded"), message).slices)
    assert found == {
        ("locale_asked", "zh-Hant"), ("locale_served", "zh-Hant"), ("stop", "K7Q2X"),
    }  # fmt: skip


def test_a_scan_in_another_language_is_demand_not_met() -> None:
    message = multilingual.ScanRecorded(
        stop_code="K7Q2X", requested_locale="th", served_locale="en", offline=True
    )
    found = slices(events.scan(delivery("scan_recorded"), message).slices)
    assert {("locale_missed", "th"), ("offline", "yes")} <= found


def test_who_asked_for_nothing_misses_nothing() -> None:
    message = multilingual.ScanRecorded(stop_code="K7Q2X", served_locale="ja")
    found = events.scan(delivery("scan_recorded"), message)
    assert Dimension.MISSED not in {each.dimension for each in found.slices}
    assert found.count == 1


def test_scans_alike_come_as_one_event() -> None:
    message = multilingual.ScanRecorded(stop_code="K7Q2X", served_locale="ja", scan_count=40)
    assert events.scan(delivery("scan_recorded"), message).count == 40


@pytest.mark.parametrize(("amount_yen", "kind"), [(700, Kind.VOIDED), (0, Kind.RELEASED)])
def test_a_void_of_nothing_taken_is_no_cancellation(amount_yen: int, kind: Kind) -> None:
    message = payments.PaymentVoided(
        amount_yen=amount_yen, business_date="2026-05-03", authorized_yen=700,
        tender=payments_words.TENDER_CARD,
    )  # fmt: skip
    assert events.payment(delivery("payment_voided"), message).kind is kind


def test_a_payment_keeps_the_owners_date_and_book() -> None:
    message = payments.PaymentCaptured(
        amount_yen=1_300, business_date="2026-05-02", practice=True,
        tender=payments_words.TENDER_TRANSIT_IC, shop_place_id="gate",
    )  # fmt: skip
    found = events.payment(delivery("payment_captured"), message)
    assert (str(found.booked_date), found.practice, found.amount_yen) == ("2026-05-02", True, 1_300)
    assert slices(found.slices) == {("tender", "transit_ic"), ("shop", "gate")}


def test_a_ticket_paid_in_parts_is_its_persons_once_and_its_yen_per_part() -> None:
    made = [
        events.payment(
            delivery("payment_captured"),
            payments.PaymentCaptured(
                amount_yen=yen, business_date="2026-05-02", tender=tender, split_sale_id="s-1",
                shop_place_id="gate",
            ),
        )
        for yen, tender in (
            (1_000, payments_words.TENDER_CASH_RECORD), (2_200, payments_words.TENDER_CARD)
        )
    ]  # fmt: skip
    went_in = payments.TicketAdmitted(
        ticket_id="s-1", gate_place_id="gate", persons=3, business_date="2026-05-02"
    )
    made.append(events.admission(delivery("ticket_admitted"), went_in))
    found = roll_up(dated(*made)).days
    on = date(2026, 5, 2)
    book = figures.payments(found, on, {}, practice=False)
    assert (book.captured.amount_yen, book.captured.count, book.kept_count) == (3_200, 2, 1)
    tenders = {cell.value: cell.count for cell in book.by_tender.cells}
    assert tenders == {"cash_record": 1, "card": 1}
    inside = figures.total(found, Kind.ADMITTED, on)
    assert (inside.count, inside.persons) == (1, 3)


def test_a_tender_of_a_newer_version_is_counted_by_its_number() -> None:
    message = payments.PaymentCaptured(amount_yen=1, business_date="2026-05-02")
    message.tender = 99  # type: ignore[assignment] # an open enumeration on the wire
    found = events.payment(delivery("payment_captured"), message)
    assert ("tender", "unknown-99") in slices(found.slices)


def test_a_payment_without_a_date_is_refused() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        events.payment(delivery("payment_captured"), payments.PaymentCaptured(amount_yen=1))


def test_only_what_a_party_asked_for_counts_as_left_out() -> None:
    message = itinerary.ItineraryPlanned(
        party_size=3,
        chosen_poi_ids=["a", "b"],
        left_out=[
            itinerary.PoiLeftOut(poi_id="c", why=itinerary_words.WHY_OUT_CLOSURE, must_visit=True),
            itinerary.PoiLeftOut(poi_id="d", why=itinerary_words.WHY_OUT_OVER_BUDGET),
        ],
    )
    found = events.plan(delivery("itinerary_planned"), message)
    assert found.persons == 3
    assert slices(found.slices) == {("chosen", "a"), ("chosen", "b"), ("left_out", "closure")}


def test_an_admission_counts_its_persons_and_an_origin_only_when_it_was_asked() -> None:
    message = payments.TicketAdmitted(
        gate_place_id="gate-a", persons=3, origin="KR", business_date="2026-05-03", practice=True
    )
    found = events.admission(delivery("ticket_admitted"), message)
    assert (found.kind, found.persons, found.practice) == (Kind.ADMITTED, 3, True)
    assert slices(found.slices) == {("shop", "gate-a"), ("origin", "KR")}
    message.origin = ""
    asked = slices(events.admission(delivery("ticket_admitted"), message).slices)
    assert asked == {("shop", "gate-a")}
