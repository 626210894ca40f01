"""What became of the rides of a kept day, asked whenever it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kit.db import Transaction
from services.itinerary.app.deps import Deps
from services.itinerary.domain.bus import bus_day
from services.itinerary.domain.calendar import minute_of_day
from services.itinerary.domain.live import ALERTS_HOLD, LiveAddress, LiveKind
from services.itinerary.domain.plan import DayPlan, PlannedRide, RideEffect
from services.itinerary.domain.riding import ride_effects
from services.itinerary.domain.transit.live import LiveAlert
from services.itinerary.store import live as live_store


@dataclass(frozen=True)
class OperatorMessage:
    """What an operator says of rides of a day. titles, texts: by locale."""

    timetable_id: str
    titles: Mapping[str, str]
    texts: Mapping[str, str]


@dataclass(frozen=True)
class LiveNow:
    """Whether an operator tells of its delays. told_time: None where it never did."""

    timetable_id: str
    told_time: datetime | None
    stale: bool


@dataclass(frozen=True)
class RidesNow:
    """What is known of the rides of a day now. messages, states: on the day itself alone."""

    effects: tuple[RideEffect, ...] = ()
    messages: tuple[OperatorMessage, ...] = ()
    states: tuple[LiveNow, ...] = ()


async def rides_now(deps: Deps, tx: Transaction, plan: DayPlan) -> RidesNow:
    """Returns what is known of the rides of a kept day; nothing of one that is over.

    A day to come that was planned with what runs now costs one small query. tx: must see one
    snapshot.
    """
    if not plan.rides:
        return RidesNow()
    now = deps.clock.now()
    minute = minute_of_day(now, plan.trip.day, plan.time_zone)
    if minute >= max(plan.finish_minute, plan.trip.end_minute):
        return RidesNow()
    effects: tuple[RideEffect, ...] = ()
    if await deps.networks.mark(tx, plan.trip.day, now) != plan.network:
        network = await deps.networks.current(tx, plan.trip.day, now)
        offer = await deps.catalogs.current(tx, now)
        bus = bus_day(
            network,
            offer.places if offer else {},
            plan.trip.day,
            past_midnight=plan.trip.ends_after_midnight,
        )
        effects = ride_effects(plan, bus, minute)
    if minute < 0:
        return RidesNow(effects)
    return RidesNow(effects, await _messages(tx, plan, now), await _states(tx, plan, now))


async def _messages(tx: Transaction, plan: DayPlan, now: datetime) -> tuple[OperatorMessage, ...]:
    told = await live_store.list_told(tx, LiveKind.ALERTS, now - ALERTS_HOLD)
    second = int(now.timestamp())
    return tuple(
        OperatorMessage(feed, alert.titles, alert.texts)
        for feed, (each, _) in told.items()
        for alert in each.alerts
        if alert.holds_at(second) and any(_is_about(alert, feed, ride) for ride in plan.rides)
    )


def _is_about(alert: LiveAlert, feed: str, ride: PlannedRide) -> bool:
    if ride.timetable_id != feed:
        return False
    prefix = f"{feed}/"
    return (
        alert.everything
        or ride.line_id.removeprefix(prefix) in alert.line_ids
        or ride.run_id.removeprefix(prefix) in alert.run_ids
        or ride.from_stop_id.removeprefix(prefix) in alert.stop_ids
        or ride.to_stop_id.removeprefix(prefix) in alert.stop_ids
    )


async def _states(tx: Transaction, plan: DayPlan, now: datetime) -> tuple[LiveNow, ...]:
    feeds = sorted({ride.timetable_id for ride in plan.rides})
    told = await live_store.list_states(tx, feeds)
    return tuple(
        LiveNow(feed, at, LiveAddress(feed, LiveKind.RUNS, "", told_time=at).is_stale(now))
        for feed, at in told.items()
    )
