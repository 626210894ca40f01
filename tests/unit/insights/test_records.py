"""Which fields of events are kept: those that everybody is told, and no other."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kit.bus import Delivery
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.itinerary.v1 import itinerary_events_pb2 as itinerary
from meguri.itinerary.v1 import itinerary_service_pb2 as itinerary_words
from meguri.multilingual.v1 import feedback_service_pb2 as faces
from meguri.multilingual.v1 import multilingual_events_pb2 as multilingual
from meguri.payments.v1 import payments_events_pb2 as payments
from meguri.payments.v1 import payments_service_pb2 as payments_words
from services.edge.insights import records as pages
from services.insights import events
from services.insights.app.records import RECORDS
from services.insights.domain.fact import Fact, Kind
from services.insights.domain.keeping import FIELDS

# A fact's own marks, which every one has; the rest is what its event said.
MARKS = {"event_id", "service", "kind", "occur_time", "booked_date", "slices"}
PAYMENT: dict[str, Any] = {
    "shop_place_id": "shop", "amount_yen": 700, "tender": payments_words.TENDER_CARD,
    "business_date": "2026-05-03", "practice": True,
}  # fmt: skip
SPLIT: dict[str, Any] = {"split_sale_id": "s-1"}
# Events that say all they can.
FULL: dict[Kind, tuple[Any, Any]] = {
    Kind.SCAN: (events.scan, multilingual.ScanRecorded(
        stop_code="K7Q2X", requested_locale="th", served_locale="en", offline=True, scan_count=3,
    )),
    Kind.RATED: (events.rating, multilingual.RatingGiven(
        stop_code="K7Q2X", locale="en", face=faces.FACE_GOOD,
        reasons=[faces.RATING_REASON_HARD],
    )),
    Kind.UNRATED: (events.rating, multilingual.RatingWithdrawn(
        stop_code="K7Q2X", locale="en", face=faces.FACE_GOOD,
        reasons=[faces.RATING_REASON_HARD],
    )),
    Kind.ANSWERED: (events.reply, multilingual.SurveyAnswered(
        answers=[faces.Answer(question_id="q", option_id="o")],
    )),
    Kind.CAPTURED: (events.payment, payments.PaymentCaptured(**PAYMENT, **SPLIT)),
    Kind.VOIDED: (events.payment, payments.PaymentVoided(**PAYMENT, **SPLIT)),
    Kind.REFUNDED: (
        events.payment, payments.PaymentRefunded(**PAYMENT, **SPLIT, ends_payment=True)
    ),
    Kind.DECLINED: (events.payment, payments.PaymentDeclined(**PAYMENT, reason="no")),
    Kind.EXPIRED: (events.payment, payments.PaymentExpired(**PAYMENT)),
    Kind.UNKNOWN: (events.payment, payments.PaymentBecameUnknown(**PAYMENT)),
    Kind.ADMITTED: (events.admission, payments.TicketAdmitted(
        gate_place_id="gate", persons=3, origin="KR", business_date="2026-05-03", practice=True,
    )),
    Kind.PLANNED: (events.plan, itinerary.ItineraryPlanned(
        chosen_poi_ids=["cave"], party_size=2,
        left_out=[itinerary.PoiLeftOut(
            why=itinerary_words.WHY_OUT_CLOSED_THAT_DAY, must_visit=True
        )],
    )),
    Kind.REPAIRED: (events.repair, itinerary.ItineraryRepaired()),
    Kind.CLOSED: (events.closure, directory.PlaceClosed(place_id="gate")),
    Kind.REOPENED: (events.closure, directory.PlaceReopened(place_id="gate")),
}  # fmt: skip


def kept_of(kind: Kind) -> set[str]:
    make, message = FULL[kind]
    delivery = Delivery(
        event_id="0190e0c4-0000-7000-8000-000000000000", type=kind.value, area="mine",
        service="payments", aggregate_id="x", version=1,
        occur_time=datetime(2026, 5, 3, tzinfo=UTC), traceparent="", body=b"",
    )  # fmt: skip
    fact: Fact = make(delivery, message)
    assert fact.kind is kind
    empty = {name: Fact._field_defaults.get(name) for name in Fact._fields}
    own = {name for name in empty.keys() - MARKS if getattr(fact, name) != empty[name]}
    return own | {part.dimension.value for part in fact.slices}


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.RELEASED}))
def test_a_fact_holds_what_everybody_is_told_and_nothing_else(kind: Kind) -> None:
    assert kept_of(kind) == set(FIELDS[kind])


def test_a_void_that_took_nothing_back_holds_no_more_than_others() -> None:
    assert set(FIELDS[Kind.RELEASED]) == set(FIELDS[Kind.VOIDED])
    assert FIELDS.keys() == set(Kind)


def test_every_kind_field_and_record_has_its_words() -> None:
    assert pages.KINDS.keys() == {kind.value for kind in Kind}
    assert pages.FIELDS.keys() == {name for names in FIELDS.values() for name in names}
    assert pages.RECORDS.keys() == RECORDS.keys()
