"""An itinerary as a page needs it: one line after the other, in the visitor's words."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge import sketch
from services.edge.closures import REASONS
from services.edge.listed import listed
from services.edge.plan import (
    beside,
    cycles,
    empty_day,
    lunch,
    money,
    riding,
    spare_time,
    walking,
    words,
)
from services.edge.plan import troubles as told_troubles
from services.edge.plan.clock import Clock, has_begun, is_over
from services.edge.plan.live import mark_of
from services.edge.plan.minutes import MINUTES_OF_A_DAY
from services.edge.plan.open_hours import hours
from services.edge.plan.pins import pin_of
from services.edge.plan.rides import RideLine, lines_of, missed_of
from services.edge.plan.shown import Change, DayPage, Missed, Move, Stay
from services.edge.plan.texts import Told, native, told
from services.edge.until import until_words

SHOWN_LEFT_OUT = 8  # the rest is folded away
LONGEST_STAY = 240  # minutes on the slider
# What a tap can bring in; the others are closed, unknown or in already.
_CAN_COME_IN = frozenset({
    pb.WHY_OUT_NOT_ENOUGH_TIME, pb.WHY_OUT_NOT_WORTH_THE_WAY, pb.WHY_OUT_NEVER_ASKED_FOR,
    pb.WHY_OUT_SAME_AS_CHOSEN, pb.WHY_OUT_RESERVATION_ONLY, pb.WHY_OUT_TOO_FAR_ON_FOOT,
    pb.WHY_OUT_CROWDED,
    pb.WHY_OUT_TOO_MUCH_WALKING, pb.WHY_OUT_PATHS_TOO_HARD, pb.WHY_OUT_PATHS_UNKNOWN,
    pb.WHY_OUT_TOO_FAR_BY_CYCLE,
})  # fmt: skip
_CHANGED: Mapping[int, Any] = {
    pb.CHANGE_CAUSE_CLOSURE: lambda: _("Your day was planned around a closure"),
    pb.CHANGE_CAUSE_WISH: lambda: _("Your day is changed"),
    pb.CHANGE_CAUSE_UNDO: lambda: _("Your day is as it was before"),
    pb.CHANGE_CAUSE_TIMETABLE: lambda: _("Your day follows the new timetable"),
    pb.CHANGE_CAUSE_DELAY: lambda: _("Your day was planned around a late or canceled bus"),
    pb.CHANGE_CAUSE_LATE: lambda: _("The rest of your day is planned anew"),
}
# A place to sleep; fireworks of another month.
_UNTOLD = frozenset({pb.WHY_OUT_NOT_A_VISIT, pb.WHY_OUT_NOT_HELD_THAT_DAY})
# What could have been in comes first; what nobody expected, last.
_LESS_MISSED: Mapping[int, int] = {
    pb.WHY_OUT_CLOSURE: -1,
    pb.WHY_OUT_CLOSED_THAT_DAY: 1, pb.WHY_OUT_ESTIMATED_POINT_ON_FOOT: 1, pb.WHY_OUT_NO_POINT: 1,
    pb.WHY_OUT_NO_BUS: 1, pb.WHY_OUT_HOURS_UNKNOWN: 1, pb.WHY_OUT_TOO_FAR_ON_FOOT: 1,
    pb.WHY_OUT_RESERVATION_ONLY: 2, pb.WHY_OUT_SAME_AS_CHOSEN: 2, pb.WHY_OUT_NEVER_ASKED_FOR: 3,
    pb.WHY_OUT_ANOTHER_DAY: 3, pb.WHY_OUT_TOO_FAR_BY_CYCLE: 1,
}  # fmt: skip


def build(itinerary: pb.Itinerary, locale: str) -> DayPage:
    """Returns the page of an itinerary in a locale."""
    return _Builder(itinerary, locale).page()


class _Builder:
    def __init__(self, itinerary: pb.Itinerary, locale: str) -> None:
        self._it, self._locale = itinerary, locale
        self._clock = Clock(itinerary.time_zone)
        self._names: dict[str, Mapping[str, str]] = {
            **{left.poi_id: left.names for left in itinerary.left_out},
            **{visit.poi_id: visit.names for visit in itinerary.visits},
        }
        self._fixed = {
            wish.poi_id for wish in itinerary.trip.visit_wishes if wish.HasField("start_minute")
        }
        self._over = is_over(itinerary)
        self._closed = {effect.poi_id: effect.reason for effect in itinerary.effects}

    def page(self) -> DayPage:
        it = self._it
        told_out = [left for left in it.left_out if left.must_visit or left.why not in _UNTOLD]
        told_out.sort(key=lambda left: (not left.must_visit, _LESS_MISSED.get(left.why, 0)))
        missed = [self._missed(left) for left in told_out]
        first = [each for each in missed if each.must]
        count = max(SHOWN_LEFT_OUT, len(first))
        stays = [self._stay(number) for number in range(len(it.visits))]
        home = self._move(it.legs[-1]) if it.legs else None
        moves = [stay.move for stay in stays if stay.move] + ([home] if home else [])
        rides = [ride for move in moves for ride in move.rides]
        return DayPage(
            itinerary=it,
            day=datetime.fromisoformat(it.trip.visit_date),
            depart=self._clock.of(it.depart_time),
            finish=self._clock.of(it.finish_time),
            start=self._end_name(it.start),
            end=self._end_name(it.end),
            stays=stays,
            home=home,
            missed=missed[:count],
            more_missed=missed[count:],
            troubles=told_troubles.of(it, lambda poi_id: self._name(poi_id).text, self._locale),
            # A sight that also rents the cycles is hit twice, and told once.
            effects=list(dict.fromkeys(self._effect(effect) for effect in it.effects)),
            closed_ends=self._closed_ends(),
            map=self._map(),
            travel=words.duration(it.total_travel_minutes),
            any_estimate=any(leg.from_estimated_point for leg in it.legs),
            way_icon=cycles.icon_of(it.trip.mode),
            hills=it.trip.mode in (pb.TRAVEL_MODE_FOOT, pb.TRAVEL_MODE_CYCLE),
            rides=rides,
            unsure_phones=self._unsure_phones(rides),
            if_missed=missed_of(it, self._clock, self._locale),
            mark=mark_of(it),
            over=self._over,
            change=self._change() if it.HasField("latest_change") else None,
            on_foot_in_all=words.duration(it.total_walk_minutes) if rides else "",
            can_walk_less=walking.can_be_less(it),
            walks_little=walking.is_limited(it),
            money=money.of(it),
            lunch_button=lunch.button_of(it.trip),
            ride_effects=riding.sentences(it.ride_effects, self._names, self._clock, self._locale),
            rides_work=riding.all_works(it.ride_effects),
            needs_repair=it.needs_repair,
            messages=riding.messages(it, self._locale),
            as_told=riding.as_told(it, self._clock),
            late_choices=riding.late_choices(it),
            beside=beside.of(it),
            renting=cycles.renting(it, self._clock, self._locale),
            empty=empty_day.reasons(it),
        )

    def _unsure_phones(self, rides: Iterable[RideLine]) -> list[tuple[Told, str, str]]:
        """Operators to call before one relies on their times: name, name in Japanese, number."""
        unsure = (ride for ride in rides if not ride.sure)
        return list(dict.fromkeys((r.operator, r.native_operator, r.phone) for r in unsure))

    def _name(self, poi_id: str) -> Told:
        return told(self._names.get(poi_id, {}), self._locale, poi_id)

    def _end_name(self, point: pb.EndPoint) -> Told:
        return told(point.names, self._locale, point.place_id or _("Your own point"))

    def _move(self, leg: pb.Leg) -> Move | None:
        if leg.travel_minutes == 0:
            return None
        if leg.rides:
            last = leg.rides[-1].arrive_time
            minutes = leg.last_walk_minutes
            walk = listed((_("On foot"), words.duration(minutes)), self._locale) if minutes else ""
            rides = lines_of(leg, self._clock, self._locale, self._now_of(leg))
            return Move(self._clock.of(last), walk, rides)
        how = cycles.how(self._it.trip.mode)
        rough = "≈ " if leg.from_estimated_point else ""
        parts = [how, f"{rough}{words.duration(leg.travel_minutes)}"]
        if leg.distance_m:
            parts.append(words.distance(leg.distance_m))
        parts += [climb] if (climb := cycles.climb_of(leg)) else []
        text = listed(parts, self._locale)
        return Move(self._clock.of(leg.depart_time), text)

    def _now_of(self, leg: pb.Leg) -> dict[int, str]:
        """When rides of a leg leave now, by their number, where that is not as planned."""
        number = list(self._it.legs).index(leg)
        return {
            effect.ride: self._clock.of(effect.depart_time)
            for effect in self._it.ride_effects
            if effect.leg == number and effect.HasField("depart_time")
            and effect.depart_time != effect.planned_depart_time
        }  # fmt: skip

    def _stay(self, index: int) -> Stay:
        visit, leg = self._it.visits[index], self._it.legs[index]
        name = self._name(visit.poi_id)
        stay_s = visit.end_time.seconds - visit.start_time.seconds
        pause_clock, pause = lunch.pause_of(visit, self._clock)
        spare_clock, spare = spare_time.after(self._it, index, self._clock)
        return Stay(
            number=index + 1,
            move=self._move(leg),
            clock=self._clock.of(visit.arrive_time),
            leave=self._clock.of(visit.end_time),
            name=name,
            category=str(words.CATEGORIES.get(visit.category, "")),
            minutes=words.duration(stay_s // 60),
            waiting=_waiting(visit, self._clock),
            slack=words.duration(visit.slack_minutes) if visit.slack_minutes > 0 else "",
            fee=self._fee(visit),
            fee_note=told(visit.texts.fee_note, self._locale),
            why=[words.why_in(reason) for reason in visit.reasons],
            recommended=self._recommended(visit),
            crowd=self._crowd(visit),
            crowd_ok=visit.crowd.level == pb.CROWD_LEVEL_QUIETER_TIME,
            summary=told(visit.texts.summary, self._locale),
            access=told(visit.texts.access_note, self._locale),
            payment=told(visit.texts.payment_note, self._locale),
            ask_first=visit.status
            in (pb.POI_STATUS_CHECK_BEFORE_USE, pb.POI_STATUS_RESERVATION_ONLY)
            or "opening" in visit.estimated_fields,
            phone=visit.phone,
            estimated=visit.location.quality != pb.POINT_QUALITY_SOURCE,
            hours=hours(visit.open_spans),
            closed=self._shut(visit.poi_id),
            poi_id=visit.poi_id,
            begin=self._clock.of(visit.start_time),
            begin_padded=self._clock.of(visit.start_time).zfill(5),
            stay=stay_s // 60,
            most=max(LONGEST_STAY, stay_s // 60),
            fixed=visit.poi_id in self._fixed,
            must=visit.poi_id in self._it.trip.must_poi_ids,
            done=self._over or has_begun(visit),
            paths=walking.paths_of(visit.paths, asked=bool(self._it.trip.ease)),
            pause_clock=pause_clock,
            pause=pause,
            lunch=lunch.place_of(visit),
            spare_clock=spare_clock,
            spare=spare,
            native=native(visit.names, name),
        )

    def _recommended(self, visit: pb.PlannedVisit) -> Told:
        notes = [each.note for each in visit.reasons if each.why == pb.WHY_IN_RECOMMENDED]
        return told(notes[0] if notes else {}, self._locale)

    def _crowd(self, visit: pb.PlannedVisit) -> str:
        text = str(words.CROWDS.get(visit.crowd.level, ""))
        if visit.crowd.HasField("quieter_from_time"):
            clock = self._clock.of(visit.crowd.quieter_from_time)
            return f"{text} {_('From %(clock)s on there is room.', clock=clock)}"
        return text

    def _shut(self, poi_id: str) -> str:
        reason = self._closed.get(poi_id, "")
        return str(_("No longer offered") if reason == words.RETIRED else REASONS.get(reason, ""))

    def _fee(self, visit: pb.PlannedVisit) -> str:
        if visit.fee_unknown and not visit.fee_amount_yen:
            return str(_("Fee not known"))
        if not visit.fee_amount_yen:
            return str(_("Free"))
        yen = f"¥{visit.fee_amount_yen:,}"
        return str(_("%(yen)s and more", yen=yen)) if visit.fee_unknown else yen

    def _missed(self, left: pb.LeftOut) -> Missed:
        why = words.why_out(left.why, left.missing_minutes, left.closure_reason)
        takes = left.why in _CAN_COME_IN
        if left.why == pb.WHY_OUT_ANOTHER_DAY:
            takes, why = not left.other_date, beside.why_out(left)
        return Missed(
            self._name(left.poi_id), why, told(left.closed_note, self._locale), left.must_visit,
            left.poi_id,
            takes=takes and not left.must_visit and not self._over,
        )  # fmt: skip

    def _change(self) -> Change:
        change = self._it.latest_change

        def named(pois: Iterable[pb.NamedPoi]) -> str:
            names = (told(poi.names, self._locale, poi.poi_id).text for poi in pois)
            return listed(names, self._locale)

        closed = []
        for effect in change.closures:
            poi = next((p for p in change.dropped if p.poi_id == effect.poi_id), None)
            name = told(poi.names, self._locale).text if poi else self._name(effect.poi_id).text
            closed.append(self._effect_of(effect, name))
        named_now = {**{poi.poi_id: poi.names for poi in change.dropped}, **self._names}
        if change.cause == pb.CHANGE_CAUSE_LATE:
            closed += riding.said_late(self._it, self._clock, self._locale)
        closed += riding.sentences(change.rides, named_now, self._clock, self._locale)
        return Change(
            title=str(_CHANGED.get(change.cause, _CHANGED[pb.CHANGE_CAUSE_WISH])()),
            closures=list(dict.fromkeys(closed)),
            added=named(change.added), dropped=named(change.dropped), moved=named(change.moved),
            undoable=change.undoable, undone=change.cause == pb.CHANGE_CAUSE_UNDO,
            other_rides=bool(change.rides),
        )  # fmt: skip

    def _effect(self, effect: pb.Effect) -> str:
        return self._effect_of(effect, self._name(effect.poi_id).text)

    def _effect_of(self, effect: pb.Effect, name: str) -> str:
        if effect.reason == words.RETIRED:
            return str(_("%(name)s is no longer offered.", name=name))
        why = REASONS.get(effect.reason, REASONS["other"])
        if effect.HasField("until_time"):
            until = until_words(effect.until_time.ToDatetime(tzinfo=UTC))
            return str(_("%(name)s is closed %(until)s: %(why)s", name=name, until=until, why=why))
        return str(_("%(name)s is closed until further notice: %(why)s", name=name, why=why))

    def _closed_ends(self) -> list[str]:
        ends = {point.place_id: point for point in (self._it.start, self._it.end)}
        return [
            str(
                _("%(name)s is closed at that time: %(why)s. You can meet in front of it, "
                  "but not go in.", name=self._end_name(point).text,
                  why=REASONS.get(point.closure_reason, REASONS["other"]))
            )
            for point in ends.values()
            if point.closure_reason and point.place_id != self._it.rental.place_id
        ]  # fmt: skip

    def _map(self) -> sketch.Sketch | None:
        it = self._it
        if not it.visits:
            return None
        visits = [
            pin_of(visit.location, str(number), self._name(visit.poi_id).text, "visit")
            for number, visit in enumerate(it.visits, start=1)
        ]
        start = pin_of(it.start.location, "", self._end_name(it.start).text, "end")
        end = pin_of(it.end.location, "", self._end_name(it.end).text, "end")
        line = [pin for pin in (start, *visits, end) if pin]
        ends = [pin for pin in (start, end if end != start else None) if pin]
        return sketch.draw([*ends, *(pin for pin in visits if pin)], line)


def _waiting(visit: pb.PlannedVisit, at: Clock) -> str:
    """Returns why a party that is there waits; "" where it does not. Before a fixed time or a lunch
    it may wait at a place that is open."""
    if not visit.waiting_minutes:
        return ""
    time, there = words.duration(visit.waiting_minutes), at.local(visit.arrive_time)
    there_minute = there.hour * 60 + there.minute
    for minute in (there_minute, there_minute + MINUTES_OF_A_DAY):
        if any(span.open_minute <= minute < span.close_minute for span in visit.open_spans):
            begin = at.of(visit.start_time)
            return str(_("%(time)s to spare: you begin at %(clock)s.", time=time, clock=begin))
    return str(_("Opens later: %(time)s to wait.", time=time))
