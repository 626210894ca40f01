"""Events of the guide: its own as protobuf, and what it hears of the directory."""

from typing import Any

from google.protobuf.message import Message

from kit.bus import Delivery, Hearing
from kit.db import Transaction
from kit.outbox import Encoders
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.multilingual.v1 import feedback_service_pb2 as feedback
from meguri.multilingual.v1 import multilingual_events_pb2 as pb
from meguri.multilingual.v1 import tour_service_pb2 as tour
from services.multilingual import wire
from services.multilingual.app import hearing
from services.multilingual.app.deps import Deps
from services.multilingual.domain.events import (
    DayNoteChanged,
    MediaErased,
    PhotosChanged,
    RatingGiven,
    RatingWithdrawn,
    RecordingChanged,
    ScanRecorded,
    StopNoticesChanged,
    StopPublished,
    SurveyAnswered,
    TourChanged,
    VideosChanged,
)
from services.multilingual.domain.guide import Settings
from services.multilingual.domain.notice import Closure
from services.multilingual.domain.rating import Rated


def _stop_published(event: StopPublished) -> Message:
    return pb.StopPublished(
        stop_code=event.aggregate_id,
        place_id=event.place_id,
        revision=event.version,
        locales=event.locales,
        change_number=event.change_number,
        neighbor_stop_codes=event.neighbor_stop_codes,
        states=[wire.option_message(option) for option in event.states],
    )


def _stop_notices_changed(event: StopNoticesChanged) -> Message:
    return pb.StopNoticesChanged(
        closure_id=event.aggregate_id,
        stop_codes=event.stop_codes,
        change_number=event.change_number,
    )


def _recording_changed(event: RecordingChanged) -> Message:
    message = pb.RecordingChanged(
        stop_code=event.stop_code,
        place_id=event.place_id,
        locale=event.locale,
        recording=wire.heard_message(event.heard),
        change_number=event.change_number,
    )
    if message.HasField("recording"):  # nobody can take a name back out of a stream
        message.recording.ClearField("credit")
        message.recording.ClearField("transcript")
    return message


def _photos_changed(event: PhotosChanged) -> Message:
    return pb.PhotosChanged(
        stop_code=event.aggregate_id,
        place_id=event.place_id,
        photo_count=event.photo_count,
        change_number=event.change_number,
    )


def _videos_changed(event: VideosChanged) -> Message:
    return pb.VideosChanged(
        stop_code=event.aggregate_id,
        place_id=event.place_id,
        video_count=event.video_count,
        change_number=event.change_number,
    )


def _media_erased(event: MediaErased) -> Message:
    return pb.MediaErased(sha256s=event.sha256s, change_number=event.change_number)


def _scan_recorded(event: ScanRecorded) -> Message:
    scan = event.scan
    return pb.ScanRecorded(
        scan_id=scan.scan_id,
        stop_code=scan.stop_code,
        place_id=scan.place_id,
        requested_locale=scan.requested_locale,
        served_locale=scan.served_locale,
        scan_time=wire.timestamp(scan.scan_time),
        offline=scan.offline,
        scan_count=scan.scan_count,
    )


def _rating_given(event: RatingGiven) -> Message:
    return pb.RatingGiven(**_rated(event.rated))


def _rating_withdrawn(event: RatingWithdrawn) -> Message:
    return pb.RatingWithdrawn(**_rated(event.rated))


def _rated(rated: Rated) -> dict[str, Any]:
    return {
        "rating_id": rated.rating_id,
        "stop_code": rated.stop_code,
        "place_id": rated.place_id,
        "locale": rated.locale,
        "face": int(rated.face),
        "reasons": [int(each) for each in rated.reasons],
        "rating_time": wire.timestamp(rated.rating_time),
    }


def _survey_answered(event: SurveyAnswered) -> Message:
    reply = event.answered
    return pb.SurveyAnswered(
        reply_id=reply.reply_id,
        locale=reply.locale,
        answers=[
            feedback.Answer(question_id=question_id, option_id=option_id)
            for question_id, option_id in reply.answers
        ],
        reply_time=wire.timestamp(reply.reply_time),
    )


def _day_note_changed(event: DayNoteChanged) -> Message:
    return pb.DayNoteChanged(
        note_id=event.aggregate_id,
        place_id=event.place_id,
        stop_codes=event.stop_codes,
        locales=event.locales,
        until_time=wire.timestamp(event.until_time),
        withdrawn=event.withdrawn,
        change_number=event.change_number,
    )


def _tour_changed(event: TourChanged) -> Message:
    return pb.TourChanged(
        stop_code=event.aggregate_id,
        place_id=event.place_id,
        act=tour.TourAct.ValueType(int(event.act)),
        target_stop_code=event.target_stop_code,
        stop_codes=event.stop_codes,
        change_number=event.change_number,
    )


ENCODERS: Encoders = {
    StopPublished: _stop_published,
    StopNoticesChanged: _stop_notices_changed,
    ScanRecorded: _scan_recorded,
    RecordingChanged: _recording_changed,
    PhotosChanged: _photos_changed,
    VideosChanged: _videos_changed,
    MediaErased: _media_erased,
    RatingGiven: _rating_given,
    RatingWithdrawn: _rating_withdrawn,
    SurveyAnswered: _survey_answered,
    DayNoteChanged: _day_note_changed,
    TourChanged: _tour_changed,
}


def hearings(deps: Deps) -> list[Hearing]:
    """Returns what the guide hears, all of it from the directory."""

    async def area_configured(
        tx: Transaction, delivery: Delivery, message: directory.AreaConfigured
    ) -> None:
        area = message.area
        locales = tuple(area.locales) or Settings(delivery.area).locales
        settings = Settings(
            delivery.area, locales, area.public_url, area.demo,
            time_zone=area.time_zone or Settings.time_zone,
        )  # fmt: skip
        await hearing.area_configured(tx, settings, delivery.version)

    async def area_dropped(
        tx: Transaction, _delivery: Delivery, _message: directory.AreaDropped
    ) -> None:
        await hearing.area_dropped(tx)

    async def place_closed(
        tx: Transaction, delivery: Delivery, message: directory.PlaceClosed
    ) -> None:
        closure = Closure(
            closure_id=message.closure_id,
            place_id=message.place_id,
            reason=message.reason,
            note=message.note,
            from_time=wire.moment(message.from_time),
            until_time=wire.moment(message.until_time) if message.HasField("until_time") else None,
            as_of_time=delivery.occur_time,
            affected_place_ids=frozenset(message.affected_place_ids) | {message.place_id},
        )
        await hearing.place_closed(deps, tx, closure, delivery.version)

    async def place_reopened(
        tx: Transaction, delivery: Delivery, message: directory.PlaceReopened
    ) -> None:
        await hearing.place_reopened(
            deps,
            tx,
            message.closure_id,
            message.place_id,
            wire.moment(message.reopened_time),
            [*message.affected_place_ids, message.place_id],
            delivery.version,
        )

    return [
        Hearing("directory", "area_configured", directory.AreaConfigured, area_configured),
        Hearing("directory", "area_dropped", directory.AreaDropped, area_dropped),
        Hearing("directory", "place_closed", directory.PlaceClosed, place_closed),
        Hearing("directory", "place_reopened", directory.PlaceReopened, place_reopened),
    ]
