"""Kept POIs, previews of opening hours and municipal lists on the wire."""

from collections.abc import Sequence

from kit.pure.errors import InvalidFields
from meguri.itinerary.v1 import itinerary_service_pb2 as base
from meguri.itinerary.v1 import poi_service_pb2 as pb
from services.itinerary.app.kept_pois import PoiFile, PreviewedDay
from services.itinerary.app.sights import SightsRead
from services.itinerary.domain.kept_poi import FieldConfirmation, KeptPoi, PoiVersion
from services.itinerary.domain.place import Place
from services.itinerary.domain.poi import Poi
from services.itinerary.gateways.sights_reader import Row
from services.itinerary.wire.pois import poi_of, record_message
from services.itinerary.wire.words import known_point, number, span_messages, timestamp


def typed_poi(record: base.PoiRecord, path: str = "record") -> Poi:
    """Decodes one record. Errors: InvalidFields for what cannot be read."""
    found = poi_of(1, record)
    if isinstance(found, list):
        raise InvalidFields([(f"{path}.{each.field}", f"{each.text} [{each.reason}]")
                             for each in found])  # fmt: skip
    return found


def confirmations_of(messages: Sequence[pb.FieldConfirmation]) -> list[FieldConfirmation]:
    """Decodes confirmations."""
    return [
        FieldConfirmation(each.field, each.confirmed_by, each.confirmed_date) for each in messages
    ]


def kept_message(kept: KeptPoi, place: Place | None) -> pb.KeptPoi:
    """Encodes a kept POI with its place."""
    return pb.KeptPoi(
        record=record_message(kept.poi),
        state=number(pb.PoiState, "POI_STATE", kept.state),
        version=kept.version,
        confirmations=[
            pb.FieldConfirmation(
                field=each.field, confirmed_by=each.confirmed_by,
                confirmed_date=each.confirmed_date,
            )
            for each in kept.confirmations
        ],
        names=dict(place.names) if place else {},
        location=known_point(place.location if place else None),
        from_file=kept.from_file,
        differs_from_file=kept.file_poi is not None and kept.file_poi != kept.poi,
        retire_note=kept.retire_note,
        retire_time=timestamp(kept.retire_time),
        change_time=timestamp(kept.change_time),
    )  # fmt: skip


def file_message(found: PoiFile) -> pb.GetPoiResponse:
    """Encodes all that is kept of a POI."""
    return pb.GetPoiResponse(
        poi=kept_message(found.kept, found.place),
        versions=[_version(each) for each in found.versions],
        plan_count=found.plan_count,
    )


def _version(version: PoiVersion) -> pb.PoiVersion:
    return pb.PoiVersion(
        version=version.version, record=record_message(version.poi),
        state=number(pb.PoiState, "POI_STATE", version.state),
        change_time=timestamp(version.change_time),
    )  # fmt: skip


def preview_message(days: Sequence[PreviewedDay]) -> pb.PreviewOpeningResponse:
    """Encodes a preview of opening hours."""
    return pb.PreviewOpeningResponse(
        days=[
            pb.PreviewedDay(
                date=each.day.isoformat(), holiday=each.holiday,
                open_spans=span_messages(each.spans),
            )
            for each in days
        ]
    )  # fmt: skip


def sights_message(found: SightsRead) -> pb.ReadSightsResponse:
    """Encodes a municipal list."""
    return pb.ReadSightsResponse(
        rows=[_row(row, found.kept.get(row.number, "")) for row in found.reply.rows],
        encoding=found.reply.encoding, is_occasions=found.reply.is_occasions,
        ignored_columns=found.reply.ignored,
    )  # fmt: skip


def _row(row: Row, kept_poi_id: str) -> pb.SightRow:
    message = pb.SightRow(
        row=row.number, name=row.name, kana=row.kana, name_en=row.name_en,
        doubts=[pb.SightDoubt(reason=reason, text=text) for reason, text in row.doubts],
        refused=row.reasons, kept_poi_id=kept_poi_id, town=row.town,
    )  # fmt: skip
    if row.poi:
        message.record.CopyFrom(record_message(row.poi))
    if row.point:
        message.point.latitude, message.point.longitude = row.point.latitude, row.point.longitude
    return message
