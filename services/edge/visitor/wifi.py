"""The page that the Wi-Fi of a site leads to: out of its window, then the guide and the questions.

The window that a phone opens by itself when it joins a Wi-Fi keeps no pages, no cookies and opens
no other app: what is loaded in it is lost. So nothing is offered there but the way out of it.
"""

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from services.edge import in_app, own_address
from services.edge.visitor import feedback

PORTAL = "application/captive+json"  # RFC 8908

blueprint = Blueprint("wifi", __name__)


@blueprint.get("/wifi")
def welcome() -> Response:
    """What to do before the cave, in the order in which it works."""
    page = render_template(
        "visitor/wifi.html",
        in_window=in_app.is_window(request.headers.get("User-Agent", "")),
        address=f"{own_address.of_area().partition('://')[2]}/wifi",
        survey_offered=feedback.offered(),
    )  # fmt: skip
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("User-Agent")
    return response


@blueprint.get("/wifi/captive.json")
def captive() -> Response:
    """For a Wi-Fi that nobody signs in to: phones that are told of this address (DHCP option 114)
    show a note that opens the page in their own browser."""
    response = jsonify({"captive": False, "venue-info-url": f"{own_address.of_area()}/wifi"})
    response.content_type = PORTAL
    response.headers["Cache-Control"] = "private"  # RFC 8908, 4: it is said to one phone
    return response
