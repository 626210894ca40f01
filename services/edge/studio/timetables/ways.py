"""Known walks between places, and the taxis of the area: one form, kept all at once."""

from dataclasses import dataclass, field
from typing import Any

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ASSOCIATION
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from meguri.itinerary.v1.timetable_service_pb2_grpc import TimetableServiceStub
from services.edge import kept_forms
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import locale, may
from services.edge.studio.timetables import checked, clock, fields, known, refused, words
from services.edge.whole import read_whole

EMPTY_WALKS, EMPTY_TAXIS = 2, 1
MOST_WALK_MINUTES = 600
LEAST_ENDS = 2
PATH = "/studio/ways"
FARES = ("first", "first-m", "step", "step-m")

blueprint = Blueprint("ways", __name__)


@dataclass
class Walk:
    """A walk as typed."""

    from_id: str = ""
    to_id: str = ""
    minutes: str = ""
    source: str = ""

    @property
    def is_empty(self) -> bool:
        """Tells whether nothing was typed."""
        return not (self.from_id or self.to_id or self.minutes)


@dataclass
class Taxi:
    """A taxi company as typed. fares: by FARES. names: by locale."""

    names: dict[str, str] = field(default_factory=dict)
    phone: str = ""
    source: str = ""
    fares: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Tells whether nothing was typed."""
        return not (self.names or self.phone or any(self.fares.values()))


@dataclass
class Typed:
    """All of the form. wrong: sentences by the id of their field."""

    walks: list[Walk] = field(default_factory=list)
    taxis: list[Taxi] = field(default_factory=list)
    version: int = 0
    wrong: dict[str, str] = field(default_factory=dict)


@blueprint.get(PATH)
@requires(*ASSOCIATION)
def page() -> Response:
    """Shows walks and taxis."""
    if request.args.get("done") == "ways":
        notify("ok", words.DONE["ways"])
    return _page(of_kept(_service().GetWays(pb.GetWaysRequest())), new_request_id())


@blueprint.post(PATH)
@requires(*ASSOCIATION)
def save() -> Response | Answer:
    """Keeps all of it; an emptied row is taken out."""
    typed, request_id = read(request.form), form_request_id()
    if request.form.get("action") != "save":
        return _page(typed, request_id)
    wanted = check(typed)
    wanted.request_id = request_id
    if typed.wrong:
        return _page(typed, request_id, 422)
    try:
        _service().SaveWays(wanted)
    except grpc.RpcError as error:
        if problem_of(error).reason != "VERSION_CONFLICT":
            refused.told(error)
            return _page(typed, refused.next_id(error, request_id), 422)
        theirs = of_kept(_service().GetWays(pb.GetWaysRequest()))
        typed.version = theirs.version
        return _page(typed, new_request_id(), 409, theirs)
    return redirect(f"{PATH}?done=ways", 303)


def read(form: fields.Form) -> Typed:
    """Reads the form, whatever it holds."""
    columns = [form.getlist(f"walk-{name}") for name in ("from", "to", "minutes", "source")]
    walks = [Walk(*(each.strip()[:2_000] for each in row)) for row in zip(*columns, strict=False)]
    taxis = []
    for number in form.getlist("taxi")[:30]:
        at = number[:4]
        fares = {name: form.get(f"taxi-{name}-{at}", "").strip()[:20] for name in FARES}
        taxis.append(
            Taxi(
                fields.by_locale(form, f"taxi-name-{at}-"),
                form.get(f"taxi-phone-{at}", "").strip()[:40],
                form.get(f"taxi-source-{at}", "").strip()[:2_000], fares,
            )
        )  # fmt: skip
    return Typed(walks, taxis, read_whole(form.get("version", ""), 18) or 0)


def of_kept(kept: pb.GetWaysResponse) -> Typed:
    """Returns what is kept as somebody would have typed it."""
    walks = [
        Walk(each.from_place_id, each.to_place_id, str(each.minutes), each.source)
        for each in kept.walks
    ]
    taxis = [
        Taxi(
            dict(each.names), each.phone, each.source,
            {name: str(number or "") for name, number in zip(FARES, (
                each.first_amount_yen, each.first_m, each.step_amount_yen, each.step_m,
            ), strict=True)},
        )
        for each in kept.taxis
    ]  # fmt: skip
    return Typed(walks, taxis, kept.version)


def check(typed: Typed) -> pb.SaveWaysRequest:
    """Returns what was typed as the service takes it; says in typed.wrong what cannot be taken."""
    wanted = pb.SaveWaysRequest(expected_version=typed.version)
    typed.walks = [each for each in typed.walks if not each.is_empty]
    typed.taxis = [each for each in typed.taxis if not each.is_empty]
    seen: set[frozenset[str]] = set()
    for at, walk in enumerate(typed.walks):
        minutes, ends = _number(walk.minutes), frozenset({walk.from_id, walk.to_id} - {""})
        if len(ends) != LEAST_ENDS:
            typed.wrong[f"walk-from-{at}"] = _("Choose two different places.")
        elif ends in seen:
            typed.wrong[f"walk-from-{at}"] = _("There is a walk between these two already.")
        if minutes is None or not 0 < minutes <= MOST_WALK_MINUTES:
            typed.wrong[f"walk-minutes-{at}"] = _("Write minutes, 1 to 600.")
        seen.add(ends)
        wanted.walks.add(
            from_place_id=walk.from_id, to_place_id=walk.to_id, minutes=minutes or 0,
            source=walk.source,
        )  # fmt: skip
    for at, taxi in enumerate(typed.taxis):
        _taxi(taxi, at, typed.wrong, wanted)
    return wanted


def _taxi(taxi: Taxi, at: int, wrong: dict[str, str], wanted: pb.SaveWaysRequest) -> None:
    if not taxi.names.get("ja"):
        wrong[f"taxi-name-{at}-ja"] = _("Write the name.")
    phone = clock.plain(taxi.phone)
    if not checked.PHONE.fullmatch(phone):
        wrong[f"taxi-phone-{at}"] = _("Write the number: a taxi is called by telephone.")
    numbers = {name: _number(taxi.fares.get(name, "") or "0") for name in FARES}
    for name, number in numbers.items():
        if number is None:
            wrong[f"taxi-{name}-{at}"] = _("Write a whole number, or nothing.")
    for yen, meters in (("first", "first-m"), ("step", "step-m")):
        if bool(numbers[yen]) != bool(numbers[meters]):
            wrong.setdefault(f"taxi-{yen}-{at}", _("Write both yen and meters, or neither."))
    wanted.taxis.add(
        names=taxi.names, phone=phone, source=taxi.source,
        first_amount_yen=numbers["first"] or 0, first_m=numbers["first-m"] or 0,
        step_amount_yen=numbers["step"] or 0, step_m=numbers["step-m"] or 0,
    )  # fmt: skip


def _number(typed: str) -> int | None:
    return read_whole(clock.plain(typed).replace(",", ""), 6)


def _page(
    typed: Typed, request_id: str | None, status: int = 200, theirs: Typed | None = None
) -> Response:
    typed.walks = [each for each in typed.walks if not each.is_empty or typed.wrong]
    typed.walks += [Walk() for _row in range(EMPTY_WALKS)]
    typed.taxis += [Taxi() for _row in range(EMPTY_TAXIS)]
    places = known.places()
    names = {each.place_id: words.name_of(each.names, each.place_id) for each in places}
    body = render_template(
        "studio/timetables/ways.html",
        typed=typed, wrong=typed.wrong, groups=known.place_groups(places), names=names,
        theirs=theirs, request_id=request_id, words=words, main_locales=("ja", "en"),
        locale_now=locale(),
    )  # fmt: skip
    return make_response(body, status)


def _resume(kept: kept_forms.Kept, own: bool) -> Response | None:  # noqa: FBT001 - see Resume
    if not may(*ASSOCIATION):
        return None
    form: Any = MultiDict(kept.fields)
    notify("warn", words.still_here())
    return _page(read(form), kept.first("request_id") if own else new_request_id())


kept_forms.keep(PATH, _resume)


def _service() -> TimetableServiceStub:
    return stub(TimetableServiceStub)
