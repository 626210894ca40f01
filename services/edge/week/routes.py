"""This week, 15 minutes: one list of what waits anywhere for whoever is signed in."""

from collections.abc import Iterator
from importlib import import_module

from flask import Blueprint, render_template

from kit.roles import ANALYSTS, EDITORS, OFFICE
from services.edge.login import requires
from services.edge.parts import person
from services.edge.waiting import Source
from services.edge.week import tasks
from services.edge.wings import WINGS

blueprint = Blueprint("week", __name__, template_folder="templates")


@blueprint.get("/week")
@requires(*(EDITORS | ANALYSTS | OFFICE))
def page() -> str:
    """Lists what waits; what is done is gone from here by itself."""
    known = person()
    week = tasks.gather([*all_sources()], known.roles if known else frozenset())
    return render_template("week/week.html", week=week, most=tasks.MINUTES)


def all_sources() -> Iterator[Source]:
    """Returns the rooms of all wings. They are found by name, as their routes are: no wing knows
    another."""
    for wing in WINGS:
        if wing.waits:
            yield from import_module(f"services.edge.{wing.name}.waiting").sources()
