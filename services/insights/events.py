"""The NATS door: every event of every service becomes a fact, a name, a zone's count or a setting.

A fact's id is the event's id and its time the event's own, so a delivery says the same whenever
and however often it comes.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import Any, Protocol

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from kit.bus import Delivery, Hearing
from kit.db import Transaction
from kit.outbox import Encoders
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.itinerary.v1 import itinerary_events_pb2 as itinerary
from meguri.itinerary.v1 import itinerary_service_pb2 as itinerary_words
from meguri.multilingual.v1 import feedback_service_pb2 as feedback_words
from meguri.multilingual.v1 import multilingual_events_pb2 as multilingual
from meguri.payments.v1 import payments_events_pb2 as payments
from meguri.payments.v1 import payments_service_pb2 as payments_words
from meguri.visitor_sense.v1 import visitor_sense_events_pb2 as visitor_sense
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as visitor_sense_words
from services.insights.app import intake
from services.insights.app.deps import Deps
from services.insights.domain.fact import Dimension, Fact, Kind, Slice
from services.insights.domain.language import counted_language
from services.insights.domain.said import Envelope
from services.insights.domain.shop_close import ClosedTender, ShopDayClosed
from services.insights.domain.zone import LevelSaid, ZoneHourSaid

ENCODERS: Encoders = {}  # insights says no events

CACHED = 8192  # combinations that come again and again: a shop and a tender, a stop and languages

Pairs = Sequence[tuple[Delivery, Any]]
Handle = Callable[[Transaction, Delivery, Any], Awaitable[None]]
ToFact = Callable[[Delivery, Any], Fact]


class _Enum(Protocol):
    def Name(self, number: Any, /) -> str: ...


def hearings(deps: Deps) -> list[Hearing]:
    """Returns everything insights hears, by service."""

    def counted(service: str, event: str, kind: type[Message], to_fact: ToFact) -> Hearing:
        async def gather(tx: Transaction, pairs: Pairs) -> None:
            facts = [to_fact(delivery, message) for delivery, message in pairs]
            await intake.take_in(deps, tx, facts)

        return Hearing(service, event, kind, gather=gather, commutes=True)

    def use(action: Callable[[Deps, Transaction, Delivery, Any], Awaitable[None]]) -> Handle:
        async def handle(tx: Transaction, delivery: Delivery, message: Any) -> None:
            await action(deps, tx, delivery, message)

        return handle

    return [
        Hearing("directory", "area_configured", directory.AreaConfigured, use(_area_configured)),
        Hearing("directory", "area_dropped", directory.AreaDropped, use(_area_dropped)),
        Hearing("directory", "place_recorded", directory.PlaceRecorded, use(_place_recorded)),
        Hearing("directory", "user_changed", directory.UserChanged, use(_noted)),
        Hearing("directory", "device_revoked", directory.DeviceRevoked, use(_noted)),
        counted("directory", "place_closed", directory.PlaceClosed, closure),
        counted("directory", "place_reopened", directory.PlaceReopened, closure),
        Hearing("itinerary", "poi_published", itinerary.PoiPublished, use(_poi_published)),
        counted("itinerary", "itinerary_planned", itinerary.ItineraryPlanned, plan),
        counted("itinerary", "itinerary_repaired", itinerary.ItineraryRepaired, repair),
        Hearing("itinerary", "itinerary_changed", itinerary.ItineraryChanged, use(_noted)),
        Hearing("itinerary", "timetable_changed", itinerary.TimetableChanged, use(_noted)),
        Hearing("itinerary", "runs_delayed", itinerary.RunsDelayed, use(_noted)),
        Hearing("itinerary", "ways_changed", itinerary.WaysChanged, use(_noted)),
        Hearing(
            "itinerary", "spot_settings_changed", itinerary.SpotSettingsChanged, use(_noted),
        ),
        Hearing("multilingual", "stop_published", multilingual.StopPublished, use(_stop_published)),
        Hearing(
            "multilingual", "stop_notices_changed", multilingual.StopNoticesChanged, use(_noted)
        ),
        Hearing("multilingual", "recording_changed", multilingual.RecordingChanged, use(_noted)),
        Hearing("multilingual", "photos_changed", multilingual.PhotosChanged, use(_noted)),
        Hearing("multilingual", "videos_changed", multilingual.VideosChanged, use(_noted)),
        Hearing("multilingual", "media_erased", multilingual.MediaErased, use(_noted)),
        Hearing("multilingual", "day_note_changed", multilingual.DayNoteChanged, use(_noted)),
        Hearing("multilingual", "tour_changed", multilingual.TourChanged, use(_noted)),
        counted("multilingual", "scan_recorded", multilingual.ScanRecorded, scan),
        counted("multilingual", "rating_given", multilingual.RatingGiven, rating),
        counted("multilingual", "rating_withdrawn", multilingual.RatingWithdrawn, rating),
        counted("multilingual", "survey_answered", multilingual.SurveyAnswered, reply),
        counted("payments", "payment_captured", payments.PaymentCaptured, payment),
        counted("payments", "payment_voided", payments.PaymentVoided, payment),
        counted("payments", "payment_refunded", payments.PaymentRefunded, payment),
        counted("payments", "payment_declined", payments.PaymentDeclined, payment),
        counted("payments", "payment_expired", payments.PaymentExpired, payment),
        counted("payments", "payment_became_unknown", payments.PaymentBecameUnknown, payment),
        Hearing("payments", "shop_day_closed", payments.ShopDayClosed, use(_shop_day_closed)),
        Hearing("payments", "payments_day_totaled", payments.PaymentsDayTotaled, use(_day_totaled)),
        counted("payments", "ticket_admitted", payments.TicketAdmitted, admission),
        Hearing(
            "visitor_sense", "zone_hour_counted", visitor_sense.ZoneHourCounted,
            gather=partial(_zone_hours_counted, deps),
        ),
        Hearing(
            "visitor_sense", "occupancy_level_changed", visitor_sense.OccupancyLevelChanged,
            gather=partial(_occupancy_levels_changed, deps),
        ),
    ]  # fmt: skip


def scan(delivery: Delivery, message: multilingual.ScanRecorded) -> Fact:
    """A stop page was opened."""
    slices = _slices_of_scan(
        message.stop_code, message.requested_locale, message.served_locale, message.offline
    )
    return _fact(delivery, Kind.SCAN, count=max(1, message.scan_count), slices=slices)


@lru_cache(maxsize=CACHED)
def _slices_of_scan(
    stop_code: str,
    requested_locale: str,
    served_locale: str,
    offline: bool,  # noqa: FBT001 - of a cache
) -> tuple[Slice, ...]:
    asked, served = counted_language(requested_locale), counted_language(served_locale)
    slices = [
        Slice(Dimension.ASKED, asked),
        Slice(Dimension.SERVED, served),
        Slice(Dimension.STOP, stop_code),
    ]
    if requested_locale and asked != served:
        slices.append(Slice(Dimension.MISSED, asked))
    if offline:
        slices.append(Slice(Dimension.OFFLINE, "yes"))
    return tuple(slices)


def rating(delivery: Delivery, message: Any) -> Fact:
    """A narration was rated, or a rating ended: then it stands on the day it was given on."""
    about = f"{message.stop_code}/{counted_language(message.locale)}"
    slices = [Slice(Dimension.FACE, f"{about}/{_word(feedback_words.Face, message.face, 'FACE_')}")]
    slices += [
        Slice(
            Dimension.COMPLAINT,
            f"{about}/{_word(feedback_words.RatingReason, reason, 'RATING_REASON_')}",
        )
        for reason in message.reasons
    ]
    return _fact(delivery, Kind(delivery.type), slices=tuple(slices))


def reply(delivery: Delivery, message: multilingual.SurveyAnswered) -> Fact:
    """The survey was answered."""
    slices = [
        Slice(Dimension.ANSWER, f"{each.question_id}/{each.option_id}") for each in message.answers
    ]
    return _fact(delivery, Kind.ANSWERED, slices=tuple(slices))


def payment(delivery: Delivery, message: Any) -> Fact:
    """A payment moved. A void counts only what it took back: a released hold took nothing."""
    kind = Kind(delivery.type)
    slices = _slices_of_sale(message.tender, message.shop_place_id)
    if kind is Kind.DECLINED:
        slices += (Slice(Dimension.REASON, message.reason),)
    ends = kind is Kind.REFUNDED and message.ends_payment
    if ends:
        slices += (Slice(Dimension.ENDED, "yes"),)
    if (ends or kind in (Kind.CAPTURED, Kind.VOIDED)) and message.split_sale_id:
        slices += (Slice(Dimension.SPLIT_SALE, message.split_sale_id),)
    if kind is Kind.VOIDED and message.amount_yen == 0:
        kind = Kind.RELEASED
    return _fact(
        delivery,
        kind,
        booked_date=_date(message.business_date),
        practice=message.practice,
        amount_yen=message.amount_yen,
        slices=slices,
    )


@lru_cache(maxsize=CACHED)
def _slices_of_sale(tender: Any, shop_place_id: str) -> tuple[Slice, ...]:
    return (
        Slice(Dimension.TENDER, _word(payments_words.Tender, tender, "TENDER_")),
        Slice(Dimension.SHOP, shop_place_id),
    )


def admission(delivery: Delivery, message: payments.TicketAdmitted) -> Fact:
    """A party went in at a gate. One that nobody asked is counted, but under no origin."""
    slices = [Slice(Dimension.SHOP, message.gate_place_id)]
    if message.origin:
        slices.append(Slice(Dimension.ORIGIN, message.origin))
    return _fact(
        delivery,
        Kind.ADMITTED,
        booked_date=_date(message.business_date),
        practice=message.practice,
        persons=message.persons,
        slices=tuple(slices),
    )


def plan(delivery: Delivery, message: itinerary.ItineraryPlanned) -> Fact:
    """A day was planned. Of what was left out only that counts which the party had asked for."""
    chosen = [Slice(Dimension.CHOSEN, poi_id) for poi_id in message.chosen_poi_ids]
    missed = [
        Slice(Dimension.LEFT_OUT, _word(itinerary_words.WhyOut, each.why, "WHY_OUT_"))
        for each in message.left_out
        if each.must_visit
    ]
    return _fact(delivery, Kind.PLANNED, persons=message.party_size, slices=tuple(chosen + missed))


def repair(delivery: Delivery, _message: itinerary.ItineraryRepaired) -> Fact:
    """A kept day was planned again."""
    return _fact(delivery, Kind.REPAIRED)


def closure(delivery: Delivery, message: Any) -> Fact:
    """A place was shut or opened again."""
    return _fact(delivery, Kind(delivery.type), slices=(Slice(Dimension.SHOP, message.place_id),))


async def _zone_hours_counted(deps: Deps, tx: Transaction, pairs: Pairs) -> None:
    await intake.take_zone_hours(
        deps, tx, [(_envelope(delivery), _hour(message)) for delivery, message in pairs]
    )


def _hour(message: visitor_sense.ZoneHourCounted) -> ZoneHourSaid:
    return ZoneHourSaid(
        zone_id=message.zone_id,
        place_id=message.place_id,
        start_time=_moment(message.hour_start_time),
        estimate=message.estimate,
        low=message.low,
        high=message.high,
        released_estimate=message.released_estimate,
        kind=_word(visitor_sense_words.CountKind, message.kind, "COUNT_KIND_"),
        method=_word(visitor_sense_words.CountMethod, message.method, "COUNT_METHOD_"),
    )


async def _occupancy_levels_changed(deps: Deps, tx: Transaction, pairs: Pairs) -> None:
    await intake.take_zone_levels(
        deps, tx, [(_envelope(delivery), _level(message)) for delivery, message in pairs]
    )


def _level(message: visitor_sense.OccupancyLevelChanged) -> LevelSaid:
    return LevelSaid(
        zone_id=message.zone_id,
        place_id=message.place_id,
        level=_word(visitor_sense_words.OccupancyLevel, message.level, "OCCUPANCY_LEVEL_"),
        as_of_time=_moment(message.as_of_time),
    )


MONEY = (
    "captured_count", "captured_yen", "voided_count", "voided_yen", "refunded_count",
    "refunded_yen",
)  # fmt: skip


async def _day_totaled(
    deps: Deps, tx: Transaction, delivery: Delivery, message: payments.PaymentsDayTotaled
) -> None:
    """The ledger's own sums of a date. A measure it does not name is zero, and said as zero."""
    said = {f"{book}{name}": 0 for book in ("", "practice_") for name in MONEY}
    for total in message.totals:
        for name in MONEY:
            said[f"{'practice_' if total.practice else ''}{name}"] += getattr(total, name)
    await intake.take_owner_totals(
        deps, tx, _envelope(delivery), business_date=date.fromisoformat(message.business_date),
        said=said,
    )  # fmt: skip


async def _shop_day_closed(
    deps: Deps, tx: Transaction, delivery: Delivery, message: payments.ShopDayClosed
) -> None:
    said = ShopDayClosed(
        shop_place_id=message.shop_place_id,
        number=message.number,
        tenders=tuple(
            ClosedTender(
                business_date=date.fromisoformat(held.business_date),
                tender=_word(payments_words.Tender, each.tender, "TENDER_"),
                captured_yen=each.captured_yen,
                voided_yen=each.voided_yen,
                refunded_yen=each.refunded_yen,
            )
            for held in message.dates
            for each in held.closed
        ),
    )
    await intake.take_shop_close(deps, tx, _envelope(delivery), said)


async def _area_configured(
    deps: Deps, tx: Transaction, delivery: Delivery, message: directory.AreaConfigured
) -> None:
    await intake.configure_area(
        deps,
        tx,
        _envelope(delivery),
        time_zone=message.area.time_zone,
        demo=message.area.demo,
    )


async def _area_dropped(
    _deps: Deps, tx: Transaction, delivery: Delivery, _message: directory.AreaDropped
) -> None:
    await intake.drop_area(tx, _envelope(delivery))


async def _place_recorded(
    deps: Deps, tx: Transaction, delivery: Delivery, message: directory.PlaceRecorded
) -> None:
    place = message.place
    await _label(deps, tx, delivery, "place", place.place_id, place.place_id, dict(place.names))


async def _poi_published(
    deps: Deps, tx: Transaction, delivery: Delivery, message: itinerary.PoiPublished
) -> None:
    await _label(deps, tx, delivery, "poi", message.poi_id, message.place_id, {})


async def _stop_published(
    deps: Deps, tx: Transaction, delivery: Delivery, message: multilingual.StopPublished
) -> None:
    await _label(deps, tx, delivery, "stop", message.stop_code, message.place_id, {})


async def _noted(deps: Deps, tx: Transaction, delivery: Delivery, _message: object) -> None:
    """Takes in an event that changes no figure: it still shows that its service is alive."""
    await intake.note(deps, tx, _envelope(delivery))


async def _label(
    deps: Deps,
    tx: Transaction,
    delivery: Delivery,
    kind: str,
    key: str,
    place_id: str,
    names: dict[str, str],
) -> None:
    await intake.take_label(
        deps, tx, _envelope(delivery), kind=kind, key=key, place_id=place_id, names=names
    )


def _envelope(delivery: Delivery) -> Envelope:
    return Envelope(delivery.service, delivery.event_id, delivery.version, delivery.occur_time)


def _fact(delivery: Delivery, kind: Kind, **fields: Any) -> Fact:
    return Fact(
        event_id=delivery.event_id,
        service=delivery.service,
        kind=kind,
        occur_time=delivery.occur_time,
        **fields,
    )


_date = lru_cache(maxsize=CACHED)(date.fromisoformat)


def _moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)


def _word(enum: _Enum, number: int, prefix: str) -> str:
    """Returns an enum's value as a lower-case word; a number this build does not know, as such."""
    try:
        return enum.Name(number).removeprefix(prefix).lower()
    except ValueError:
        return f"unknown-{number}"
