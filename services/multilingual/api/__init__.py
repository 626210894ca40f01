"""The gRPC door of the guide: decode, call the use case, encode."""

from typing import Any

import grpc

from kit import texts
from kit.pure.errors import InvalidFields
from kit.roles import ADMINS, EDITORS, EVERYBODY, PROGRAMS, REVIEWERS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import multilingual_service_pb2_grpc as pb_grpc
from services.multilingual import wire
from services.multilingual.app import loading, reading, scans, studio
from services.multilingual.app.deps import Deps
from services.multilingual.domain.guide import Group, Section, Stop
from services.multilingual.domain.label import NoPublicAddress
from services.multilingual.domain.narration import RevisionConflict, RevisionUnknown, Text
from services.multilingual.domain.review import SecondReaderNeeded
from services.multilingual.domain.scan import MAX_COUNT
from services.multilingual.domain.speech import ReadingMissing, Term
from services.multilingual.domain.stop_code import StopCodeMistyped, StopCodeUnknown

ALLOWED: Allowed = {
    "ReadStop": EVERYBODY,
    "ListStops": EVERYBODY,
    "ListStopContents": EVERYBODY,
    "ListStopChanges": EVERYBODY,
    "RecordScans": EVERYBODY,
    "RenderQrLabel": EVERYBODY,
    "ListTranslationStates": EDITORS,
    "ReadNarration": EDITORS,
    "SaveDraft": EDITORS,
    "PublishNarration": EDITORS,
    "ListRevisions": EDITORS,
    "ImportStops": ADMINS,
}

ERRORS: Errors = {
    StopCodeMistyped: (grpc.StatusCode.INVALID_ARGUMENT, "STOP_CODE_MISTYPED"),
    StopCodeUnknown: (grpc.StatusCode.NOT_FOUND, "STOP_CODE_UNKNOWN"),
    RevisionUnknown: (grpc.StatusCode.NOT_FOUND, "REVISION_UNKNOWN"),
    RevisionConflict: (grpc.StatusCode.ABORTED, "REVISION_CONFLICT"),
    SecondReaderNeeded: (grpc.StatusCode.FAILED_PRECONDITION, "SECOND_READER_NEEDED"),
    ReadingMissing: (grpc.StatusCode.FAILED_PRECONDITION, "READING_MISSING"),
    NoPublicAddress: (grpc.StatusCode.FAILED_PRECONDITION, "NO_PUBLIC_ADDRESS"),
}


class GuideApi(pb_grpc.GuideServiceServicer):
    """Answers meguri.multilingual.v1.GuideService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ReadStop(self, request: pb.ReadStopRequest, context: Any) -> pb.ReadStopResponse:
        """One stop as a visitor sees it."""
        guide, page = await reading.read_stop(
            self._deps,
            caller().area,
            request.stop_code,
            request.accept_language,
            request.chosen_locale,
        )
        return pb.ReadStopResponse(stop=wire.content_message(page, guide))

    async def ListStops(self, request: pb.ListStopsRequest, context: Any) -> pb.ListStopsResponse:
        """All stops in order."""
        found = await reading.list_stops(
            self._deps, caller().area, request.accept_language, request.chosen_locale
        )
        match = found.match
        return pb.ListStopsResponse(
            stops=[wire.summary_message(entry, found.guide) for entry in found.entries],
            locale=match.locale if match else "",
            requested_locale=match.requested if match else "",
            locale_matched=match.matched if match else False,
            needs_label=match.needs_label if match else False,
            published_locales=found.guide.published_locales(),
            change_number=found.guide.settings.change_number,
            fresh_until_time=wire.timestamp(found.fresh_until_time),
            day_notes=[wire.day_note_message(each) for each in found.day_notes],
            retired=wire.retired_messages(found.guide, match.locale) if match else (),
        )

    async def ListStopContents(
        self, request: pb.ListStopContentsRequest, context: Any
    ) -> pb.ListStopContentsResponse:
        """Every stop in one locale."""
        guide, pages = await reading.list_contents(
            self._deps, caller().area, request.locale, list(request.stop_codes)
        )
        return pb.ListStopContentsResponse(
            stops=[wire.content_message(page, guide) for page in pages],
            locale=pages[0].match.locale if pages else "",
            published_locales=guide.published_locales(),
            change_number=guide.settings.change_number,
        )

    async def ListStopChanges(
        self, request: pb.ListStopChangesRequest, context: Any
    ) -> pb.ListStopChangesResponse:
        """What changed since a change number."""
        found = await reading.list_changes(
            self._deps, caller().area, request.since_change_number, request.since_mark
        )
        return pb.ListStopChangesResponse(
            change_number=found.change_number,
            stops=[
                pb.StopChange(stop_code=code, change_number=number, revision=revision)
                for code, number, revision in found.stops
            ],
            published_locales=found.published_locales,
            mark=found.mark,
            since_known=found.since_known,
            erase_number=found.erase_number,
        )

    async def RecordScans(
        self, request: pb.RecordScansRequest, context: Any
    ) -> pb.RecordScansResponse:
        """Counts scans, each once."""
        for each in request.scans:
            texts.blank(each)
        outcome = await scans.record_scans(
            self._deps,
            request_key(request),
            caller().area,
            [wire.scan_value(scan) for scan in request.scans],
            MAX_COUNT if caller().roles & PROGRAMS else 1,
        )
        return pb.RecordScansResponse(
            recorded_count=outcome.recorded,
            repeated_count=outcome.repeated,
            rejected=[
                pb.RejectedScan(scan_id=each.scan_id, reason=each.reason)
                for each in outcome.rejected
            ],
        )

    async def RenderQrLabel(
        self, request: pb.RenderQrLabelRequest, context: Any
    ) -> pb.RenderQrLabelResponse:
        """A QR code as SVG or PNG."""
        if request.format not in (pb.LABEL_FORMAT_SVG, pb.LABEL_FORMAT_PNG):
            raise InvalidFields([("format", "give LABEL_FORMAT_SVG or LABEL_FORMAT_PNG")])
        label = await reading.render_label(
            self._deps,
            caller().area,
            request.stop_code,
            request.base_url,
            as_png=request.format == pb.LABEL_FORMAT_PNG,
            module_px=request.module_px,
        )
        return pb.RenderQrLabelResponse(
            image=label.image,
            media_type=label.media_type,
            url=label.url,
            stop_code=label.stop_code,
            module_count=label.module_count,
        )

    async def ListTranslationStates(
        self, request: pb.ListTranslationStatesRequest, context: Any
    ) -> pb.ListTranslationStatesResponse:
        """The state of every text."""
        table = await studio.list_states(self._deps, caller().area)
        return pb.ListTranslationStatesResponse(
            stops=[wire.states_message(table.guide, *row) for row in table.rows],
            locales=table.locales,
        )

    async def ReadNarration(
        self, request: pb.ReadNarrationRequest, context: Any
    ) -> pb.ReadNarrationResponse:
        """One text to edit."""
        desk = await studio.read_narration(
            self._deps, caller().area, request.stop_code, request.locale
        )
        return wire.desk_message(desk)

    async def SaveDraft(self, request: pb.SaveDraftRequest, context: Any) -> pb.SaveDraftResponse:
        """Saves a text as a new revision."""
        revision = await studio.save_draft(
            self._deps,
            request_key(request),
            caller().area,
            stop_code=request.stop_code,
            locale=request.locale,
            base_revision=request.base_revision,
            source_revision=request.source_revision,
            text=_text(request.text),
            machine_draft=request.machine_draft,
            note=request.note,
        )
        return pb.SaveDraftResponse(revision=wire.revision_message(revision))

    async def PublishNarration(
        self, request: pb.PublishNarrationRequest, context: Any
    ) -> pb.PublishNarrationResponse:
        """Shows a revision to visitors."""
        outcome = await studio.publish_narration(
            self._deps,
            request_key(request),
            caller().area,
            stop_code=request.stop_code,
            locale=request.locale,
            revision=request.revision,
            replaced_revision=request.replaced_revision,
            reviewed=request.reviewed,
            reviews_others=bool(caller().roles & REVIEWERS),
            reason=request.reason,
        )
        return pb.PublishNarrationResponse(
            revision=wire.revision_message(outcome.revision),
            stop_revision=outcome.stop_revision,
            change_number=outcome.change_number,
        )

    async def ListRevisions(
        self, request: pb.ListRevisionsRequest, context: Any
    ) -> pb.ListRevisionsResponse:
        """The revisions of a text."""
        found = await studio.list_revisions(
            self._deps, caller().area, request.stop_code, request.locale
        )
        messages = [wire.revision_message(each) for each in found]
        return pb.ListRevisionsResponse(revisions=[each for each in messages if each])

    async def ImportStops(
        self, request: pb.ImportStopsRequest, context: Any
    ) -> pb.ImportStopsResponse:
        """Loads many stops and texts."""
        sections = [
            Section(each.section_id, each.position, dict(each.names)) for each in request.sections
        ]
        outcome = await loading.import_stops(
            self._deps,
            request_key(request),
            caller().area,
            sections,
            [_seed(each) for each in request.stops],
            [(each.locale, Term(each.term, each.reading, each.accent)) for each in request.terms],
        )
        return pb.ImportStopsResponse(
            stop_count=outcome.stops,
            narration_count=outcome.narrations,
            unchanged_count=outcome.unchanged,
        )


def _text(message: pb.NarrationText) -> Text:
    try:
        return wire.text_value(message)
    except ValueError as error:
        raise InvalidFields([("text.paragraphs.topic", "give a topic")]) from error


def _seed(message: pb.StopSeed) -> loading.Seed:
    try:
        group = Group(message.group)
    except ValueError as error:
        raise InvalidFields([(f"{message.place_id} group", "give a group")]) from error
    stop = Stop(
        stop_code=message.stop_code,
        place_id=message.place_id,
        group=group,
        kind=message.kind,
        section_id=message.section_id,
        position=message.position,
        route_m=message.route_m if message.HasField("route_m") else None,
        sources=tuple(message.sources),
        estimates=tuple(message.estimates),
    )
    narrations = tuple(
        loading.Narration(each.locale, _text(each.text), each.machine_draft)
        for each in message.narrations
    )
    return loading.Seed(stop, narrations)
