"""The gRPC door of the link to registers: decode, call the use case, encode."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from kit.db import Row
from kit.pure.errors import InvalidFields
from kit.roles import OFFICE, SHOP_OWNERS
from kit.rpc import Allowed, Errors, request_key
from meguri.payments.v1 import register_service_pb2 as pb
from meguri.payments.v1 import register_service_pb2_grpc as pb_grpc
from services.payments.api.callers import who
from services.payments.app import notice_sending, notices, register_journal, register_undo
from services.payments.app.deps import Deps
from services.payments.app.notices import Sending
from services.payments.domain import errors
from services.payments.domain.notice import (
    AddressState,
    NoticeAddress,
    NoticeState,
    NoticeType,
    shown_secret,
)
from services.payments.domain.register_journal import RegisterImport
from services.payments.wire import timestamp

NAME = "meguri.payments.v1.RegisterService"

ALLOWED: Allowed = {
    "MakeNoticeAddress": SHOP_OWNERS,
    "ListNoticeAddresses": OFFICE,
    "TurnNoticeSecret": SHOP_OWNERS,
    "SwitchNoticeAddress": SHOP_OWNERS,
    "TestNoticeAddress": SHOP_OWNERS,
    "RemoveNoticeAddress": SHOP_OWNERS,
    "ListNotices": OFFICE,
    "ReplayNotices": SHOP_OWNERS,
    "TakeRegisterJournal": SHOP_OWNERS,
    "ListRegisterImports": OFFICE,
    "UndoRegisterImport": SHOP_OWNERS,
}

_Code = grpc.StatusCode
ERRORS: Errors = {
    errors.UnknownShop: (_Code.NOT_FOUND, "UNKNOWN_SHOP"),
    errors.ShopNotYours: (_Code.PERMISSION_DENIED, "SHOP_NOT_YOURS"),
    errors.FileEncodingUnknown: (_Code.INVALID_ARGUMENT, "FILE_ENCODING_UNKNOWN"),
    errors.FileUnreadable: (_Code.INVALID_ARGUMENT, "FILE_UNREADABLE"),
    errors.UnknownRegisterImport: (_Code.NOT_FOUND, "UNKNOWN_REGISTER_IMPORT"),
    errors.UnknownNoticeAddress: (_Code.NOT_FOUND, "UNKNOWN_NOTICE_ADDRESS"),
    errors.NoticeAddressOff: (_Code.FAILED_PRECONDITION, "NOTICE_ADDRESS_OFF"),
}

_TYPES = {each: pb.NoticeType.Value(f"NOTICE_TYPE_{each.name}") for each in NoticeType}
_STATES = {each: pb.NoticeState.Value(f"NOTICE_STATE_{each.name}") for each in NoticeState}


_ADDRESS_STATES = {
    each: pb.NoticeAddressState.Value(f"NOTICE_ADDRESS_STATE_{each.name}") for each in AddressState
}


def _types(numbers: Sequence[int]) -> list[NoticeType]:
    known = {number: each for each, number in _TYPES.items()}
    if not set(numbers) <= set(known):
        raise InvalidFields([("types", "one of them is not known")])
    return [known[pb.NoticeType.ValueType(number)] for number in numbers]


def _time(moment: datetime | None) -> Timestamp | None:
    return timestamp(moment) if moment else None


def _address(address: NoticeAddress) -> pb.NoticeAddress:
    return pb.NoticeAddress(
        address_id=address.address_id, shop_place_id=address.shop_place_id, url=address.url,
        types=[_TYPES[each] for each in address.types], generation=address.generation,
        waiting_count=address.waiting_count, dead_count=address.dead_count,
        state=_ADDRESS_STATES[address.state], failing_since=_time(address.failing_since),
        deliver_time=_time(address.deliver_time), off_time=_time(address.off_time),
        off_reason=address.off_reason, old_secret_until=_time(address.old_until),
    )  # fmt: skip


def _notice(row: Row) -> pb.Notice:
    return pb.Notice(
        notice_id=row["notice_id"], payment_id=row["payment_id"] or "",
        type=_TYPES[NoticeType(row["type"])], state=_STATES[NoticeState(row["state"])],
        tries=row["tries"], status=row["status"], fault=row["fault"],
        create_time=timestamp(row["create_time"]),
        next_time=_time(row["next_time"]), try_time=_time(row["try_time"]),
    )  # fmt: skip


def _import(made: RegisterImport) -> pb.RegisterImport:
    return pb.RegisterImport(
        import_id=made.import_id, shop_place_id=made.shop_place_id, register=made.register,
        file_name=made.file_name, mapping=made.mapping, read_count=made.read_count,
        loaded_count=made.loaded_count, known_count=made.known_count,
        skipped_count=made.skipped_count, rejected_count=made.rejected_count,
        sold_yen=made.sold_yen, returned_yen=made.returned_yen, made_by=made.made_by,
        make_time=timestamp(made.make_time), undone_by=made.undone_by,
        undo_time=_time(made.undo_time), undone_count=made.undone_count,
    )  # fmt: skip


class RegisterApi(pb_grpc.RegisterServiceServicer):
    """Answers meguri.payments.v1.RegisterService."""

    def __init__(self, deps: Deps, sending: Sending) -> None:
        self._deps, self._sending, self._tools = deps, sending, sending.tools

    async def MakeNoticeAddress(
        self, request: pb.MakeNoticeAddressRequest, context: Any
    ) -> pb.MakeNoticeAddressResponse:
        """Makes an address."""
        address, secret = await notices.make_address(
            self._sending, request_key(request), who(SHOP_OWNERS), request.shop_place_id,
            request.url, _types(request.types),
        )  # fmt: skip
        return pb.MakeNoticeAddressResponse(address=_address(address), secret=shown_secret(secret))

    async def ListNoticeAddresses(
        self, request: pb.ListNoticeAddressesRequest, context: Any
    ) -> pb.ListNoticeAddressesResponse:
        """A shop's addresses."""
        found = await notices.list_addresses(self._tools, who(OFFICE), request.shop_place_id)
        return pb.ListNoticeAddressesResponse(addresses=[_address(each) for each in found])

    async def TurnNoticeSecret(
        self, request: pb.TurnNoticeSecretRequest, context: Any
    ) -> pb.TurnNoticeSecretResponse:
        """A new secret."""
        address, secret = await notices.turn_secret(
            self._sending, request_key(request), who(SHOP_OWNERS), request.address_id,
            at_once=request.at_once,
        )  # fmt: skip
        return pb.TurnNoticeSecretResponse(address=_address(address), secret=shown_secret(secret))

    async def SwitchNoticeAddress(
        self, request: pb.SwitchNoticeAddressRequest, context: Any
    ) -> pb.SwitchNoticeAddressResponse:
        """Off or on."""
        address = await notices.switch_address(
            self._tools, request_key(request), who(SHOP_OWNERS), request.address_id, off=request.off
        )
        return pb.SwitchNoticeAddressResponse(address=_address(address))

    async def TestNoticeAddress(
        self, request: pb.TestNoticeAddressRequest, context: Any
    ) -> pb.TestNoticeAddressResponse:
        """A test."""
        row = await notice_sending.test_address(
            self._sending, request_key(request), who(SHOP_OWNERS), request.address_id
        )
        return pb.TestNoticeAddressResponse(notice=_notice(row))

    async def RemoveNoticeAddress(
        self, request: pb.RemoveNoticeAddressRequest, context: Any
    ) -> pb.RemoveNoticeAddressResponse:
        """Out of use."""
        await notices.remove_address(
            self._tools, request_key(request), who(SHOP_OWNERS), request.address_id
        )
        return pb.RemoveNoticeAddressResponse()

    async def ListNotices(
        self, request: pb.ListNoticesRequest, context: Any
    ) -> pb.ListNoticesResponse:
        """The latest notices."""
        states = {number: each for each, number in _STATES.items()}
        rows = await notices.list_notices(
            self._tools, who(OFFICE), request.address_id, states.get(request.state)
        )
        return pb.ListNoticesResponse(notices=[_notice(row) for row in rows])

    async def ReplayNotices(
        self, request: pb.ReplayNoticesRequest, context: Any
    ) -> pb.ReplayNoticesResponse:
        """Sends again."""
        count = await notices.replay(
            self._tools, request_key(request), who(SHOP_OWNERS), request.address_id,
            list(request.notice_ids),
        )  # fmt: skip
        return pb.ReplayNoticesResponse(notice_count=count)

    async def TakeRegisterJournal(
        self, request: pb.TakeRegisterJournalRequest, context: Any
    ) -> pb.TakeRegisterJournalResponse:
        """A register's own journal."""
        given = register_journal.Journal(
            shop_place_id=request.shop_place_id, register=request.register,
            content=request.content, mapping=request.mapping or "generic",
            file_name=request.file_name, dry_run=request.dry_run,
        )  # fmt: skip
        report = await register_journal.take_journal(
            self._deps, request_key(request), who(SHOP_OWNERS), given
        )
        return pb.TakeRegisterJournalResponse(
            read_count=report.read_count, loaded_count=report.loaded_count,
            known_count=report.known_count, skipped_count=report.skipped_count,
            warnings=[pb.JournalRemark(row=row, reason=word) for row, word in report.warnings],
            rejected=[
                pb.JournalRemark(row=each.row, field=each.field, reason=each.reason, text=each.text)
                for each in report.rejected
            ],
            dry_run=report.is_dry_run, import_id=report.import_id, sold_yen=report.sold_yen,
            returned_yen=report.returned_yen, known_rows=report.known_rows,
            skipped_rows=report.skipped_rows,
        )  # fmt: skip

    async def ListRegisterImports(
        self, request: pb.ListRegisterImportsRequest, context: Any
    ) -> pb.ListRegisterImportsResponse:
        """Files that were taken."""
        found = await register_undo.list_imports(self._tools, who(OFFICE), request.shop_place_id)
        return pb.ListRegisterImportsResponse(imports=[_import(each) for each in found])

    async def UndoRegisterImport(
        self, request: pb.UndoRegisterImportRequest, context: Any
    ) -> pb.UndoRegisterImportResponse:
        """Takes a file back."""
        done = await register_undo.undo_import(
            self._deps, request_key(request), who(SHOP_OWNERS), request.import_id,
            dry_run=request.dry_run,
        )  # fmt: skip
        return pb.UndoRegisterImportResponse(
            undone_count=done.undone_count, dry_run=done.is_dry_run,
            kept=[pb.KeptLine(journal_number=number, reason=why) for number, why in done.kept],
        )  # fmt: skip
