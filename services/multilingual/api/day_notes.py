"""The gRPC door of day notes: decode, call the use case, encode."""

from collections.abc import Sequence
from typing import Any

import grpc

from kit.roles import EDITORS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import day_note_service_pb2 as pb
from meguri.multilingual.v1 import day_note_service_pb2_grpc as pb_grpc
from services.multilingual import wire
from services.multilingual.app import day_notes
from services.multilingual.app.deps import Deps
from services.multilingual.domain.day_note import DayNote, DayNotesFull, DayNoteUnknown, Said

NAME = "meguri.multilingual.v1.DayNoteService"

ALLOWED: Allowed = {
    "ListDayNotes": EDITORS,
    "WriteDayNote": EDITORS,
    "WithdrawDayNote": EDITORS,
}

ERRORS: Errors = {
    DayNoteUnknown: (grpc.StatusCode.NOT_FOUND, "DAY_NOTE_UNKNOWN"),
    DayNotesFull: (grpc.StatusCode.FAILED_PRECONDITION, "DAY_NOTES_FULL"),
}


class DayNoteApi(pb_grpc.DayNoteServiceServicer):
    """Answers meguri.multilingual.v1.DayNoteService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ListDayNotes(
        self, request: pb.ListDayNotesRequest, context: Any
    ) -> pb.ListDayNotesResponse:
        """The notes of today."""
        found = await day_notes.list_notes(self._deps, caller().area)
        return pb.ListDayNotesResponse(
            notes=[_note(note, codes) for note, codes in found.notes],
            until_time=wire.timestamp(found.until_time),
        )

    async def WriteDayNote(
        self, request: pb.WriteDayNoteRequest, context: Any
    ) -> pb.WriteDayNoteResponse:
        """Says something until midnight."""
        done = await day_notes.write_note(
            self._deps, request_key(request), caller().area, request.place_id,
            list(request.affected_place_ids),
            [Said(each.locale, each.text, each.machine_draft) for each in request.texts],
        )  # fmt: skip
        return pb.WriteDayNoteResponse(
            note=_note(done.note, done.stop_codes), change_number=done.change_number
        )

    async def WithdrawDayNote(
        self, request: pb.WithdrawDayNoteRequest, context: Any
    ) -> pb.WithdrawDayNoteResponse:
        """Takes a note back."""
        done = await day_notes.withdraw_note(
            self._deps, request_key(request), caller().area, request.note_id
        )
        return pb.WithdrawDayNoteResponse(
            note=_note(done.note, done.stop_codes), change_number=done.change_number
        )


def _note(note: DayNote, stop_codes: Sequence[str]) -> pb.DayNote:
    return pb.DayNote(
        note_id=note.note_id,
        place_id=note.place_id,
        texts=[
            pb.DayNoteText(
                locale=each.locale, text=each.text, machine_draft=each.machine_draft
            )
            for each in note.said
        ],
        author=note.author,
        create_time=wire.timestamp(note.create_time),
        until_time=wire.timestamp(note.until_time),
        withdraw_time=wire.timestamp(note.withdraw_time),
        stop_codes=stop_codes,
    )  # fmt: skip
