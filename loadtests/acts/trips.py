"""What visitors plan: a day, a day they keep open, and the way home with the last bus."""

import uuid
from typing import Any

from loadtests.acts import act
from loadtests.ground import MAIN_GATE
from loadtests.hand import Expected, Hand, Reply, is_page

PLAN = "/api/v1/itineraries"
INTERESTS = ("cave", "nature", "view", "history", "food")


def is_planned(reply: Reply) -> str:
    """Expects a plan."""
    if reply.status not in (200, 201):
        return reply.error or f"status {reply.status}"
    return "" if reply.json()["itinerary_id"] else "a plan without an id"


def is_filled(reply: Reply) -> str:
    """Expects a plan with something to see: an empty one is quickly made."""
    return is_planned(reply) or ("" if reply.json()["visits"] else "a plan without a visit")


def ask(hand: Hand, name: str, expected: Expected = is_planned, **wishes: Any) -> dict[str, Any]:
    """Plans a day. Parties differ, so that none is answered from memory."""
    chance = hand.chance
    trip = {
        **hand.ground.trip,
        "seed": chance.randrange(1_000_000),
        "start_time": f"{chance.randrange(9, 12):02}:{chance.randrange(60):02}",
        "interests": chance.sample(INTERESTS, 2),
        **wishes,
    }
    key = {"Idempotency-Key": str(uuid.uuid4())}
    planned: dict[str, Any] = hand.post_json(PLAN, name, trip, expected, **key).json()
    hand.ground.extra.setdefault("plans", []).append(planned["itinerary_id"])
    return planned


@act()
def plan_page(hand: Hand) -> None:
    """The empty plan."""
    hand.get("/plan", "/plan", is_page)


@act()
def plan(hand: Hand) -> None:
    """A day."""
    ask(hand, "POST /api/v1/itineraries", is_filled)


@act()
def plan_and_keep(hand: Hand) -> None:
    """A day in the cave that stays open on the phone."""
    planned = ask(hand, "POST /api/v1/itineraries", must=[MAIN_GATE])
    hand.get(f"/plan/{planned['itinerary_id']}", "/plan/{id}", is_page)
    hand.ground.extra.setdefault("open", []).append(planned["itinerary_id"])


@act()
def plan_home(hand: Hand) -> None:
    """The way home from the festival: by bus, before the last one has left."""
    start = f"{hand.chance.randrange(15, 17):02}:{hand.chance.randrange(60):02}"
    planned = ask(
        hand, "POST /api/v1/itineraries (last bus)", mode="bus", start_time=start,
        start={"place_id": "shotengai"}, end={"place_id": "st-shin-yamaguchi"}, end_time="21:30",
    )  # fmt: skip
    hand.get(f"/plan/{planned['itinerary_id']}", "/plan/{id}", is_page)
