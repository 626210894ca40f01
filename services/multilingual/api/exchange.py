"""The gRPC door of files for translators: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.pure.errors import InvalidFields
from kit.roles import EDITORS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import exchange_service_pb2 as pb
from meguri.multilingual.v1 import exchange_service_pb2_grpc as pb_grpc
from services.multilingual.app import exchange
from services.multilingual.app.deps import Deps
from services.multilingual.domain.exchange import FileDamaged, FileTooLarge, Problem
from services.multilingual.domain.stop_code import StopCodeMistyped
from services.multilingual.gateways.files_apart import FilesBusy

NAME = "meguri.multilingual.v1.ExchangeService"
MAX_DOUBTS = 50
FORMATS = {
    pb.FILE_FORMAT_PO: "po",
    pb.FILE_FORMAT_XLIFF_1_2: "xliff-1.2",
    pb.FILE_FORMAT_XLIFF_2_0: "xliff-2.0",
    pb.FILE_FORMAT_CSV: "csv",
}

ALLOWED: Allowed = {"ExportTexts": EDITORS, "ImportTexts": EDITORS}

ERRORS: Errors = {
    FileDamaged: (grpc.StatusCode.INVALID_ARGUMENT, "TRANSLATION_FILE_DAMAGED"),
    FilesBusy: (grpc.StatusCode.UNAVAILABLE, "FILES_BUSY"),
    FileTooLarge: (grpc.StatusCode.FAILED_PRECONDITION, "FILE_TOO_LARGE"),
    StopCodeMistyped: (grpc.StatusCode.INVALID_ARGUMENT, "STOP_CODE_MISTYPED"),
}


class ExchangeApi(pb_grpc.ExchangeServiceServicer):
    """Answers meguri.multilingual.v1.ExchangeService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ExportTexts(
        self, request: pb.ExportTextsRequest, context: Any
    ) -> pb.ExportTextsResponse:
        """The texts of a language as a file."""
        if request.format not in FORMATS:
            raise InvalidFields([("format", "give one of the formats")])
        made = await exchange.export_texts(
            self._deps, caller().area, request.locale, FORMATS[request.format],
            list(request.stop_codes), unfinished=request.unfinished,
        )  # fmt: skip
        return pb.ExportTextsResponse(
            content=made.content,
            media_type=made.media_type,
            file_name=made.file_name,
            text_count=made.texts,
            unit_count=made.units,
        )

    async def ImportTexts(
        self, request: pb.ImportTextsRequest, context: Any
    ) -> pb.ImportTextsResponse:
        """A file that came back."""
        try:
            return await self._import(request)
        except FileDamaged as error:
            if not request.tell_problems:
                raise
            return pb.ImportTextsResponse(problems=[_problem(each) for each in error.told])

    async def _import(self, request: pb.ImportTextsRequest) -> pb.ImportTextsResponse:
        area = caller().area
        if request.preview:
            found = await exchange.preview_import(
                self._deps, area, request.locale, request.content,
                read=request.read, leave_changed=request.leave_changed,
            )  # fmt: skip
        else:
            found = await exchange.import_texts(
                self._deps, request_key(request), area, request.locale, request.content,
                file_name=request.file_name, read=request.read,
                leave_changed=request.leave_changed,
            )  # fmt: skip
        return pb.ImportTextsResponse(
            texts=[
                pb.ImportedText(
                    stop_code=each.stop_code, revision=each.revision, parts=each.parts,
                    read=each.read, source_newer=each.source_newer,
                )
                for each in found.texts
            ],
            unchanged_count=found.unchanged,
            left_out=found.left_out,
            retired=found.retired,
            doubts=[
                pb.ImportDoubt(
                    line=each.line, stop_code=each.stop_code, part=each.part,
                    lost_numbers=each.detail,
                )
                for each in found.doubts[:MAX_DOUBTS]
            ],
        )  # fmt: skip


def _problem(each: Problem) -> pb.FileProblem:
    return pb.FileProblem(
        line=each.line,
        kind=pb.FileProblemKind.Value(f"FILE_PROBLEM_KIND_{each.kind}"),
        fault=pb.FileFault.Value(f"FILE_FAULT_{each.fault or 'UNSPECIFIED'}"),
        quoted=each.detail,
    )
