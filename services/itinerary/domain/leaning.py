"""What a search is asked for besides the best day: one that spreads people, worth nearly as much.

The plain day is always found first. Only where it has a visit at a time at which a place would be
over its capacity (or the party asked for a quieter day) another one is searched, in which such a
visit is worth less. It is taken where it is worth LEAST_PERCENT of the plain day at least, by the
scores that the party asked for; else, the plain day stands. So nobody pays more than that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from services.itinerary.domain.crowd import Crowd
from services.itinerary.domain.meals import Meal, Windows
from services.itinerary.domain.poi import Poi
from services.itinerary.domain.problem import Candidate
from services.itinerary.domain.score import EFFORT
from services.itinerary.domain.trip import TripRequest

LEAST_PERCENT = 92
QUIETER_LEAST_PERCENT = 85
# In a day that goes around crowds, what few know counts so many percent of its score.
HIDDEN_PERCENT = 150
QUIETER_HIDDEN_PERCENT = 180


@dataclass(frozen=True)
class Offer:
    """A visit at certain times, and what it is worth then. loss: percent taken off its score."""

    score: int
    windows: Windows
    loss: int = 0


@dataclass(frozen=True)
class Leaning:
    """offers: by node, what is worth more or less than its candidate says; the least loss first.
    always: also where the plain day is in nobody's way."""

    offers: tuple[tuple[int, tuple[Offer, ...]], ...]
    least_percent: int = LEAST_PERCENT
    always: bool = False

    def only(self, nodes: Sequence[int]) -> "Leaning":
        """Returns the leaning of a problem with these candidates and no others, in this order."""
        of = dict(self.offers)
        kept = ((place, of[node]) for place, node in enumerate(nodes) if node in of)
        return replace(self, offers=tuple(kept))

    def with_meals(self, count: int, meals: Sequence[Meal]) -> "Leaning":
        """Returns the leaning of a problem with a candidate more for each meal, behind the others.

        What a visit loses is that of its begin, however long one sits there.
        """
        of = dict(self.offers)
        more = [
            (number, tuple(within(offer, meal.windows) for offer in of[meal.node]))
            for number, meal in enumerate(meals, start=count)
            if meal.node in of
        ]
        told = ((number, tuple(each for each in offers if each.windows)) for number, offers in more)
        return replace(self, offers=(*self.offers, *told))

    def unraised(self, candidates: Sequence[Candidate]) -> "Leaning":
        """Returns one in which nothing is worth more than to the party."""
        return self._with(lambda node, score: min(score, candidates[node].score))

    def milder(self, candidates: Sequence[Candidate]) -> "Leaning":
        """Returns one that asks for half as much."""
        return self._with(lambda node, score: (score + candidates[node].score + 1) // 2)

    def _with(self, score: Callable[[int, int], int]) -> "Leaning":
        return replace(
            self,
            offers=tuple(
                (node, tuple(replace(each, score=score(node, each.score)) for each in offers))
                for node, offers in self.offers
            ),
        )


def within(offer: Offer, windows: Windows) -> Offer:
    """Returns an offer as far as it lies in other windows too."""
    cut = (
        (max(one, other), min(last, latest))
        for one, last in offer.windows
        for other, latest in windows
    )
    return replace(offer, windows=tuple(sorted(each for each in cut if each[0] <= each[1])))


def leaning_of(
    crowd: Crowd, trip: TripRequest, options: Sequence[tuple[Poi, Candidate, int]]
) -> Leaning | None:
    """Returns how a day is to lean; None where it has no reason to.

    options: POI, candidate and score, in the order of the nodes.
    """
    if not (trip.quieter or crowd.is_bounded):
        return None
    offers = [
        (node, _offers(crowd, trip, poi, candidate, score))
        for node, (poi, candidate, score) in enumerate(options)
    ]
    told = tuple((node, offer) for node, offer in offers if offer)
    crowded = any(offer.loss for _, each in told for offer in each)
    if not told or not (crowded or trip.quieter):
        return None
    least = QUIETER_LEAST_PERCENT if trip.quieter else LEAST_PERCENT
    return Leaning(told, least, always=trip.quieter)


def _offers(
    crowd: Crowd, trip: TripRequest, poi: Poi, candidate: Candidate, score: int
) -> tuple[Offer, ...]:
    """Returns the offers of a POI; none where it is worth what its candidate says at all times."""
    hidden = QUIETER_HIDDEN_PERCENT if trip.quieter else HIDDEN_PERCENT
    worth = score * hidden // 100 if poi.hidden_spot else score
    pieces = crowd.pieces(
        poi.poi_id, candidate.windows, candidate.stay, trip.party.size, quieter=trip.quieter
    )
    if worth == score and not any(piece.loss for piece in pieces):
        return ()
    return tuple(
        Offer(
            max(1, worth * (100 - piece.loss) // 100 - EFFORT[trip.pace]),
            piece.windows, piece.loss,
        )
        for piece in pieces
    )  # fmt: skip
