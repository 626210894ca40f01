"""Events as a busy area says them, in the mix of a day in the high season; made up, with a seed.

Of 100: 62 openings of stops, 22 sales, 3 of what becomes of sales, 6 parties at gates, 3 plans,
2 ratings, 1 survey, 1 counted hour or level of a zone.
"""

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from google.protobuf.message import Message

from meguri.itinerary.v1 import itinerary_events_pb2 as itinerary
from meguri.itinerary.v1 import itinerary_service_pb2 as itinerary_words
from meguri.multilingual.v1 import feedback_service_pb2 as feedback
from meguri.multilingual.v1 import multilingual_events_pb2 as multilingual
from meguri.payments.v1 import payments_events_pb2 as payments
from meguri.payments.v1 import payments_service_pb2 as words
from meguri.visitor_sense.v1 import visitor_sense_events_pb2 as sense
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as sense_words

AREA = "bench"
ZONE = ZoneInfo("Asia/Tokyo")
STOPS, SHOPS, GATES, POIS, ZONES = 40, 60, 3, 60, 12
LANGUAGES = ("ja", "en", "ko", "zh-Hans", "zh-Hant", "th", "fr", "de")
ORIGINS = ("JP", "KR", "TW", "US", "HK", "CN", "TH", "FR")

_TENDERS = [each for each in words.Tender.values() if each != words.TENDER_UNSPECIFIED]

Row = dict[str, Any]  # as outboxes hold them
_Say = tuple[str, str, Message]


def event_id(chance: random.Random, moment: datetime) -> str:
    """Returns a UUIDv7 (RFC 9562) of a moment, by the given chance."""
    ms = int(moment.timestamp() * 1000)
    value = ms << 80 | 7 << 76 | chance.getrandbits(12) << 64 | 2 << 62 | chance.getrandbits(62)
    return str(uuid.UUID(int=value))


def events(count: int, first: date, days: int, seed: int = 1) -> Iterator[Row]:
    """Yields outbox rows in the order of their times, spread evenly over the open hours of days."""
    chance = random.Random(seed)
    kinds, weights = zip(*_KINDS, strict=True)
    opens = [datetime.combine(first + timedelta(days=n), datetime.min.time(), ZONE).replace(hour=8)
             for n in range(days)]  # fmt: skip
    step = timedelta(hours=10) * days / count
    for number, make in enumerate(chance.choices(kinds, weights, k=count)):
        day, into = divmod(step * number, timedelta(hours=10))
        moment = (opens[day] + into).astimezone(UTC)
        service, kind, body = make(chance, opens[day].date())
        yield {
            "id": number, "area": AREA, "service": service, "event_id": event_id(chance, moment),
            "type": kind, "aggregate_id": str(uuid.UUID(int=chance.getrandbits(128))),
            "version": 1, "occur_time": moment, "body": body.SerializeToString(),
            "traceparent": f"00-{chance.getrandbits(128) or 1:032x}"
            f"-{chance.getrandbits(64) or 1:016x}-{'01' if chance.random() < 0.1 else '00'}",
        }  # fmt: skip


def _scan(chance: random.Random, _on: date) -> _Say:
    asked = chance.choice(LANGUAGES)
    return "multilingual", "scan_recorded", multilingual.ScanRecorded(
        scan_id=str(uuid.UUID(int=chance.getrandbits(128))), stop_code=_one(chance, "STOP", STOPS),
        place_id="cave", requested_locale=asked,
        served_locale=asked if chance.random() < 0.9 else "en", offline=chance.random() < 0.05,
        scan_count=1 + int(chance.expovariate(1)),
    )  # fmt: skip


def _sale(kind: str, message: type[Message]) -> Callable[[random.Random, date], _Say]:
    def make(chance: random.Random, on: date) -> _Say:
        return "payments", kind, message(
            payment_id=str(uuid.UUID(int=chance.getrandbits(128))),
            shop_place_id=_one(chance, "shop", SHOPS), amount_yen=100 * chance.randint(1, 90),
            tender=chance.choice(_TENDERS),
            business_date=on.isoformat(), practice=chance.random() < 0.01,
        )  # fmt: skip

    return make


def _party(chance: random.Random, on: date) -> _Say:
    return "payments", "ticket_admitted", payments.TicketAdmitted(
        ticket_id=str(uuid.UUID(int=chance.getrandbits(128))),
        gate_place_id=_one(chance, "gate", GATES), persons=chance.randint(1, 5),
        origin=chance.choice(ORIGINS) if chance.random() < 0.7 else "",
        business_date=on.isoformat(),
    )  # fmt: skip


def _plan(chance: random.Random, _on: date) -> _Say:
    chosen = sorted({_one(chance, "poi", POIS) for _ in range(6)})
    return "itinerary", "itinerary_planned", itinerary.ItineraryPlanned(
        party_size=chance.randint(1, 5), chosen_poi_ids=chosen,
        left_out=[itinerary.PoiLeftOut(
            poi_id="far", why=itinerary_words.WHY_OUT_NOT_ENOUGH_TIME, must_visit=True)],
    )  # fmt: skip


def _rating(chance: random.Random, _on: date) -> _Say:
    good = chance.random() < 0.8
    return "multilingual", "rating_given", multilingual.RatingGiven(
        rating_id=str(uuid.UUID(int=chance.getrandbits(128))),
        stop_code=_one(chance, "STOP", STOPS), place_id="cave", locale=chance.choice(LANGUAGES),
        face=feedback.FACE_GOOD if good else feedback.FACE_POOR,
        reasons=[] if good else [feedback.RATING_REASON_LONG],
    )  # fmt: skip


def _survey(chance: random.Random, _on: date) -> _Say:
    return "multilingual", "survey_answered", multilingual.SurveyAnswered(
        reply_id=str(uuid.UUID(int=chance.getrandbits(128))), locale="ja",
        answers=[feedback.Answer(question_id=f"q{n}", option_id=f"o{chance.randint(1, 5)}")
                 for n in range(5)],
    )  # fmt: skip


def _zone(chance: random.Random, on: date) -> _Say:
    zone, estimate = _one(chance, "zone", ZONES), chance.randint(0, 400)
    if chance.random() < 0.5:
        level = sense.OccupancyLevelChanged(
            zone_id=zone, place_id="cave", level=sense_words.OCCUPANCY_LEVEL_NORMAL
        )
        level.as_of_time.FromDatetime(datetime.combine(on, datetime.min.time(), UTC))
        return "visitor_sense", "occupancy_level_changed", level
    hour = sense.ZoneHourCounted(
        zone_id=zone, place_id="cave", kind=sense_words.COUNT_KIND_DEVICES, estimate=estimate,
        low=estimate, high=estimate, released_estimate=estimate,
        method=sense_words.COUNT_METHOD_SIGNATURE,
    )  # fmt: skip
    opened = datetime.combine(on, datetime.min.time(), ZONE).replace(hour=chance.randint(8, 17))
    hour.hour_start_time.FromDatetime(opened.astimezone(UTC))
    return "visitor_sense", "zone_hour_counted", hour


def _one(chance: random.Random, what: str, count: int) -> str:
    return f"{what}-{chance.randrange(count):02}"


_KINDS: tuple[tuple[Callable[[random.Random, date], _Say], float], ...] = (
    (_scan, 62), (_sale("payment_captured", payments.PaymentCaptured), 22),
    (_sale("payment_refunded", payments.PaymentRefunded), 1),
    (_sale("payment_voided", payments.PaymentVoided), 1),
    (_sale("payment_declined", payments.PaymentDeclined), 1),
    (_party, 6), (_plan, 3), (_rating, 2), (_survey, 1), (_zone, 1),
)  # fmt: skip
