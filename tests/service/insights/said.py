"""Events as other services say them, and an ear that hears them the way the bus does."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from google.protobuf.message import Message

from kit.bus import Bus, Consumer, Delivery
from kit.clock import Clock
from kit.db import Database
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.directory.v1 import directory_service_pb2 as directory_words
from meguri.itinerary.v1 import itinerary_events_pb2 as itinerary
from meguri.itinerary.v1 import itinerary_service_pb2 as itinerary_words
from meguri.multilingual.v1 import multilingual_events_pb2 as multilingual
from meguri.payments.v1 import office_service_pb2 as office_words
from meguri.payments.v1 import payments_events_pb2 as payments
from meguri.payments.v1 import payments_service_pb2 as payments_words
from meguri.visitor_sense.v1 import visitor_sense_events_pb2 as visitor_sense
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as visitor_sense_words
from services.insights.app.deps import Deps
from services.insights.events import hearings


def said(
    service: str,
    event: str,
    message: Message,
    at: datetime,
    *,
    area: str = "mine",
    aggregate_id: str = "",
    version: int = 1,
    said_time: datetime | None = None,
) -> Delivery:
    """Returns an event as it comes from the bus; it was said when it happened unless told."""
    return Delivery(
        event_id=id_of(said_time or at),
        type=event,
        area=area,
        service=service,
        aggregate_id=aggregate_id or str(uuid.uuid4()),
        version=version,
        occur_time=at,
        traceparent="",
        body=message.SerializeToString(),
    )


def id_of(moment: datetime) -> str:
    """Returns a UUIDv7 (RFC 9562) made at a moment."""
    milliseconds = int(moment.timestamp() * 1000)
    noise = uuid.uuid4().int
    value = milliseconds << 80 | 0x7 << 76 | (noise >> 64 & 0xFFF) << 64
    return str(uuid.UUID(int=value | 0b10 << 62 | noise & (1 << 62) - 1))


def scan(
    at: datetime, asked: str = "ja", served: str = "ja", scan_count: int = 0, **envelope: Any
) -> Delivery:
    """A stop page was opened, scan_count times; 0 as events before that field say."""
    body = multilingual.ScanRecorded(
        stop_code="K7Q2X", place_id="akiyoshido/hyakumaizara",
        requested_locale=asked, served_locale=served, scan_count=scan_count,
    )  # fmt: skip
    return said("multilingual", "scan_recorded", body, at, **envelope)


def admitted(
    at: datetime, persons: int, business_date: str, origin: str = "", *, practice: bool = False,
    **envelope: Any,
) -> Delivery:  # fmt: skip
    """A party went in at a gate."""
    body = payments.TicketAdmitted(
        ticket_id=str(uuid.uuid4()), gate_place_id="gate-a", persons=persons, origin=origin,
        business_date=business_date, practice=practice,
    )  # fmt: skip
    return said("payments", "ticket_admitted", body, at, **envelope)


def captured(
    at: datetime, amount_yen: int, business_date: str, *, practice: bool = False,
    shop: str = "shop-a", tender: "payments_words.Tender.ValueType" = payments_words.TENDER_CARD,
    split_sale_id: str = "", **envelope: Any,
) -> Delivery:  # fmt: skip
    """A payment was captured."""
    body = payments.PaymentCaptured(
        payment_id=str(uuid.uuid4()), shop_place_id=shop, amount_yen=amount_yen,
        tender=tender, business_date=business_date, practice=practice, split_sale_id=split_sale_id,
    )  # fmt: skip
    return said("payments", "payment_captured", body, at, **envelope)


def refunded(
    at: datetime, amount_yen: int, business_date: str, shop: str = "shop-a", **envelope: Any
) -> Delivery:
    """Money went back."""
    body = payments.PaymentRefunded(
        shop_place_id=shop, amount_yen=amount_yen, tender=payments_words.TENDER_CARD,
        business_date=business_date,
    )  # fmt: skip
    return said("payments", "payment_refunded", body, at, **envelope)


def voided(
    at: datetime, amount_yen: int, business_date: str, shop: str = "shop-a", **envelope: Any
) -> Delivery:
    """A payment was canceled."""
    body = payments.PaymentVoided(
        shop_place_id=shop, amount_yen=amount_yen, tender=payments_words.TENDER_CARD,
        business_date=business_date,
    )  # fmt: skip
    return said("payments", "payment_voided", body, at, **envelope)


def day_totaled(
    at: datetime, business_date: str, live_yen: Sequence[int], practice_yen: int = 0,
    **envelope: Any,
) -> Delivery:  # fmt: skip
    """The ledger's sums: a tender for each live sum, of one sale each."""
    tenders = (payments_words.TENDER_CARD, payments_words.TENDER_CASH_RECORD)
    totals = [
        payments_words.TenderTotal(tender=tender, captured_count=1, captured_yen=yen)
        for tender, yen in zip(tenders, live_yen, strict=False)
    ]
    if practice_yen:
        totals.append(
            payments_words.TenderTotal(practice=True, captured_count=1, captured_yen=practice_yen)
        )
    body = payments.PaymentsDayTotaled(business_date=business_date, totals=totals)
    return said("payments", "payments_day_totaled", body, at, **envelope)


def closed(
    at: datetime, number: int, dates: dict[str, tuple[int, int, int]], shop: str = "shop-a",
    **envelope: Any,
) -> Delivery:  # fmt: skip
    """A shop closed: date -> captured, voided and refunded by card in all its closes so far."""
    body = payments.ShopDayClosed(
        shop_place_id=shop, number=number, business_date=max(dates),
        dates=[
            office_words.ClosedDate(
                business_date=on,
                closed=[
                    office_words.ClosedTender(
                        tender=payments_words.TENDER_CARD, captured_yen=sums[0],
                        voided_yen=sums[1], refunded_yen=sums[2],
                    )
                ],
            )
            for on, sums in dates.items()
        ],
    )  # fmt: skip
    return said("payments", "shop_day_closed", body, at, **envelope)


def planned(at: datetime, party_size: int = 2, **envelope: Any) -> Delivery:
    """A day was planned."""
    body = itinerary.ItineraryPlanned(
        party_size=party_size,
        chosen_poi_ids=["akiyoshido-main", "akiyoshidai-observatory"],
        left_out=[
            itinerary.PoiLeftOut(
                poi_id="taishodo", why=itinerary_words.WHY_OUT_CLOSED_THAT_DAY, must_visit=True
            ),
            itinerary.PoiLeftOut(poi_id="beppu", why=itinerary_words.WHY_OUT_NOT_ENOUGH_TIME),
        ],
    )
    return said("itinerary", "itinerary_planned", body, at, **envelope)


def zone_hour(
    start: datetime, estimate: int, version: int, *, released: int | None = None, **envelope: Any
) -> Delivery:
    """An hour of a zone was counted."""
    body = visitor_sense.ZoneHourCounted(
        zone_id="entrance", place_id="akiyoshido-main",
        kind=visitor_sense_words.COUNT_KIND_DEVICES, estimate=estimate, low=estimate - 2,
        high=estimate + 2, method=visitor_sense_words.COUNT_METHOD_SIGNATURE,
        released_estimate=estimate if released is None else released,
    )  # fmt: skip
    body.hour_start_time.FromDatetime(start)
    return said(
        "visitor_sense", "zone_hour_counted", body, start + timedelta(hours=1, minutes=version),
        aggregate_id="entrance/hour", version=version, **envelope,
    )  # fmt: skip


def configured(
    at: datetime, time_zone: str, *, demo: bool = False, area: str = "mine", version: int = 1
) -> Delivery:
    """An area was configured."""
    settings = directory_words.Area(area=area, time_zone=time_zone, demo=demo)
    return said(
        "directory", "area_configured", directory.AreaConfigured(area=settings), at,
        area=area, aggregate_id=area, version=version,
    )  # fmt: skip


def place(at: datetime, place_id: str, names: dict[str, str], **envelope: Any) -> Delivery:
    """A place was recorded."""
    body = directory.PlaceRecorded(place=directory_words.Place(place_id=place_id, names=names))
    return said("directory", "place_recorded", body, at, aggregate_id=place_id, **envelope)


def dropped(at: datetime, area: str) -> Delivery:
    """An area is gone."""
    return said(
        "directory", "area_dropped", directory.AreaDropped(), at, area=area, aggregate_id=area,
        version=99,
    )  # fmt: skip


@dataclass
class _Message:
    acks: int = 0

    async def ack(self) -> None:
        self.acks += 1


@dataclass
class Ear:
    """Hears deliveries as the process would, in runs of one area and service."""

    database: Database
    clock: Clock
    batch: int = 128
    consumers: dict[str, Consumer] = field(default_factory=dict)

    async def hear(self, deliveries: Sequence[Delivery]) -> None:
        """Takes deliveries in, in the order given."""
        run: list[Delivery] = []
        for delivery in deliveries:
            same = run and (run[0].area, run[0].service) == (delivery.area, delivery.service)
            if run and (not same or len(run) >= self.batch):
                await self._apply(run)
                run = []
            run.append(delivery)
        if run:
            await self._apply(run)

    async def _apply(self, run: list[Delivery]) -> None:
        service = run[0].service
        if service not in self.consumers:
            heard = hearings(Deps(self.database, self.clock))
            self.consumers[service] = Consumer(
                cast(Bus, None), self.database, "insights", service,
                [each for each in heard if each.service == service],
            )  # fmt: skip
        pairs: Any = [(_Message(), delivery) for delivery in run]
        await self.consumers[service].loop.apply(run[0].area, pairs)
        assert all(message.acks == 1 for message, _ in pairs)


def thrice_and_shuffled(deliveries: Sequence[Delivery], seed: int) -> list[Delivery]:
    """Returns every event three times in random order."""
    repeated = [*deliveries, *deliveries, *deliveries]
    random.Random(seed).shuffle(repeated)
    return repeated
