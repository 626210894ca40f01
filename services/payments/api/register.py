"""The gRPC door of the link to registers: decode, call the use case, encode."""

from collections.abc import Sequence
from typing import Any

import grpc

from kit.auth import Role
from kit.db import Row
from kit.pure.errors import InvalidFields
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.payments.v1 import register_service_pb2 as pb
from meguri.payments.v1 import register_service_pb2_grpc as pb_grpc
from services.payments.app import notices, register_journal
from services.payments.app.deps import Deps
from services.payments.app.notices import Sending
from services.payments.app.who import NO_SHOP, Who
from services.payments.domain import errors
from services.payments.domain.notice import (
    NoticeAddress,
    NoticeState,
    NoticeType,
    shown_secret,
)
from services.payments.wire import timestamp

NAME = "meguri.payments.v1.RegisterService"
_MAKE = frozenset({Role.SHOP_OWNER, Role.ADMIN})

ALLOWED: Allowed = {
    "MakeNoticeAddress": _MAKE,
    "ListNoticeAddresses": _MAKE,
    "TurnNoticeSecret": _MAKE,
    "RemoveNoticeAddress": _MAKE,
    "ListNotices": _MAKE,
    "ReplayNotices": _MAKE,
    "TakeRegisterJournal": _MAKE,
}

_Code = grpc.StatusCode
ERRORS: Errors = {
    errors.UnknownShop: (_Code.NOT_FOUND, "UNKNOWN_SHOP"),
    errors.ShopNotYours: (_Code.PERMISSION_DENIED, "SHOP_NOT_YOURS"),
    errors.CardNumberTyped: (_Code.INVALID_ARGUMENT, "CARD_NUMBER_TYPED"),
    errors.FileUnreadable: (_Code.INVALID_ARGUMENT, "FILE_UNREADABLE"),
    errors.UnknownNoticeAddress: (_Code.NOT_FOUND, "UNKNOWN_NOTICE_ADDRESS"),
}

_TYPES = {each: pb.NoticeType.Value(f"NOTICE_TYPE_{each.name}") for each in NoticeType}
_STATES = {each: pb.NoticeState.Value(f"NOTICE_STATE_{each.name}") for each in NoticeState}


def _who() -> Who:
    """A shop owner who was bound to no shop has none."""
    known = caller()
    is_unbound = Role.ADMIN not in known.roles and not known.shops
    shops = NO_SHOP if is_unbound else known.shops
    return Who(area=known.area, principal=known.principal, shops=shops, device=False)


def _types(numbers: Sequence[int]) -> list[NoticeType]:
    known = {number: each for each, number in _TYPES.items()}
    if not set(numbers) <= set(known):
        raise InvalidFields([("types", "one of them is not known")])
    return [known[pb.NoticeType.ValueType(number)] for number in numbers]


def _address(address: NoticeAddress) -> pb.NoticeAddress:
    return pb.NoticeAddress(
        address_id=address.address_id, shop_place_id=address.shop_place_id, url=address.url,
        types=[_TYPES[each] for each in address.types], generation=address.generation,
        waiting_count=address.waiting_count, dead_count=address.dead_count,
    )  # fmt: skip


def _notice(row: Row) -> pb.Notice:
    return pb.Notice(
        notice_id=row["notice_id"], payment_id=row["payment_id"],
        type=_TYPES[NoticeType(row["type"])], state=_STATES[NoticeState(row["state"])],
        tries=row["tries"], status=row["status"], fault=row["fault"],
        create_time=timestamp(row["create_time"]),
        next_time=timestamp(row["next_time"]) if row["next_time"] else None,
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
            self._sending, request_key(request), _who(), request.shop_place_id, request.url,
            _types(request.types),
        )  # fmt: skip
        return pb.MakeNoticeAddressResponse(address=_address(address), secret=shown_secret(secret))

    async def ListNoticeAddresses(
        self, request: pb.ListNoticeAddressesRequest, context: Any
    ) -> pb.ListNoticeAddressesResponse:
        """A shop's addresses."""
        found = await notices.list_addresses(self._tools, _who(), request.shop_place_id)
        return pb.ListNoticeAddressesResponse(addresses=[_address(each) for each in found])

    async def TurnNoticeSecret(
        self, request: pb.TurnNoticeSecretRequest, context: Any
    ) -> pb.TurnNoticeSecretResponse:
        """A new secret."""
        address, secret = await notices.turn_secret(
            self._sending, request_key(request), _who(), request.address_id
        )
        return pb.TurnNoticeSecretResponse(address=_address(address), secret=shown_secret(secret))

    async def RemoveNoticeAddress(
        self, request: pb.RemoveNoticeAddressRequest, context: Any
    ) -> pb.RemoveNoticeAddressResponse:
        """Out of use."""
        await notices.remove_address(self._tools, request_key(request), _who(), request.address_id)
        return pb.RemoveNoticeAddressResponse()

    async def ListNotices(
        self, request: pb.ListNoticesRequest, context: Any
    ) -> pb.ListNoticesResponse:
        """The latest notices."""
        states = {number: each for each, number in _STATES.items()}
        rows = await notices.list_notices(
            self._tools, _who(), request.address_id, states.get(request.state)
        )
        return pb.ListNoticesResponse(notices=[_notice(row) for row in rows])

    async def ReplayNotices(
        self, request: pb.ReplayNoticesRequest, context: Any
    ) -> pb.ReplayNoticesResponse:
        """Sends again."""
        count = await notices.replay(
            self._tools, request_key(request), _who(), request.address_id,
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
            dry_run=request.dry_run,
        )  # fmt: skip
        report = await register_journal.take_journal(
            self._deps, request_key(request), _who(), given
        )
        return pb.TakeRegisterJournalResponse(
            read_count=report.read_count, loaded_count=report.loaded_count,
            known_count=report.known_count, skipped_count=report.skipped_count,
            warnings=[pb.JournalRemark(row=row, reason=word) for row, word in report.warnings],
            rejected=[
                pb.JournalRemark(row=each.row, field=each.field, reason=each.reason, text=each.text)
                for each in report.rejected
            ],
            dry_run=report.is_dry_run,
        )  # fmt: skip
