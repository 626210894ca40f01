"""Between protobuf and the guide's values; shared by the doors."""

import hashlib
import uuid
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from kit.pure.errors import InvalidFields
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.multilingual.app.reading import Entry
from services.multilingual.app.studio import Cell, Desk
from services.multilingual.domain.content import Link, Option, Page, ServedNote, Words, stop_name
from services.multilingual.domain.guide import Guide, Section, Stop
from services.multilingual.domain.narration import Paragraph, Reading, Revision, Text, Topic
from services.multilingual.domain.notice import Closure
from services.multilingual.domain.photo import Photo, PhotoFile
from services.multilingual.domain.recording import Heard, Recording
from services.multilingual.domain.scan import Scan
from services.multilingual.domain.translation import State
from services.multilingual.domain.video import Video

ETAG_CHARS = 16


def timestamp(moment: datetime | None) -> Timestamp | None:
    """Encodes an aware moment; None stays unset."""
    if moment is None:
        return None
    encoded = Timestamp()
    encoded.FromDatetime(moment.astimezone(UTC))
    return encoded


def moment(encoded: Timestamp) -> datetime:
    """Decodes to an aware moment in UTC."""
    return encoded.ToDatetime(tzinfo=UTC)


def content_message(page: Page, guide: Guide) -> pb.StopContent:
    """Encodes a stop as a visitor sees it, with the base of its ETag."""
    stop = page.stop
    message = pb.StopContent(
        stop_code=stop.stop_code,
        place_id=stop.place_id,
        group=_group(stop),
        kind=stop.kind,
        section=section_message(page.section, page.section_name),
        position=page.position,
        group_size=page.group_size,
        route_m=stop.route_m,
        name=words_message(page.name),
        name_reading=page.name_reading,
        name_pronunciation=page.name_pronunciation,
        names=stop.names(),
        paragraphs=[
            pb.ServedParagraph(
                paragraph_id=each.paragraph_id,
                topic=_topic(each.topic),
                text=words_message(each.words),
            )
            for each in page.paragraphs
        ],
        sources=stop.sources,
        estimates=stop.estimates,
        locale=page.match.locale,
        requested_locale=page.match.requested,
        locale_matched=page.match.matched,
        needs_label=page.match.needs_label,
        state=_state(page.state),
        fallback=page.fallback,
        machine_draft=page.machine_draft,
        locales=[option_message(option) for option in page.options],
        previous=_link(page.previous),
        next=_link(page.next),
        notices=[_notice(each, guide.settings.source_locale) for each in page.notices],
        revision=stop.revision,
        publish_time=timestamp(stop.publish_time),
        fresh_until_time=timestamp(page.fresh_until_time),
        recording=heard_message(page.heard),
        day_notes=[day_note_message(each) for each in page.day_notes],
        photos=[photo_message(each.photo, each.alt) for each in page.photos],
        videos=[
            video_message(
                each.video, each.alt, each.transcript, guide.settings.source_locale, each.poster
            )
            for each in page.videos
        ],
    )
    body = message.SerializeToString(deterministic=True)
    message.etag_basis = hashlib.sha256(body).hexdigest()[:ETAG_CHARS]
    return message


def heard_message(heard: Heard | None) -> pb.Recording | None:
    """Encodes what visitors hear; None stays unset."""
    if heard is None:
        return None
    return recording_message(heard.recording, outdated=heard.outdated)


def recording_message(recording: Recording, *, outdated: bool) -> pb.Recording:
    """Encodes a recording as it is told to visitors."""
    return pb.Recording(
        recording_id=recording.recording_id,
        audio_sha256=recording.audio_sha256,
        audio_type=recording.audio_type,
        audio_bytes=recording.audio_bytes,
        duration_ms=recording.duration_ms,
        captions_sha256=recording.captions_sha256,
        captions_bytes=recording.captions_bytes,
        origin=pb.RecordingOrigin.ValueType(int(recording.origin)),
        credit=recording.credit,
        outdated=outdated,
        transcript=recording.transcript,
        locale=recording.locale,
    )


def photo_message(photo: Photo, alt: Words | None) -> pb.Photo:
    """Encodes a photo, without a description where none is given."""
    return pb.Photo(
        photo_id=photo.photo_id, files=_picture_files(photo.files), credit=photo.credit,
        alt=words_message(alt) if alt else None,
    )  # fmt: skip


def video_message(
    video: Video, alt: Words | None, transcript: Words | None, source: str,
    poster: tuple[PhotoFile, ...],
) -> pb.Video:  # fmt: skip
    """Encodes a video, without words where none are given. poster: the picture it shows."""
    file = video.file
    return pb.Video(
        video_id=video.video_id, sha256=file.sha256, size_bytes=file.size_bytes,
        width=file.width, height=file.height, duration_ms=file.duration_ms, sound=file.sound,
        poster=_picture_files(poster), captions_sha256=video.captions_sha256,
        captions_locale=source if video.captions_sha256 else "", credit=video.credit,
        alt=words_message(alt) if alt else None,
        transcript=words_message(transcript) if transcript else None,
    )  # fmt: skip


def _picture_files(files: tuple[PhotoFile, ...]) -> list[pb.PhotoFile]:
    return [
        pb.PhotoFile(
            sha256=each.sha256, width=each.width, height=each.height, size_bytes=each.size_bytes
        )
        for each in files
    ]


def summary_message(entry: Entry, guide: Guide) -> pb.StopSummary:
    """Encodes a stop of a list."""
    stop = entry.stop
    source = guide.source_text(stop)
    return pb.StopSummary(
        stop_code=stop.stop_code,
        place_id=stop.place_id,
        group=_group(stop),
        kind=stop.kind,
        section=section_message(guide.sections.get(stop.section_id), entry.section_name),
        position=entry.position,
        route_m=stop.route_m,
        name=words_message(entry.name),
        name_reading=source.reading,
        state=_state(entry.standing.state),
        closed=entry.closed,
        revision=stop.revision,
        names=stop.names(),
    )


def retired_messages(guide: Guide, locale: str) -> list[pb.RetiredStop]:
    """Encodes the codes of old signs and where each leads."""
    leads = guide.leads()
    return [
        pb.RetiredStop(
            stop_code=stop.stop_code,
            target_stop_code=leads[stop.stop_code],
            name=words_message(stop_name(guide, stop, locale)) if stop.names() else None,
        )
        for stop in guide.retired
    ]


def section_message(section: Section | None, name: Words | None) -> pb.SectionName | None:
    """Encodes a part of the tour; None stays unset."""
    if section is None or name is None:
        return None
    return pb.SectionName(section_id=section.section_id, name=words_message(name))


def words_message(words: Words) -> pb.LocalizedText:
    """Encodes a text with the truth about its language."""
    return pb.LocalizedText(
        text=words.text,
        locale=words.locale,
        requested_locale=words.requested_locale,
        state=_state(words.state),
        fallback=words.fallback,
        machine_draft=words.machine_draft,
    )


def day_note_message(served: ServedNote) -> pb.ServedDayNote:
    """Encodes a day note as a visitor reads it."""
    return pb.ServedDayNote(
        note_id=served.note.note_id,
        place_id=served.note.place_id,
        text=words_message(served.words),
        as_of_time=timestamp(served.note.create_time),
        until_time=timestamp(served.note.until_time),
        stop_codes=served.stop_codes,
    )


def option_message(option: Option) -> pb.LocaleOption:
    """Encodes a language to choose."""
    return pb.LocaleOption(
        locale=option.locale, state=_state(option.state), machine_draft=option.machine_draft
    )


def text_message(text: Text) -> pb.NarrationText:
    """Encodes a text as written."""
    return pb.NarrationText(
        name=text.name,
        reading=text.reading,
        paragraphs=[
            pb.Paragraph(paragraph_id=each.paragraph_id, topic=_topic(each.topic), text=each.text)
            for each in text.paragraphs
        ],
    )


def text_value(message: pb.NarrationText) -> Text:
    """Decodes a text. Errors: ValueError for a topic that is not given."""
    return Text(
        message.name,
        message.reading,
        tuple(
            Paragraph(each.paragraph_id, Topic(each.topic), each.text)
            for each in message.paragraphs
        ),
    )


def revision_message(revision: Revision | None) -> pb.Revision | None:
    """Encodes a revision; None stays unset."""
    if revision is None:
        return None
    return pb.Revision(
        revision=revision.revision,
        base_revision=revision.base_revision,
        source_revision=revision.source_revision,
        text=text_message(revision.text),
        machine_draft=revision.machine_draft,
        author=revision.author,
        note=revision.note,
        create_time=timestamp(revision.create_time),
        publish_time=timestamp(revision.publish_time),
        publisher=revision.publisher,
        published=revision.published,
        reading=reading_message(revision.reading),
        reason=revision.reason,
    )


def reading_message(reading: Reading | None) -> pb.Reading.ValueType:
    """Encodes who read a text; unspecified for one that was never shown."""
    return pb.Reading.ValueType(int(reading)) if reading else pb.READING_UNSPECIFIED


def cell_message(cell: Cell, source: Text) -> pb.NarrationState:
    """Encodes how one text stands; ids of paragraphs come in the source's order."""
    standing, edit = cell.standing, cell.edit
    return pb.NarrationState(
        locale=cell.locale,
        state=_state(standing.state),
        machine_draft=standing.machine_draft,
        published_revision=edit.head.published_revision if edit else 0,
        latest_revision=edit.head.latest_revision if edit else 0,
        source_revision=edit.source_revision if edit else 0,
        outdated_paragraph_ids=[key for key in source.by_id() if key in standing.outdated]
        + sorted(standing.outdated - set(source.by_id())),
        missing_paragraph_ids=standing.missing,
        change_time=timestamp(edit.create_time if edit else None),
        author=edit.author if edit else "",
        reading=reading_message(edit.reading if edit else None),
        reason=edit.reason if edit else "",
        handed_in=edit.handed_in if edit else False,
    )


def states_message(
    guide: Guide, stop: Stop, position: int, cells: tuple[Cell, ...]
) -> pb.StopStates:
    """Encodes one row of the table of states; position: in its group, from 1."""
    source = guide.source_text(stop)
    shown = stop.shown.get(guide.settings.source_locale)
    return pb.StopStates(
        stop_code=stop.stop_code,
        place_id=stop.place_id,
        group=_group(stop),
        position=position,
        source_name=source.name,
        source_revision=shown.revision if shown else 0,
        narrations=[cell_message(cell, source) for cell in cells],
    )


def desk_message(desk: Desk) -> pb.ReadNarrationResponse:
    """Encodes a text to edit."""
    source = desk.source.text if desk.source else Text("", "", ())
    return pb.ReadNarrationResponse(
        stop_code=desk.stop.stop_code,
        place_id=desk.stop.place_id,
        locale=desk.cell.locale,
        source_locale=desk.settings.source_locale,
        state=cell_message(desk.cell, source),
        latest=revision_message(desk.latest),
        published=revision_message(desk.published),
        source=revision_message(desk.source),
        source_changes=[
            pb.SourceChange(paragraph_id=each.paragraph_id, before=each.before, after=each.after)
            for each in desk.source_changes
        ],
        kind=desk.stop.kind,
        estimates=desk.stop.estimates,
        sources=desk.stop.sources,
    )


def id_value(text: str, name: str) -> str:
    """Decodes an id that was made here. Errors: InvalidFields."""
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise InvalidFields([(name, "give the id as it was told")]) from error


def scan_value(message: pb.Scan) -> Scan:
    """Decodes a scan as reported."""
    return Scan(
        message.scan_id,
        message.stop_code,
        message.requested_locale,
        message.served_locale,
        moment(message.scan_time) if message.HasField("scan_time") else None,
        message.offline,
        message.scan_count,
    )


def _notice(closure: Closure, source_locale: str) -> pb.StopNotice:
    return pb.StopNotice(
        closure_id=closure.closure_id,
        place_id=closure.place_id,
        reason=closure.reason,
        note=closure.note,
        note_locale=source_locale,
        from_time=timestamp(closure.from_time),
        until_time=timestamp(closure.until_time),
        as_of_time=timestamp(closure.as_of_time),
    )


def _link(link: Link | None) -> pb.StopLink | None:
    if link is None:
        return None
    return pb.StopLink(
        stop_code=link.stop_code, name=words_message(link.name), distance_m=link.distance_m or 0
    )


def _group(stop: Stop) -> pb.StopGroup.ValueType:
    return pb.StopGroup.ValueType(int(stop.group))


def _state(state: State) -> pb.TranslationState.ValueType:
    return pb.TranslationState.ValueType(int(state))


def _topic(topic: Topic) -> pb.ParagraphTopic.ValueType:
    return pb.ParagraphTopic.ValueType(int(topic))
