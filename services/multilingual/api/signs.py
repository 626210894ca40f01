"""The gRPC door of signs: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.pure.errors import InvalidFields, Refusal
from kit.roles import EDITORS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import sign_service_pb2 as pb
from meguri.multilingual.v1 import sign_service_pb2_grpc as pb_grpc
from services.multilingual import wire
from services.multilingual.app import signs
from services.multilingual.app.deps import Deps
from services.multilingual.domain import sign
from services.multilingual.domain.label import NoPublicAddress
from services.multilingual.domain.stop_code import StopCodeMistyped, StopCodeUnknown

NAME = "meguri.multilingual.v1.SignService"
PAPERS = {pb.PAPER_A4: "a4", pb.PAPER_A5: "a5"}

ALLOWED: Allowed = {
    "ListSigns": EDITORS,
    "PrintSigns": EDITORS,
    "ReadSignSheets": EDITORS,
    "MarkSigns": EDITORS,
}

ERRORS: Errors = {
    NoPublicAddress: (grpc.StatusCode.FAILED_PRECONDITION, "NO_PUBLIC_ADDRESS"),
    sign.AddressNotPublic: (grpc.StatusCode.FAILED_PRECONDITION, "ADDRESS_NOT_PUBLIC"),
    sign.AddressNotSecure: (grpc.StatusCode.FAILED_PRECONDITION, "ADDRESS_NOT_SECURE"),
    sign.NothingToPrint: (grpc.StatusCode.FAILED_PRECONDITION, "NOTHING_TO_PRINT"),
    sign.SignOnTrial: (grpc.StatusCode.FAILED_PRECONDITION, "SIGN_ON_TRIAL"),
    sign.SignUnknown: (grpc.StatusCode.NOT_FOUND, "SIGN_UNKNOWN"),
    StopCodeMistyped: (grpc.StatusCode.INVALID_ARGUMENT, "STOP_CODE_MISTYPED"),
    StopCodeUnknown: (grpc.StatusCode.NOT_FOUND, "STOP_CODE_UNKNOWN"),
}


class SignApi(pb_grpc.SignServiceServicer):
    """Answers meguri.multilingual.v1.SignService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ListSigns(self, request: pb.ListSignsRequest, context: Any) -> pb.ListSignsResponse:
        """How the sheet of each stop stands."""
        guide, rows, old = await signs.list_signs(self._deps, caller().area)
        return pb.ListSignsResponse(
            signs=[_sign(row, guide.settings.source_locale) for row in rows],
            retired=[
                pb.RetiredSign(
                    stop_code=code,
                    print_id=sheet.print_id,
                    name=sheet.front.names.get(guide.settings.source_locale, ""),
                    target_stop_code=guide.leads()[code],
                    hung_time=wire.timestamp(sheet.hung_time),
                )
                for code, sheet in old.items()
            ],
            public_url=guide.settings.public_url,
            address_problem=_problem(guide.settings.public_url),
        )

    async def PrintSigns(
        self, request: pb.PrintSignsRequest, context: Any
    ) -> pb.PrintSignsResponse:
        """Notes what sheets say as of now."""
        if request.paper not in PAPERS:
            raise InvalidFields([("paper", "give PAPER_A4 or PAPER_A5")])
        made = await signs.print_signs(
            self._deps, request_key(request), caller().area, list(request.stop_codes),
            PAPERS[request.paper], force=request.force, trial_url=request.trial_url,
        )  # fmt: skip
        return pb.PrintSignsResponse(
            print_id=made.print_id, stop_codes=made.stop_codes, revisions=made.revisions,
            trial=made.trial,
        )  # fmt: skip

    async def ReadSignSheets(
        self, request: pb.ReadSignSheetsRequest, context: Any
    ) -> pb.ReadSignSheetsResponse:
        """A piece of a printing's PDF."""
        content, total = await signs.read_sheets(
            self._deps, caller().area, request.print_id, request.offset
        )
        return pb.ReadSignSheetsResponse(content=content, total_bytes=total)

    async def MarkSigns(self, request: pb.MarkSignsRequest, context: Any) -> pb.MarkSignsResponse:
        """Notes that sheets hang, or takes that back."""
        count = await signs.mark_signs(
            self._deps, request_key(request), caller().area, list(request.stop_codes),
            hung=request.hung,
        )  # fmt: skip
        return pb.MarkSignsResponse(marked_count=count)


def _problem(public_url: str) -> str:
    """Returns the reason a printing would be refused with."""
    try:
        if not public_url:
            raise NoPublicAddress
        sign.check_address(public_url)
    except Refusal as refusal:
        return ERRORS[type(refusal)][1]
    return ""


def _sign(row: signs.Row, source_locale: str) -> pb.Sign:
    stands = row.standing
    locale, name = row.front.ordered_names(source_locale)[0]
    return pb.Sign(
        stop_code=row.stop.stop_code,
        number=row.front.number,
        name=name,
        name_locale=locale,
        state=pb.SignState.ValueType(int(stands.state)),
        changes=stands.changes,
        printed_revision=stands.sheet.revision if stands.sheet else 0,
        print_time=wire.timestamp(stands.sheet.print_time if stands.sheet else None),
        hung_time=wire.timestamp(stands.sheet.hung_time if stands.sheet else None),
        old_hangs=stands.old_hangs,
        missing_locales=[each for each in sign.LOCALES if each not in row.front.names],
        unread_locales=row.unread,
        print_id=stands.sheet.print_id if stands.sheet else "",
    )
