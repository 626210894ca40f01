"""`/plan/weights`: what counts when a day is chosen, and what the area recommends."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.parts import locale
from services.edge.plan import spots
from services.edge.plan.texts import Told, told

blueprint = Blueprint("plan_weights", __name__)

# As the service has them; tests/contract/itinerary/test_weights.py compares.
WEIGHTS = {
    "first_interest": 50, "second_interest": 25, "hidden": 10, "most_promoted": 20, "unsure": 20,
    "some_crowd": 20, "much_crowd": 40, "over_by": 25, "hidden_in_crowds": 50, "most_loss": 8,
    "quieter_crowd": 25, "quieter_much": 50, "quieter_from": 60, "quieter_hidden": 80,
    "quieter_loss": 15,
}  # fmt: skip


@dataclass(frozen=True)
class Recommended:
    """A recommendation of the area."""

    name: Told
    percent: int
    first: date
    last: date
    reason: Told


@dataclass(frozen=True)
class Limited:
    """A place that plans go around when it is full. people: at once."""

    name: Told
    people: int


@blueprint.get("/plan/weights")
def weights() -> str:
    """The weights, the recommendations of today and later, and the capacities."""
    day = spots.today().isoformat()
    pois = spots.load("").pois
    return render_template(
        "plan/weights.html",
        weights=WEIGHTS,
        recommended=[
            _recommended(poi) for poi in pois
            if poi.settings.HasField("promotion") and poi.settings.promotion.last_date >= day
        ],
        limited=[
            Limited(_name(poi), poi.settings.capacity) for poi in pois
            if poi.settings.HasField("capacity")
        ],
    )  # fmt: skip


def _name(poi: pb.Poi) -> Told:
    return told(poi.names, locale(), poi.record.poi_id)


def _recommended(poi: pb.Poi) -> Recommended:
    promotion = poi.settings.promotion
    return Recommended(
        _name(poi), promotion.percent, date.fromisoformat(promotion.first_date),
        date.fromisoformat(promotion.last_date), told(promotion.reason, locale()),
    )  # fmt: skip
