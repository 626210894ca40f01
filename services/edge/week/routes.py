"""This week, 15 minutes: one list of what waits for whoever is signed in; and sheets on paper."""

from collections.abc import Iterator
from importlib import import_module

from flask import Blueprint, render_template

from kit.roles import ANALYSTS, EDITORS, OFFICE, SELLERS
from services.edge import own_address
from services.edge.errors import Problem
from services.edge.login import requires
from services.edge.parts import person
from services.edge.squares import squares
from services.edge.waiting import Source
from services.edge.week import sheets, tasks
from services.edge.wings import WINGS

STAFF = EDITORS | ANALYSTS | OFFICE | SELLERS

blueprint = Blueprint("week", __name__, template_folder="templates")


@blueprint.get("/week")
@requires(*(EDITORS | ANALYSTS | OFFICE))
def page() -> str:
    """Lists what waits; what is done is gone from here by itself."""
    known = person()
    week = tasks.gather([*all_sources()], known.roles if known else frozenset())
    return render_template("week/week.html", week=week, most=tasks.MINUTES)


@blueprint.get("/week/sheets")
@requires(*STAFF)
def sheets_page() -> str:
    """Lists the sheets, those for one's own tasks first."""
    known = person()
    own = known.roles if known else frozenset()
    listed = sorted(sheets.SHEETS, key=lambda sheet: sheet.role not in own)
    return render_template("week/sheets.html", listed=listed, own=own)


@blueprint.get("/week/sheets/<name>")
@requires(*STAFF)
def sheet_page(name: str) -> str:
    """One sheet, to be printed on A4 and hung beside a desk."""
    sheet = sheets.sheet_of(name)
    if sheet is None:
        raise Problem(404, "not_found")
    address = own_address.for_phones()
    return render_template(
        "week/sheet.html", sheet=sheet, address=address,
        code=squares(f"{address}/login") if address else None,
    )  # fmt: skip


def all_sources() -> Iterator[Source]:
    """Returns the rooms of all wings. They are found by name, as their routes are: no wing knows
    another."""
    for wing in WINGS:
        if wing.waits:
            yield from import_module(f"services.edge.{wing.name}.waiting").sources()
