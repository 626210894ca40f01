"""What a GTFS-Realtime message holds, as the program that read it says."""

import msgspec

from services.itinerary.domain.transit.live import LiveAlert, LiveRun


class LiveReply(msgspec.Struct):
    """What is in a message, or why nothing of it can be used.

    told_time: of the message as it says of itself, seconds since 1970, 0 for not said. ignored:
    runs that no timetable has. refused: entities that cannot be used. vehicles: how many positions
    there are; none of them is kept. broke: the name of a failure of ours.
    """

    told_time: int = 0
    runs: tuple[LiveRun, ...] = ()
    alerts: tuple[LiveAlert, ...] = ()
    ignored: int = 0
    refused: int = 0
    vehicles: int = 0
    reason: str = ""
    broke: str = ""
