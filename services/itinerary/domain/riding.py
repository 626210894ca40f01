"""Whether a kept day by bus can still be followed: what became of its rides, and what that breaks.

A day is walked through from its beginning: each ride as it goes now, each visit as long as it was
planned. Nothing is copied into the plan: reading joins it with what runs, so what comes back heals
by itself.
"""

from dataclasses import dataclass, field, replace

from services.itinerary.domain.bus import BusDay, Node
from services.itinerary.domain.plan import (
    DayPlan,
    Leg,
    PlannedRide,
    PlannedVisit,
    RideEffect,
    RideTrouble,
)
from services.itinerary.domain.timetabled import Going, timetabled
from services.itinerary.domain.transit.access import NEVER
from services.itinerary.domain.transit.day import CHANGE_MINUTES
from services.itinerary.domain.transit.network import RunFacts, TimeBasis


def ride_effects(plan: DayPlan, bus: BusDay, minute: int) -> tuple[RideEffect, ...]:
    """Returns what no longer holds of the rides of a day that are not over at a minute after its
    midnight, in their order; none where the day goes as it was planned."""
    if plan.network == bus.network.version or not plan.rides:
        return ()
    return tuple(_Walk(plan, bus, minute).through())


def breaks(effects: tuple[RideEffect, ...]) -> bool:
    """Tells whether a day has to be planned again: it cannot be followed, or its timetable says
    other minutes than the day does. What a bus is late today is only told while all works."""
    return any(not effect.holds or not effect.live for effect in effects)


@dataclass
class _Walk:
    """A party on its way through a day. clock: from when it is free to move on."""

    plan: DayPlan
    bus: BusDay
    minute: int
    clock: int = 0
    found: list[RideEffect] = field(default_factory=list)

    def through(self) -> list[RideEffect]:
        plan = self.plan
        self.clock = plan.trip.start_minute
        for number, leg in enumerate(plan.legs):
            arrive = self._leg(number, leg)
            if number < len(plan.visits):
                self._visit(plan.visits[number], arrive)
            elif arrive > max(plan.trip.end_minute, plan.finish_minute):
                self._blame("")
        return self.found

    def _leg(self, number: int, leg: Leg) -> int:
        """Returns when the party is at the end of a leg."""
        if leg.arrive_minute <= self.minute and not leg.rides:
            return leg.arrive_minute
        first, last = self._walks(number, leg)
        if not leg.rides:
            walked = first if first is not None else leg.arrive_minute - leg.depart_minute
            return max(leg.arrive_minute, self.clock + walked)
        # Who has not left yet can leave now; who has is on the way as planned.
        ready = max(self.clock, min(self.minute, leg.depart_minute))
        ready += max(leg.rides[0].walk_minutes, first or 0)
        for index, ride in enumerate(leg.rides):
            if index:
                ready += ride.walk_minutes + CHANGE_MINUTES
            ready = self._ride(number, index, ride, ready)
        return ready + max(leg.last_walk_minutes, last or 0)

    def _walks(self, number: int, leg: Leg) -> tuple[int | None, int | None]:
        """Returns the minutes of the walks at the ends of a leg as they are known now; None where
        nothing else is known than what was planned. Of a leg without rides the first one is it."""
        access = self.bus.access(self._nodes)
        one, other = number, number + 1
        if not leg.rides:
            walk = access.walks[one][other]
            return (walk if walk < NEVER else None), None
        stops = self.bus.planned.stops
        ends = []
        for node, stop_id in ((one, leg.rides[0].from_stop_id), (other, leg.rides[-1].to_stop_id)):
            near = [m for index, m in access.stops[node] if stops[index].stop_id == stop_id]
            ends.append(min(near, default=None))
        return ends[0], ends[1]

    @property
    def _nodes(self) -> list[Node]:
        plan = self.plan
        return [
            Node(plan.start.place_id, plan.start.location),
            *(Node(visit.place_id, visit.location) for visit in plan.visits),
            Node(plan.end.place_id, plan.end.location),
        ]

    def _ride(self, leg: int, index: int, ride: PlannedRide, ready: int) -> int:
        """Notes what became of a ride. Returns when one is at its end; as planned where it goes no
        more, for what is to be done about that is another question."""
        going = timetabled(self.bus).find(ride)
        over = (going.arrive_minute if going else ride.arrive_minute) <= self.minute
        if going is None or going.canceled:
            if not over:
                self.found.append(self._gone(leg, index, ride, going))
            return ride.arrive_minute
        if over:
            return going.arrive_minute
        effect = self._moved(leg, index, ride, going)
        missed = ready - going.depart_minute
        if missed > 0 and going.depart_minute > self.minute:
            if effect is None or effect.trouble is not RideTrouble.EARLIER:
                effect = self._effect(leg, index, ride, RideTrouble.MISSED, going)
                effect = replace(effect, minutes=missed)
            effect = replace(effect, holds=False)
        if effect is not None:
            self.found.append(effect)
        return going.arrive_minute

    def _gone(self, leg: int, index: int, ride: PlannedRide, going: Going | None) -> RideEffect:
        if going is not None:
            effect = self._effect(leg, index, ride, RideTrouble.CANCELED, None)
            return replace(effect, live=True)
        why = self.bus.network.suspended.get(ride.timetable_id)
        if why is None:
            return self._effect(leg, index, ride, RideTrouble.GONE, None)
        effect = self._effect(leg, index, ride, RideTrouble.SUSPENDED, None)
        return replace(effect, notes=why)

    def _moved(self, leg: int, index: int, ride: PlannedRide, going: Going) -> RideEffect | None:
        """Returns how a ride differs from the planned one; None for not at all."""
        by = going.depart_minute - ride.depart_minute or going.arrive_minute - ride.arrive_minute
        if by:
            trouble = RideTrouble.LATER if by > 0 else RideTrouble.EARLIER
            effect = self._effect(leg, index, ride, trouble, going)
            return replace(effect, minutes=abs(by), holds=True)
        run = self.bus.planned.runs[going.run].run_id
        basis, _ = self.bus.network.runs.get(run, RunFacts()).basis_on(self.plan.trip.day)
        if ride.basis is TimeBasis.CONFIRMED and basis is not TimeBasis.CONFIRMED:
            effect = self._effect(leg, index, ride, RideTrouble.UNCONFIRMED, going)
            return replace(effect, holds=True)
        return None

    def _effect(
        self, leg: int, index: int, ride: PlannedRide, trouble: RideTrouble, going: Going | None
    ) -> RideEffect:
        return RideEffect(
            leg, index, trouble, ride.timetable_id, ride.line_names, ride.from_names,
            ride.to_names, ride.depart_minute, going.depart_minute if going else None,
            going.arrive_minute if going else None, live=bool(going and going.live),
        )  # fmt: skip

    def _visit(self, visit: PlannedVisit, arrive: int) -> None:
        """Has the party visit something, as long as planned."""
        stay = visit.end_minute - visit.start_minute
        if visit.start_minute <= self.minute and arrive <= visit.start_minute:
            self.clock = visit.leave_minute
            return
        begin = max(arrive, visit.start_minute)
        wish = self.plan.trip.wish_for(visit.poi_id)
        late = begin > visit.start_minute
        fits = any(
            span.open_minute <= begin <= span.last_entry_minute
            and begin + stay <= span.close_minute
            for span in visit.spans
        )
        if late and (wish.start_minute is not None or not fits):
            self._blame(visit.poi_id)
            begin = visit.start_minute
        self.clock = begin + stay + visit.pause_minutes

    def _blame(self, poi_id: str) -> None:
        """Says of the latest ride that is late that something cannot be reached any more."""
        for number in range(len(self.found) - 1, -1, -1):
            effect = self.found[number]
            if effect.trouble in (RideTrouble.LATER, RideTrouble.MISSED):
                self.found[number] = replace(effect, holds=False, poi_id=effect.poi_id or poi_id)
                return
