"""The customer's display: a second window of the same device, turned to the customer.

It hears the till through the browser alone (display.js), so it follows without a signal, too, and
nothing of a sale goes anywhere for it. Its language is chosen on it and is the customer's.
"""

from flask import Blueprint, render_template, request
from flask_babel import force_locale

from kit.auth import Role
from services.edge.language import choose
from services.edge.login import requires
from services.edge.parts import area, locale

STAFF = (Role.CLERK, Role.SHOP_OWNER, Role.ADMIN)

blueprint = Blueprint("display", __name__)


@blueprint.get("/till/display")
@requires(*STAFF)
def show() -> str:
    """Shows what the customer reads: the sum, how it went, thanks."""
    spoken = choose(request.args.get("customer"), locale(), area().locales)
    with force_locale(spoken.replace("-", "_")):
        return render_template(
            "till/display.html", page_locale=spoken, spoken=spoken, locales=area().locales
        )
