"""What the guide promises: enums agree, refusals have words, events carry their facts."""

from dataclasses import replace
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

import pytest
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from kit.outbox import type_name
from kit.pure.locale import negotiate
from kit.rpc import Allowed
from meguri.multilingual.v1 import asked_service_pb2 as asked_pb
from meguri.multilingual.v1 import day_note_service_pb2 as day_note_pb
from meguri.multilingual.v1 import feedback_service_pb2 as feedback_pb
from meguri.multilingual.v1 import multilingual_events_pb2 as events_pb
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import photo_service_pb2 as photo_pb
from meguri.multilingual.v1 import recording_service_pb2 as recording_pb
from meguri.multilingual.v1 import tour_service_pb2 as tour_pb
from meguri.multilingual.v1 import video_service_pb2 as video_pb
from services.edge.studio import words
from services.edge.studio.problems import PROBLEMS
from services.multilingual import api, events, wire
from services.multilingual.api import asked, day_notes, feedback, photos, recordings, tour, videos
from services.multilingual.domain import asked as asked_words
from services.multilingual.domain.content import Option, page
from services.multilingual.domain.events import (
    RecordingChanged,
    ScanRecorded,
    StopNoticesChanged,
    StopPublished,
)
from services.multilingual.domain.guide import Group
from services.multilingual.domain.narration import Topic
from services.multilingual.domain.rating import Face, Reason
from services.multilingual.domain.recording import Heard, Origin, Recording
from services.multilingual.domain.scan import Counted
from services.multilingual.domain.survey import Kind
from services.multilingual.domain.tour import Act, RetireReason
from services.multilingual.domain.translation import State
from tests.unit.multilingual.sample import NOW, SOURCE, guide, shown, stop

AT = datetime(2026, 11, 21, 1, 42, tzinfo=UTC)


@pytest.mark.parametrize(
    ("domain", "contract", "prefix"),
    [
        (Group, pb.StopGroup, "STOP_GROUP_"),
        (Act, tour_pb.TourAct, "TOUR_ACT_"),
        (RetireReason, tour_pb.RetireReason, "RETIRE_REASON_"),
        (State, pb.TranslationState, "TRANSLATION_STATE_"),
        (Topic, pb.ParagraphTopic, "PARAGRAPH_TOPIC_"),
        (Origin, pb.RecordingOrigin, "RECORDING_ORIGIN_"),
        (Face, feedback_pb.Face, "FACE_"),
        (Reason, feedback_pb.RatingReason, "RATING_REASON_"),
        (Kind, feedback_pb.QuestionKind, "QUESTION_KIND_"),
        (asked_words.Kind, asked_pb.AskedKind, "ASKED_KIND_"),
        (asked_words.Outcome, asked_pb.AskedOutcome, "ASKED_OUTCOME_"),
    ],
)
def test_enums_of_both_worlds_agree(
    domain: type[IntEnum], contract: EnumTypeWrapper, prefix: str
) -> None:
    numbers = {name.removeprefix(prefix): number for name, number in contract.items()}
    assert {"UNSPECIFIED": 0, **{each.name: int(each) for each in domain}} == numbers


def test_the_studio_has_words_for_everything() -> None:
    doors = (api, recordings, photos, videos, day_notes, asked, tour)
    for errors in (each.ERRORS for each in doors):
        assert {reason for _code, reason in errors.values()} <= set(PROBLEMS)
    assert set(words.STATES) == set(pb.TranslationState.values()) - {0}
    assert set(words.TOPICS) == set(pb.ParagraphTopic.values()) - {0}
    assert set(words.GROUPS) == set(pb.StopGroup.values()) - {0}


@pytest.mark.parametrize(
    ("file", "name", "allowed"),
    [
        (pb, "GuideService", api.ALLOWED),
        (recording_pb, "RecordingService", recordings.ALLOWED),
        (photo_pb, "PhotoService", photos.ALLOWED),
        (video_pb, "VideoService", videos.ALLOWED),
        (feedback_pb, "FeedbackService", feedback.ALLOWED),
        (day_note_pb, "DayNoteService", day_notes.ALLOWED),
        (asked_pb, "AskedService", asked.ALLOWED),
        (tour_pb, "TourService", tour.ALLOWED),
    ],
)
def test_every_method_has_its_roles_and_reads_have_no_request_id(
    file: Any, name: str, allowed: Allowed
) -> None:
    methods = file.DESCRIPTOR.services_by_name[name].methods
    assert {each.name for each in methods} == set(allowed)
    for each in methods:
        level = each.GetOptions().idempotency_level
        is_read = level == each.GetOptions().NO_SIDE_EFFECTS
        assert is_read != ("request_id" in each.input_type.fields_by_name), each.name


def test_every_event_of_the_contract_is_said_and_named_alike() -> None:
    contract = set(events_pb.DESCRIPTOR.message_types_by_name)
    assert {each.__name__ for each in events.ENCODERS} == contract
    assert {type_name(each) for each in events.ENCODERS} == {
        "stop_published", "stop_notices_changed", "scan_recorded", "recording_changed",
        "rating_given", "rating_withdrawn", "survey_answered", "day_note_changed", "tour_changed",
        "photos_changed", "videos_changed", "media_erased",
    }  # fmt: skip


def test_events_carry_their_facts() -> None:
    base: dict[str, Any] = {"area": "mine", "occur_time": AT}
    published = StopPublished(
        **base, aggregate_id="K7Q2X", version=4, place_id="cave/pool", locales=("en",),
        change_number=9, neighbor_stop_codes=("ADVGT",),
        states=(Option("en", State.REVIEWED, machine_draft=False),),
    )  # fmt: skip
    body: Any = events.ENCODERS[StopPublished](published)
    assert (body.stop_code, body.revision, body.change_number) == ("K7Q2X", 4, 9)
    assert body.states[0].state == pb.TRANSLATION_STATE_REVIEWED

    notices = StopNoticesChanged(
        **base, aggregate_id="c1", version=1, stop_codes=("K7Q2X",), change_number=10
    )
    told: Any = events.ENCODERS[StopNoticesChanged](notices)
    assert told.closure_id == "c1"

    scan = Counted("s1", "K7Q2X", "cave/pool", "zh-TW", "zh-Hant", AT, offline=True, scan_count=3)
    recorded = ScanRecorded(**base, aggregate_id="s1", version=1, scan=scan)
    said: Any = events.ENCODERS[ScanRecorded](recorded)
    assert (said.requested_locale, said.served_locale, said.offline) == ("zh-TW", "zh-Hant", True)
    assert said.scan_time.ToDatetime(tzinfo=UTC) == AT
    assert said.scan_count == 3


@pytest.mark.parametrize("origin", list(Origin))
def test_what_is_heard_is_told_with_who_speaks(origin: Origin) -> None:
    recording = Recording(
        "r1", "K7Q2X", "ja", origin, "a" * 64, "audio/mpeg", 9, 1_000, "", 0, "b" * 64, "Mei", "",
        "operator", AT,
    )  # fmt: skip
    changed = RecordingChanged(
        area="mine", occur_time=AT, aggregate_id="K7Q2X/ja", version=4, stop_code="K7Q2X",
        place_id="cave/pool", locale="ja", heard=Heard(recording, outdated=True), change_number=4,
    )  # fmt: skip
    told: Any = events.ENCODERS[RecordingChanged](changed)
    assert (told.recording.origin, told.recording.outdated) == (int(origin), True)
    silent: Any = events.ENCODERS[RecordingChanged](replace(changed, heard=None))
    assert not silent.HasField("recording")
    assert silent.change_number == 4


def test_a_scan_says_nothing_of_a_person() -> None:
    """Adding an address, a browser or a cookie to this event has to break a test."""
    assert set(events_pb.ScanRecorded.DESCRIPTOR.fields_by_name) == {
        "scan_id", "stop_code", "place_id", "requested_locale", "served_locale", "scan_time",
        "offline", "scan_count",
    }  # fmt: skip


def test_ratings_and_replies_say_nothing_of_a_person() -> None:
    fields = {"rating_id", "stop_code", "place_id", "locale", "face", "reasons", "rating_time"}
    for kind in (events_pb.RatingGiven, events_pb.RatingWithdrawn):
        assert set(kind.DESCRIPTOR.fields_by_name) == fields
    assert set(events_pb.SurveyAnswered.DESCRIPTOR.fields_by_name) == {
        "reply_id", "locale", "answers", "reply_time",
    }  # fmt: skip
    # Nothing is written by a visitor: all that is chosen has an id of the contract or the survey.
    assert set(feedback_pb.Answer.DESCRIPTOR.fields_by_name) == {"question_id", "option_id"}


def test_the_etag_follows_whatever_a_page_shows() -> None:
    pool = stop(ja=shown(SOURCE, source=None))
    found = guide(pool)
    match = negotiate("ja", ("ja", "en"))
    first = wire.content_message(page(found, pool, match, NOW), found)
    again = wire.content_message(page(found, pool, match, NOW), found)
    assert first == again
    other = stop(ja=shown(SOURCE, source=None, draft=True))
    changed = wire.content_message(page(guide(other), other, match, NOW), guide(other))
    assert len(first.etag_basis) == wire.ETAG_CHARS
    assert changed.etag_basis != first.etag_basis
