"""From POIs, places, closures and wishes to a day as numbers, with a reason for all left aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.itinerary.domain.away import why_aside
from services.itinerary.domain.bus import BusDay, Node
from services.itinerary.domain.crowd import Crowd
from services.itinerary.domain.job import BusQuestion
from services.itinerary.domain.leaning import Leaning, leaning_of
from services.itinerary.domain.matrix import budget_left, day_problem
from services.itinerary.domain.option import Option, Rejection, candidates_of, why_unreachable
from services.itinerary.domain.paths import Ease, why_not_easy
from services.itinerary.domain.place import Closure, KnownPoint, Place, PointQuality
from services.itinerary.domain.plan import Conflict, EndPoint
from services.itinerary.domain.poi import NOT_A_VISIT, Poi, PoiStatus
from services.itinerary.domain.problem import Candidate, Problem, schedule
from services.itinerary.domain.rental import CycleDay, CycleRental, cycle_day, rental_places
from services.itinerary.domain.roads import NO_ROADS, Roads
from services.itinerary.domain.score import EFFORT, fee_for, score_for, stay_for
from services.itinerary.domain.trip import (
    MEAL_MINUTES,
    Location,
    LunchWish,
    TravelMode,
    TripRequest,
)
from services.itinerary.domain.walking import cut_off, shortened
from services.itinerary.domain.why import ConflictKind, WhyOut
from services.itinerary.domain.windows import NOT_THAT_DAY, day_access, pinned

LESS_DIVISOR = 2  # what a POI is worth that the party would rather not see
ASK_FIRST = {WhyOut.ESTIMATED_POINT_ON_FOOT, WhyOut.PATHS_UNKNOWN, WhyOut.PATHS_TOO_HARD}
MAX_SHARED = 100  # places of an area whose arrivals by bus are found for all at once
MAX_SEARCHED = 120  # candidates; more would take longer than a visitor waits


@dataclass(frozen=True)
class Catalog:
    """What an area offers. places: by id, also those that are no POI. bus: for a day by bus. crowd:
    how full places will be, and how it steers. away: what other days of the party have. roads: ways
    that need no estimate."""

    time_zone: str
    pois: Mapping[str, Poi]
    places: Mapping[str, Place]
    closures: Sequence[Closure]
    bus: BusDay | None = None
    crowd: Crowd = field(default_factory=Crowd)
    away: Mapping[str, str] = field(default_factory=dict)
    roads: Roads = NO_ROADS

    def score(self, poi: Poi, trip: TripRequest) -> int:
        """Returns what a visit is worth to a party on its day."""
        promoted = self.crowd.of(poi.poi_id).promoted_percent(trip.visit_date)
        return score_for(poi, trip.interests, promoted)


@dataclass(frozen=True)
class Prepared:
    """A day ready to be searched. problem None: there is no way from start to end in time.

    question: for a day by bus; there only the search knows what can be reached. lunch: the one
    still to be had; None for none. walked_minutes: on foot before it. cut_off: options that only
    walks lead to which are longer than wished for. leaning: how it is to go around crowds. rental:
    where its cycles are from.
    """

    trip: TripRequest
    start: EndPoint
    end: EndPoint
    options: tuple[Option, ...]
    rejections: tuple[Rejection, ...]
    conflicts: tuple[Conflict, ...]
    problem: Problem | None
    question: BusQuestion | None = None
    lunch: LunchWish | None = None
    walked_minutes: int = 0
    cut_off: frozenset[int] = frozenset()
    leaning: Leaning | None = None
    rental: CycleRental | None = None


@dataclass(frozen=True)
class Remainder:
    """What is left of a day that has begun. poi_ids: visited. groups: visited. had_lunch: it is
    over, or under way. rental: where the cycles are from that the party is on; left: it has set
    out."""

    poi_ids: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    here: EndPoint | None = None
    minute: int = 0
    spent_yen: int = 0
    had_lunch: bool = False
    walked_minutes: int = 0
    rental: CycleRental | None = None
    left: bool = False


def prepare(catalog: Catalog, trip: TripRequest, done: Remainder | None = None) -> Prepared:
    """Sorts every POI into options and rejections and builds the travel matrix.

    trip: checked, with places and must-visits that exist. done: for a day that has begun.
    """
    done = done or Remainder()
    start, end = _end_point(catalog, trip.start), _end_point(catalog, trip.end)
    trip_now = replace(trip, start_minute=max(trip.start_minute, done.minute))
    cycles = _cycles(catalog, trip_now, start, done)
    if cycles.rental:
        start = end = EndPoint(
            cycles.rental.place_id, cycles.rental.names, cycles.rental.location
        )  # fmt: skip
    start = done.here or start
    trip_now = replace(trip_now, start_minute=cycles.begin_minute, end_minute=cycles.end_minute)
    conflicts = _conflicts(catalog, trip_now, start, end)
    if trip.mode is TravelMode.BUS:
        return _by_bus(catalog, trip, trip_now, start, end, conflicts, done)
    problem = None
    if not conflicts and start.location and end.location:
        problem = day_problem(
            trip_now, start.location, end.location, (), done.spent_yen, catalog.roads
        )
        direct = schedule(problem, ())
        if direct is None:
            way = problem.travel[problem.start][problem.end]
            missing = trip_now.start_minute + way - trip_now.end_minute
            conflicts.append(Conflict(ConflictKind.END_OUT_OF_REACH, missing_minutes=missing))
            problem = None
    options, rejections = _sort_pois(catalog, trip_now, done)
    if problem and start.location and end.location:
        problem, options, more = _reachable(
            trip_now, start.location, end.location, options, done, catalog.roads
        )
        rejections += more
    conflicts += _must_conflicts(trip, rejections) + _cycle_conflicts(trip, cycles)
    return Prepared(
        trip, start, end, tuple(options), tuple(rejections), tuple(conflicts), problem,
        lunch=_lunch(trip, done), walked_minutes=done.walked_minutes,
        leaning=_leaning(catalog, trip, options), rental=cycles.rental,
    )  # fmt: skip


def _cycles(catalog: Catalog, trip: TripRequest, start: EndPoint, done: Remainder) -> CycleDay:
    own = replace(trip, own_cycle=trip.own_cycle or (done.left and done.rental is None))
    offers = rental_places(catalog.pois, catalog.places) if trip.mode is TravelMode.CYCLE else []
    return cycle_day(
        offers, catalog.closures, catalog.time_zone, own, start.location,
        kept=done.rental if done.left else None,
    )  # fmt: skip


def _cycle_conflicts(trip: TripRequest, cycles: CycleDay) -> list[Conflict]:
    """What cannot be had by cycle; the closest plan is made all the same."""
    found = []
    if closed := cycles.closed:
        found.append(
            Conflict(
                ConflictKind.CYCLE_RENTAL_CLOSED, (closed.poi_id,), closed.why,
                closure_reason=closed.closure_reason,
            )
        )  # fmt: skip
    if trip.mode is TravelMode.CYCLE and trip.ease is Ease.WHEELCHAIR:
        found.append(Conflict(ConflictKind.WHEELCHAIR_BY_CYCLE))
    return found


def _leaning(catalog: Catalog, trip: TripRequest, options: Sequence[Option]) -> Leaning | None:
    return leaning_of(catalog.crowd, trip, [(o.poi, o.candidate, o.score) for o in options])


def _by_bus(
    catalog: Catalog,
    trip: TripRequest,
    trip_now: TripRequest,
    start: EndPoint,
    end: EndPoint,
    conflicts: list[Conflict],
    done: Remainder,
) -> Prepared:
    """As prepare, for a day by bus."""
    if catalog.bus is None:
        raise ValueError("a day by bus needs what runs on it")
    options, rejections = _sort_pois(catalog, trip_now, done)
    problem, question, cut = None, None, frozenset[int]()
    if not conflicts:
        options.sort(key=lambda o: (not o.candidate.must, -o.score, o.poi.poi_id))
        rejections += [Rejection(o.poi, WhyOut.NOT_WORTH_THE_WAY) for o in options[MAX_SEARCHED:]]
        options = sorted(options[:MAX_SEARCHED], key=lambda o: o.poi.poi_id)
        places = _places_by_bus(catalog, catalog.bus, options)
        # A party's own point has no id; a place that is no POI and no stop may be an end too.
        ends = [each.place_id or repr(each.location) for each in (start, end)]
        for name, each in zip(ends, (start, end), strict=True):
            places.setdefault(name, Node(each.place_id, each.location))
        index = {name: number for number, name in enumerate(places)}
        whole = catalog.bus.access(list(places.values()))
        access = shortened(whole, trip.walking)
        nodes = tuple(index[name] for name in (*(o.poi.place_id for o in options), *ends))
        problem = Problem(
            tuple(option.candidate for option in options),
            tuple(tuple(access.walks[one][other] for other in nodes) for one in nodes),
            trip_now.start_minute, trip_now.end_minute, budget_left(trip, done.spent_yen),
        )  # fmt: skip
        question = BusQuestion(catalog.bus.key, access, nodes, catalog.bus.packed)
        cut = cut_off(whole, access, nodes)
    conflicts += _must_conflicts(trip, rejections)
    return Prepared(
        trip, start, end, tuple(options), tuple(rejections), tuple(conflicts), problem, question,
        _lunch(trip, done), done.walked_minutes, cut, _leaning(catalog, trip, options),
    )  # fmt: skip


def _lunch(trip: TripRequest, done: Remainder) -> LunchWish | None:
    """Returns the lunch that is still to be had: none once it was, or its time is over."""
    wish = trip.lunch
    over = wish is not None and done.minute > wish.until_minute - MEAL_MINUTES
    return None if done.had_lunch or over else wish


def _places_by_bus(catalog: Catalog, bus: BusDay, options: Sequence[Option]) -> dict[str, Node]:
    """Returns the places a day by bus is about, by id: those of all POIs and stops, so that all who
    ask for the day share its arrivals; in an area of very many only those of the options."""
    ids = {poi.place_id for poi in catalog.pois.values()} | {*bus.network.stop_places.values()}
    known = {p for p in ids if p in catalog.places and catalog.places[p].location}
    if len(known) > MAX_SHARED:
        known = {option.poi.place_id for option in options}
    return {p: Node(p, catalog.places[p].location) for p in sorted(known)}


def _end_point(catalog: Catalog, location: Location) -> EndPoint:
    if location.point is not None:
        return EndPoint("", {}, KnownPoint(location.point, PointQuality.SOURCE))
    place = catalog.places[location.place_id]
    return EndPoint(place.place_id, place.names, place.location)


def _conflicts(
    catalog: Catalog, trip: TripRequest, start: EndPoint, end: EndPoint
) -> list[Conflict]:
    if trip.end_minute <= trip.start_minute:
        missing = trip.start_minute - trip.end_minute
        return [Conflict(ConflictKind.START_AFTER_END, missing_minutes=missing)]
    for point in (start, end):
        if point.location is None and not _led_to(catalog, trip, point.place_id):
            return [Conflict(ConflictKind.NO_POINT)]
        if _no_walk(catalog, trip, point.place_id, point.location):
            return [Conflict(ConflictKind.ESTIMATED_POINT_ON_FOOT)]
    return []


def _sort_pois(
    catalog: Catalog, trip: TripRequest, done: Remainder
) -> tuple[list[Option], list[Rejection]]:
    options, rejections = [], []
    musts = {
        poi_id: _sort_poi(catalog, trip, catalog.pois[poi_id], {}, done) for poi_id in trip.must_ids
    }
    # A must that is impossible, such as a gate that is closed, keeps no other way in out.
    must_groups = {
        found.poi.group: poi_id
        for poi_id, found in musts.items()
        if isinstance(found, Option) and found.poi.group
    }
    for poi in catalog.pois.values():
        if poi.poi_id in done.poi_ids:
            continue
        sorted_in = musts.get(poi.poi_id) or _sort_poi(catalog, trip, poi, must_groups, done)
        if isinstance(sorted_in, Option):
            options.append(sorted_in)
        else:
            rejections.append(sorted_in)
    return options, rejections


def _sort_poi(
    catalog: Catalog,
    trip: TripRequest,
    poi: Poi,
    must_groups: Mapping[str, str],
    done: Remainder,
) -> Option | Rejection:
    must = poi.poi_id in trip.must_ids
    place = catalog.places.get(poi.place_id)
    wish = trip.wish_for(poi.poi_id)
    stay = wish.stay_minutes or stay_for(poi, trip.pace)
    access = day_access(poi, trip.day, stay, catalog.closures, catalog.time_zone)
    if wish.start_minute is not None and not access.why:
        access = pinned(access, wish.start_minute)
    why = _why_not(catalog, trip, poi, place, must=must) or access.why
    if why in ASK_FIRST and access.why in NOT_THAT_DAY:
        why = access.why  # nobody shall ask for the way to fireworks of another month
    if why:
        return Rejection(poi, why, access.closure_reason if why is WhyOut.CLOSURE else "")
    fee_yen, fee_unknown = fee_for(poi, trip.party)
    score = catalog.score(poi, trip)
    if poi.poi_id in trip.less_ids:
        score //= LESS_DIVISOR
    if not must:
        if poi.group in done.groups or poi.group in must_groups:
            return Rejection(
                poi, WhyOut.SAME_AS_CHOSEN, same_as_poi_id=must_groups.get(poi.group, "")
            )
        if score <= EFFORT[trip.pace]:
            return Rejection(poi, WhyOut.NOT_WORTH_THE_WAY)
    if trip.budget_yen is not None and fee_yen > trip.budget_yen - done.spent_yen:
        return Rejection(poi, WhyOut.OVER_BUDGET)
    if place is None or place.location is None:
        raise RuntimeError("a POI without a point was rejected before")
    candidate = Candidate(
        max(1, score - EFFORT[trip.pace]), stay, access.windows, fee_yen, poi.group, must
    )
    return Option(poi, place, place.location, access, candidate, score, fee_unknown)


def _led_to(catalog: Catalog, trip: TripRequest, place_id: str) -> bool:
    """Tells whether somebody knows the way to a place, wherever exactly it is."""
    bus = catalog.bus if trip.mode is TravelMode.BUS else None
    return bus is not None and bus.leads_to(place_id)


def _no_walk(
    catalog: Catalog, trip: TripRequest, place_id: str, location: KnownPoint | None
) -> bool:
    """Tells whether a party that walks cannot be led to a place, as nobody has published where it
    is."""
    # By car and by cycle one follows roads and their signs.
    if trip.mode in (TravelMode.CAR, TravelMode.CYCLE) or (location and location.published):
        return False
    return not _led_to(catalog, trip, place_id)


def _why_not(
    catalog: Catalog, trip: TripRequest, poi: Poi, place: Place | None, *, must: bool
) -> WhyOut | None:
    if aside := why_aside(poi.poi_id, trip.never_poi_ids, catalog.away):
        return aside
    if not must and (poi.category in NOT_A_VISIT or poi.score == 0):
        return WhyOut.NOT_A_VISIT
    if place is None or place.location is None:
        return WhyOut.NO_POINT
    if _no_walk(catalog, trip, poi.place_id, place.location):
        return WhyOut.ESTIMATED_POINT_ON_FOOT
    if not must and poi.status is PoiStatus.RESERVATION_ONLY:
        return WhyOut.RESERVATION_ONLY
    return None if must else why_not_easy(poi.paths, trip.ease)


def _reachable(
    trip: TripRequest,
    start: KnownPoint,
    end: KnownPoint,
    options: Sequence[Option],
    done: Remainder,
    roads: Roads,
) -> tuple[Problem, list[Option], list[Rejection]]:
    """Keeps what fits into the day by itself, at most MAX_SEARCHED of the most worth."""

    def of(some: Sequence[Option]) -> Problem:
        return day_problem(trip, start, end, candidates_of(some), done.spent_yen, roads)

    # Ways between all are taken at once where they are few; thousands would take minutes.
    whole = of(options) if len(options) <= MAX_SEARCHED else None
    kept: list[tuple[float, int]] = []
    rejections = []
    for number, option in enumerate(options):
        day, node = (whole, number) if whole else (of([option]), 0)
        if schedule(day, (node,)) is None:
            rejections.append(why_unreachable(day.only([node]), option, trip.mode))
            continue
        there, back = day.travel[day.start][node], day.travel[node][day.end]
        trouble = option.candidate.stay + there + back
        rank = option.score / max(1, trouble) + (1000 if option.candidate.must else 0)
        kept.append((rank, number))
    kept.sort(key=lambda pair: (-pair[0], options[pair[1]].poi.poi_id))
    rejections += [Rejection(options[number].poi, WhyOut.NOT_WORTH_THE_WAY) for _, number in
                   kept[MAX_SEARCHED:]]  # fmt: skip
    chosen = sorted(
        (number for _, number in kept[:MAX_SEARCHED]), key=lambda n: options[n].poi.poi_id
    )
    picked = [options[number] for number in chosen]
    return whole.only(chosen) if whole else of(picked), picked, rejections


def _must_conflicts(trip: TripRequest, rejections: Sequence[Rejection]) -> list[Conflict]:
    conflicts = []
    for rejection in rejections:
        poi_id = rejection.poi.poi_id
        if poi_id not in trip.must_ids:
            continue
        kind = ConflictKind.MUST_VISIT_IMPOSSIBLE
        if rejection.why is WhyOut.NEVER_ASKED_FOR:
            kind = ConflictKind.MUST_AND_NEVER
        conflicts.append(
            Conflict(
                kind, (poi_id,), rejection.why, rejection.missing_minutes,
                closure_reason=rejection.closure_reason,
            )
        )  # fmt: skip
    return conflicts
