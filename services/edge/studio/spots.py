"""`/studio/spots`: what plans show and leave out, and how the area steers visitors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ASSOCIATION
from meguri.itinerary.v1 import itinerary_service_pb2 as words_pb
from meguri.itinerary.v1 import spot_service_pb2 as pb
from meguri.itinerary.v1.spot_service_pb2_grpc import SpotServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.spreadsheet import as_download, text_of
from services.edge.studio import spot_words as words
from services.edge.whole import read_whole

PAGE = "/studio/spots"
LEAST_CAPACITY, MOST_CAPACITY, MOST_PERCENT = 10, 100_000, 20
REASONS = ("ja", "en")
HEADINGS = (
    "month", "poi_id", "name", "category", "hidden_spot", "plan_count", "shown_count",
    "asked_count", "never_count", "left_out_reason", "left_out_count", "withheld_below",
    "capacity", "recommended_percent", "first_date", "last_date",
)  # fmt: skip

blueprint = Blueprint("spots", __name__)


@dataclass
class Typed:
    """The settings as somebody typed them. wrong: sentences by the id of their field."""

    capacity: str = ""
    percent: str = ""
    first: str = ""
    last: str = ""
    reason: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)


@blueprint.get(PAGE)
@requires(*ASSOCIATION)
def page() -> str:
    """Shows what plans of a month did with each spot, the most shown first."""
    only = request.args.get("only", "")
    found = _read(request.args.get("month", ""))
    spots = [spot for spot in found.spots if only != "hidden" or spot.hidden_spot]
    spots.sort(key=lambda each: (-each.shown_count, -each.asked_count, words.name_of(each)))
    return render_template(
        "studio/spots.html", found=found, spots=spots, only=only, words=words,
        most=max((each.shown_count for each in spots), default=0),
    )  # fmt: skip


@blueprint.get(f"{PAGE}.csv")
@requires(*ASSOCIATION)
def as_csv() -> Response:
    """The figures as a table: a line for each reason, or one where no reason may be told."""
    found = _read(request.args.get("month", ""))
    return as_download(text_of(HEADINGS, _lines(found)), f"meguri-spots-{found.month}.csv")


@blueprint.get(f"{PAGE}/<path:poi_id>")
@requires(*ASSOCIATION)
def one(poi_id: str) -> Response:
    """Shows one spot: its figures, and the form of its settings."""
    if request.args.get("done"):
        notify("ok", _("Saved. New days are planned with it from now on."))
    found, spot = _spot(poi_id)
    return _one(found, spot, typed_of(spot.settings), new_request_id())


@blueprint.post(f"{PAGE}/<path:poi_id>")
@requires(*ASSOCIATION)
def save(poi_id: str) -> Response | Answer:
    """Keeps the settings of a spot, or takes the latest change back."""
    request_id, version = form_request_id(), read_whole(request.form.get("version", ""), 18) or 0
    typed = read(request.form)
    wanted = check(typed) if request.form.get("action") != "undo" else None
    if typed.wrong and wanted is not None:
        found, spot = _spot(poi_id)
        return _one(found, spot, typed, request_id, 422)
    try:
        if wanted is None:
            undo = pb.UndoSpotSettingsRequest(
                request_id=request_id, poi_id=poi_id, expected_version=version
            )
            _service().UndoSpotSettings(undo)
        else:
            wanted.request_id, wanted.poi_id, wanted.expected_version = request_id, poi_id, version
            _service().SaveSpotSettings(wanted)
    except grpc.RpcError as error:
        if problem_of(error).reason != "VERSION_CONFLICT":
            raise
        found, spot = _spot(poi_id)
        notify("warn", _("Somebody else has changed this spot meanwhile. Below is what holds now."))
        return _one(found, spot, typed_of(spot.settings), new_request_id(), 409)
    return redirect(f"{PAGE}/{poi_id}?done=1", 303)


def typed_of(settings: words_pb.SpotSettings) -> Typed:
    """Returns settings as somebody would have typed them."""
    promotion = settings.promotion
    return Typed(
        str(settings.capacity) if settings.HasField("capacity") else "",
        str(promotion.percent or ""), promotion.first_date, promotion.last_date,
        dict(promotion.reason),
    )  # fmt: skip


def read(form: Mapping[str, str]) -> Typed:
    """Reads the form, whatever it holds."""
    return Typed(
        form.get("capacity", "").strip()[:20], form.get("percent", "").strip()[:20],
        form.get("first", "").strip()[:20], form.get("last", "").strip()[:20],
        {each: form.get(f"reason-{each}", "").strip()[:2_000] for each in REASONS},
    )  # fmt: skip


def check(typed: Typed) -> pb.SaveSpotSettingsRequest:
    """Returns what was typed as the service takes it; says in typed.wrong what cannot be taken."""
    wanted = pb.SaveSpotSettingsRequest()
    if typed.capacity:
        people = read_whole(typed.capacity.replace(",", ""), 7)
        if people is None or not LEAST_CAPACITY <= people <= MOST_CAPACITY:
            typed.wrong["f-capacity"] = _("Write 10 to 100,000 people, or nothing.")
        wanted.settings.capacity = people or 0
    if typed.percent or typed.first or typed.last or any(typed.reason.values()):
        _check_promotion(typed, wanted.settings.promotion)
    return wanted


def _check_promotion(typed: Typed, promotion: words_pb.Promotion) -> None:
    percent = read_whole(typed.percent, 3)
    if percent is None or not 1 <= percent <= MOST_PERCENT:
        typed.wrong["f-percent"] = _("Write 1 to 20 percent.")
    if not typed.first:
        typed.wrong["f-first"] = _("Choose a date.")
    if not typed.last or typed.last < typed.first:
        typed.wrong["f-last"] = _("Choose a date, not before the first.")
    elif typed.first and _too_long(typed.first, typed.last):
        typed.wrong["f-last"] = _("At most 180 days. Recommend it again when they are over.")
    if not any(typed.reason.values()):
        typed.wrong["f-reason-ja"] = _("Say why: visitors read it.")
    for locale, text in typed.reason.items():
        if len(text) > words.MAX_REASON:
            typed.wrong[f"f-reason-{locale}"] = _("At most 200 characters.")
    promotion.percent, promotion.first_date, promotion.last_date = (
        percent or 0, typed.first, typed.last,
    )  # fmt: skip
    promotion.reason.update({locale: text for locale, text in typed.reason.items() if text})


def _too_long(first: str, last: str) -> bool:
    days = words.days_between(first, last)
    return days is None or days > words.MOST_DAYS


def _read(month: str) -> pb.ListSpotsResponse:
    found: pb.ListSpotsResponse = _service().ListSpots(pb.ListSpotsRequest(month=month))
    return found


def _spot(poi_id: str) -> tuple[pb.ListSpotsResponse, pb.Spot]:
    found = _read(request.args.get("month", ""))
    spot = next((each for each in found.spots if each.poi_id == poi_id), None)
    if spot is None:
        raise Problem(404, "not_found")
    return found, spot


def _one(
    found: pb.ListSpotsResponse,
    spot: pb.Spot,
    typed: Typed,
    request_id: str | None,
    status: int = 200,
) -> Response:
    body = render_template(
        "studio/spot.html", found=found, spot=spot, typed=typed, request_id=request_id,
        words=words, most=max([spot.shown_count, *(each.plan_count for each in spot.left_out)]),
    )  # fmt: skip
    return make_response(body, status)


def _lines(found: pb.ListSpotsResponse) -> list[Sequence[object]]:
    lines: list[Sequence[object]] = []
    for spot in found.spots:
        promotion = spot.settings.promotion
        reasons: list[tuple[str, object]] = [
            (words.reason_code(each.why), each.plan_count) for each in spot.left_out
        ]
        lines += [
            (
                found.month, spot.poi_id, words.name_of(spot), words.category_code(spot.category),
                "yes" if spot.hidden_spot else "no", _told(found, "plan_count"),
                _told(spot, "shown_count"), _told(spot, "asked_count"), _told(spot, "never_count"),
                reason, count, found.suppression_k, _told(spot.settings, "capacity"),
                promotion.percent or "", promotion.first_date, promotion.last_date,
            )
            for reason, count in reasons or [("", "")]
        ]  # fmt: skip
    return lines


def _told(message: Any, name: str) -> object:
    return getattr(message, name) if message.HasField(name) else ""


def _service() -> SpotServiceStub:
    return stub(SpotServiceStub)
