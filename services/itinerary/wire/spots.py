"""Settings and counts of spots on the wire."""

from kit.pure.suppression import K
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import spot_service_pb2 as spot_pb
from services.itinerary.app.spots import ListedSpot, SpotList
from services.itinerary.domain.spot import NOT_STEERED, Promotion, SpotSettings
from services.itinerary.wire.words import number


def settings_message(settings: SpotSettings) -> pb.SpotSettings:
    """Encodes the settings of a spot."""
    promotion = settings.promotion
    return pb.SpotSettings(
        capacity=settings.capacity,
        promotion=pb.Promotion(
            percent=promotion.percent, first_date=promotion.first_date,
            last_date=promotion.last_date, reason=dict(promotion.reason),
        ) if promotion else None,
    )  # fmt: skip


def settings_of(message: pb.SpotSettings) -> SpotSettings:
    """Decodes the settings of a spot; texts without their blanks, empty ones left aside."""
    promotion = None
    if message.HasField("promotion"):
        sent = message.promotion
        reason = {locale: text.strip() for locale, text in sorted(sent.reason.items())}
        promotion = Promotion(
            sent.percent, sent.first_date, sent.last_date,
            {locale: text for locale, text in reason.items() if text},
        )  # fmt: skip
    return SpotSettings(message.capacity if message.HasField("capacity") else None, promotion)


def spots_message(listed: SpotList) -> spot_pb.ListSpotsResponse:
    """Encodes what plans of a month show."""
    return spot_pb.ListSpotsResponse(
        spots=[_spot(spot) for spot in listed.spots],
        plan_count=listed.plans,
        month=listed.month,
        months=listed.months,
        suppression_k=K,
    )


def _spot(spot: ListedSpot) -> spot_pb.Spot:
    kept, figures = spot.kept, spot.figures
    return spot_pb.Spot(
        poi_id=spot.poi.poi_id,
        names=dict(spot.place.names) if spot.place else {},
        category=number(pb.PoiCategory, "POI_CATEGORY", spot.poi.category),
        hidden_spot=spot.poi.hidden_spot,
        shown_count=figures.shown,
        asked_count=figures.asked,
        never_count=figures.never,
        left_out=[
            spot_pb.LeftOutCount(why=number(pb.WhyOut, "WHY_OUT", why), plan_count=plans)
            for why, plans in figures.left_out
        ],
        settings=settings_message(kept.settings) if kept.settings != NOT_STEERED else None,
        settings_version=kept.version,
        undoable=kept.earlier is not None,
    )
