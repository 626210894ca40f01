"""The line of a printed slip about Help: whom to call and when, where to write, and which number to
say. The page behind a receipt link has the same behind its link to Help; a paper has no links."""

import grpc
from flask import g
from flask_babel import force_locale, gettext

from meguri.multilingual.v1 import help_service_pb2 as pb
from meguri.multilingual.v1.help_service_pb2_grpc import HelpServiceStub
from services.edge import help_desk
from services.edge.clients import stub
from services.edge.parts import area
from services.edge.till.slip import Slip, Text

DEADLINE_S = 0.5  # the customer waits for the paper: without an answer it tells no hours


def with_help(made: Slip) -> Slip:
    """Returns a slip with its line about Help; without one where nobody can be reached."""
    found = area()
    page = f"{found.public_url.partition('://')[2]}/help" if found.public_url else ""
    if not found.help_phone and not page:
        return made
    desk = _desk() if found.help_phone else None
    # A return slip names the sale it is of: that is the receipt the customer has.
    number = made.sale.amount if made.sale else made.number
    own = _line(found.help_phone, page, desk, number)
    with force_locale("ja"):
        ja = _line(found.help_phone, page, desk, number)
    made.notes.append(Text(own) if g.locale == "ja" else Text(own, ja))
    return made


def _line(phone: str, page: str, desk: pb.HelpDesk | None, number: str) -> str:
    hours = help_desk.hours(desk)
    called = f"{phone} ({hours})" if phone and hours else phone
    said = [each for each in (called, page) if each]
    return f"{gettext('Help')}: {' · '.join(said)} · {gettext('Receipt')} {number}"


def _desk() -> pb.HelpDesk | None:
    try:
        answer = stub(HelpServiceStub, deadline_s=DEADLINE_S).ReadHelpDesk(pb.ReadHelpDeskRequest())
    except grpc.RpcError:
        return None  # a paper is not refused for want of its hours
    return answer.desk
