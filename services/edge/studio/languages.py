"""The languages visitors are offered: how much there is of each, showing one, taking one back."""

from collections import Counter
from dataclasses import dataclass

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.pure.languages import LOCALES, NAMES
from kit.roles import EDITORS, REVIEWERS
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id, sentence
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import may, parts
from services.edge.studio import table
from services.edge.whole import read_whole

ENOUGH_PERCENT = 80  # of the texts: below that, somebody has to say that it is shown all the same
REFUSED = frozenset({"VERSION_CONFLICT", "INVALID_FIELDS", "TEXT_TOO_LONG", "CARD_NUMBER_TYPED"})

blueprint = Blueprint("languages", __name__)


@dataclass(frozen=True)
class Row:
    """A language. column: how its texts stand. name: the area's name in it, "" for none."""

    column: table.Column
    shown: bool
    source: bool
    name: str

    @property
    def there(self) -> int:
        """Returns how many texts there are."""
        return self.column.total - self.column.counts["missing"]

    @property
    def enough(self) -> bool:
        """Tells whether so much is there that visitors rarely fall back."""
        return self.there * 100 >= self.column.total * ENOUGH_PERCENT > 0


@blueprint.get("/studio/languages")
@requires(*EDITORS)
def page() -> str:
    """Shows every language with how much of it is there."""
    return _page()


@blueprint.post("/studio/languages/<locale>")
@requires(*REVIEWERS)
def change(locale: str) -> Response | tuple[str, int]:
    """Offers a language to visitors, or no longer; texts stay either way."""
    form, area = request.form, _area()
    shown = form.get("shown") == "yes"
    if locale not in LOCALES or locale == area.locales[0]:
        raise Problem(404, "not_found")
    row = next(each for each in _rows(area) if each.column.locale == locale)
    name = form.get("name", "").strip()
    if shown and not (row.name or name):
        return _told(_("Write the area’s name in this language."))
    if shown and not (row.enough or form.get("anyway")):
        return _told(_("Few texts are there yet: say that it is shown all the same."))
    others = [each for each in area.locales if each != locale]
    wanted = directory_pb.ChangeAreaLocalesRequest(
        request_id=f"{form_request_id()}-{locale}-{shown}",
        locales=[*others, locale] if shown else others, names={locale: name} if name else {},
        version=read_whole(form.get("version", "")) or 0,
    )  # fmt: skip
    try:
        _directory().ChangeAreaLocales(wanted)
    except grpc.RpcError as error:
        refused = problem_of(error)
        if refused.reason not in REFUSED:
            raise
        return _told(str(sentence(refused.reason.lower())))
    parts().areas.forget()
    return redirect(f"/studio/languages?{'shown' if shown else 'taken'}={locale}", 303)


def _page() -> str:
    area = _area()
    return render_template(
        "studio/languages.html",
        rows=_rows(area),
        version=area.version,
        may_decide=may(*REVIEWERS),
        done={each: request.args.get(each, "") for each in ("shown", "taken")},
        request_id=new_request_id(),
        enough=ENOUGH_PERCENT,
    )


def _rows(area: directory_pb.Area) -> list[Row]:
    """Returns the languages visitors are offered, then the others there are words for."""
    states = _guide().ListTranslationStates(pb.ListTranslationStatesRequest())
    columns = {each.locale: each for each in table.columns(states)}
    total = len(states.stops)
    nothing = {each: table.Column(each, Counter(missing=total), total) for each in LOCALES}
    order = [*area.locales, *(each for each in LOCALES if each not in area.locales)]
    return [
        Row(
            columns.get(each) or nothing.get(each) or table.Column(each, Counter(), total),
            each in area.locales, each == area.locales[0], area.names.get(each, ""),
        )
        for each in order
        if each in NAMES or each in area.locales
    ]  # fmt: skip


def _told(words: str) -> tuple[str, int]:
    notify("bad", words)
    return _page(), 422


def _area() -> directory_pb.Area:
    return _directory().ReadArea(directory_pb.ReadAreaRequest()).area


def _directory() -> DirectoryServiceStub:
    return stub(DirectoryServiceStub)


def _guide() -> GuideServiceStub:
    return stub(GuideServiceStub)
