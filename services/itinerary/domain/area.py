"""The lives of an area: it may be dropped and made anew, and events may come late."""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True)
class AreaState:
    """What is known of an area.

    time_zone None: not told yet, or dropped. said_time: of the newest settings. dropped_time: of
    the newest drop; what was said before it is of an earlier life.
    """

    time_zone: str | None = None
    version: int = 0
    said_time: datetime | None = None
    dropped_time: datetime | None = None

    def outlived(self, said_time: datetime) -> bool:
        """Tells whether something was said in an earlier life of the area."""
        return self.dropped_time is not None and said_time <= self.dropped_time


@dataclass(frozen=True)
class AreaChange:
    """The state after an event. wipe_until: what was said up to then is of an earlier life."""

    state: AreaState
    wipe_until: datetime | None = None


def configured(state: AreaState, time_zone: str, version: int, at: datetime) -> AreaChange:
    """Returns what settings said at a time change.

    Versions start again at 1 in an area made anew: newer settings of a version already known mean
    that its drop is still under way.
    """
    if state.outlived(at):
        return AreaChange(state)
    fresh = replace(state, time_zone=time_zone, version=version, said_time=at)
    if state.time_zone is None or version > state.version:
        return AreaChange(fresh)
    if state.said_time is not None and at <= state.said_time:
        return AreaChange(state)
    return AreaChange(fresh, wipe_until=at)


def dropped(state: AreaState, at: datetime) -> AreaChange:
    """Returns what a drop said at a time changes; a late one leaves an area made anew alone."""
    if state.outlived(at):
        return AreaChange(state)
    if state.said_time is not None and state.said_time > at:
        return AreaChange(replace(state, dropped_time=at), wipe_until=at)
    return AreaChange(AreaState(dropped_time=at), wipe_until=at)
