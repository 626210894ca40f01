"""POIs and the reports of their loads on the wire."""

from collections.abc import Iterable

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary.app.pois import ImportReport, ListedPoi
from services.itinerary.domain.poi import Category, Fees, Poi, PoiStatus, PoiTexts, Remark
from services.itinerary.domain.spot import NOT_STEERED
from services.itinerary.wire.spots import settings_message
from services.itinerary.wire.words import (
    interest_numbers,
    interests_of,
    known_point,
    number,
    paths_message,
    paths_of,
    span_messages,
    texts_message,
    value_of,
)


def poi_of(row: int, record: pb.PoiRecord) -> Poi | list[Remark]:
    """Decodes a record, or says what cannot be read in row `row`."""
    category = value_of(Category, pb.PoiCategory, "POI_CATEGORY", record.category)
    status = value_of(PoiStatus, pb.PoiStatus, "POI_STATUS", record.status)
    if category is None:
        return [Remark(row, "category", "UNKNOWN_CATEGORY", "give one of the categories")]
    if status is None:
        return [Remark(row, "status", "UNKNOWN_STATUS", "give one of the states")]
    texts, fees = record.texts, record.fees

    def fee(name: str) -> int | None:
        return getattr(fees, name) if fees.HasField(name) else None  # type: ignore[arg-type] # a field, as called below

    return Poi(
        poi_id=record.poi_id,
        place_id=record.place_id or record.poi_id,
        category=category,
        interests=interests_of(record.interests),
        status=status,
        opening=record.opening,
        last_entry=record.last_entry,
        stay_min_minutes=record.stay_min_minutes,
        stay_max_minutes=record.stay_max_minutes,
        score=record.score,
        hidden_spot=record.hidden_spot,
        group=record.group,
        fees=Fees(fee("adult_amount_yen"), fee("junior_high_amount_yen"), fee("child_amount_yen")),
        texts=PoiTexts(
            dict(texts.summary), dict(texts.fee_note), dict(texts.access_note),
            dict(texts.payment_note), dict(texts.closed_note),
        ),
        phone=record.phone,
        estimated_fields=tuple(record.estimated_fields),
        source=record.source,
        paths=paths_of(record.paths),
        cycle_rental=record.cycle_rental,
        elevation_m=record.elevation_m if record.HasField("elevation_m") else None,
    )  # fmt: skip


def record_message(poi: Poi) -> pb.PoiRecord:
    """Encodes the staff's record of a POI."""
    return pb.PoiRecord(
        poi_id=poi.poi_id,
        place_id=poi.place_id,
        category=number(pb.PoiCategory, "POI_CATEGORY", poi.category),
        interests=interest_numbers(poi.interests),
        status=number(pb.PoiStatus, "POI_STATUS", poi.status),
        opening=poi.opening,
        last_entry=poi.last_entry,
        stay_min_minutes=poi.stay_min_minutes,
        stay_max_minutes=poi.stay_max_minutes,
        score=poi.score,
        hidden_spot=poi.hidden_spot,
        group=poi.group,
        fees=pb.Fees(
            adult_amount_yen=poi.fees.adult_yen,
            junior_high_amount_yen=poi.fees.junior_high_yen,
            child_amount_yen=poi.fees.child_yen,
        ),
        texts=texts_message(poi.texts),
        phone=poi.phone,
        estimated_fields=poi.estimated_fields,
        source=poi.source,
        paths=paths_message(poi.paths),
        cycle_rental=poi.cycle_rental,
        elevation_m=poi.elevation_m,
    )


def poi_message(listed: ListedPoi) -> pb.Poi:
    """Encodes a POI with its place and opening."""
    access = listed.access
    return pb.Poi(
        record=record_message(listed.poi),
        names=dict(listed.place.names) if listed.place else {},
        location=known_point(listed.place.location if listed.place else None),
        open_spans=span_messages(access.spans) if access else [],
        closed_why=number(pb.WhyOut, "WHY_OUT", access.why if access else None),
        closure_reason=access.closure_reason if access else "",
        version=listed.version,
        settings=settings_message(listed.settings) if listed.settings != NOT_STEERED else None,
    )


def report_message(report: ImportReport) -> pb.ImportPoisResponse:
    """Encodes the report of a bulk load."""

    def notes(remarks: Iterable[Remark]) -> list[pb.RowNote]:
        return [
            pb.RowNote(row=each.row, field=each.field, reason=each.reason, text=each.text)
            for each in remarks
        ]

    return pb.ImportPoisResponse(
        read_count=report.read,
        loaded_count=report.loaded,
        changed_count=report.changed,
        warnings=notes(report.warnings),
        rejected=notes(report.rejected),
        kept=notes(report.kept),
    )
