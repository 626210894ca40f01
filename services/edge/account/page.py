"""The page of the own login, as both halves of it show it again with what was wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import grpc
from flask import Response, make_response, render_template
from flask_babel import gettext as _

from kit.client import problem_of
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import second_factor_service_pb2 as step_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.directory.v1.second_factor_service_pb2_grpc import SecondFactorServiceStub
from services.edge import cookies, wings
from services.edge.account.problems import PROBLEMS
from services.edge.clients import new_request_id, stub
from services.edge.parts import area

LEAST, MOST = 12, 200  # characters of a password, as directory takes them
FEW_CODES = 3


@dataclass(frozen=True)
class Shown:
    """A session as it is listed, in the area's time: when it began, when a page was used last, in
    which part of the site, and whether it is this one. No address and no kind of browser is kept.
    """

    began: datetime
    used: datetime | None
    part: Any
    handle: str
    here: bool


@dataclass(frozen=True)
class Step:
    """The second step as it is shown. began: None where there is none."""

    began: datetime | None
    codes_left: int
    required: bool

    @property
    def few_codes(self) -> bool:
        """Tells whether it is time for new codes."""
        return self.codes_left <= FEW_CODES


def own_login(wrong: dict[str, Any]) -> Response:
    """Returns the page. wrong: what is said at which field."""
    found = stub(DirectoryServiceStub).ListOwnSessions(
        pb.ListOwnSessionsRequest(session_id=cookies.SESSION.read())
    )
    sessions = [_shown(each) for each in found.sessions]
    return unkept(
        render_template(
            "account/account.html", wrong=wrong, sessions=sessions, least=LEAST, step=_step(),
            request_id=new_request_id(), end_id=new_request_id(), step_id=new_request_id(),
        ),
        400 if wrong else 200,
    )  # fmt: skip


def _shown(each: pb.OwnSession) -> Shown:
    entry = wings.entry_of(each.part) if each.part else None
    used = there(each.use_time) if each.HasField("use_time") else None
    return Shown(there(each.begin_time), used, entry and entry.label, each.handle, each.asking)


def said_of(error: grpc.RpcError, fields: Mapping[str, str]) -> dict[str, Any]:
    """Returns what is said at which field. fields: reason → field. Errors: RpcError for what no
    field is about."""
    reason = problem_of(error).reason
    if reason not in fields:
        raise error
    busy = _("Too many attempts. Wait ten minutes.")
    return {fields[reason]: PROBLEMS.get(reason.lower(), busy)}


def unkept(page: str, status: int = 200) -> Response:
    """Returns a page that no browser keeps."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def there(moment: Any) -> datetime:
    """Returns a Timestamp in the area's time."""
    known: datetime = moment.ToDatetime(tzinfo=UTC).astimezone(ZoneInfo(area().time_zone))
    return known


def _step() -> Step:
    found = stub(SecondFactorServiceStub).GetSecondFactor(step_pb.GetSecondFactorRequest())
    began = there(found.begin_time) if found.HasField("begin_time") else None
    return Step(began, found.recovery_codes_left, found.required)
