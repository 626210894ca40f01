"""Time that is left between two visits of a day."""

from flask_babel import gettext as _
from google.protobuf.timestamp_pb2 import Timestamp

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.edge.plan import words
from services.edge.plan.clock import Clock

LEAST_MINUTES = 5  # less is none that anybody has


def after(itinerary: pb.Itinerary, index: int, at: Clock) -> tuple[str, str]:
    """Returns from when there is time after a visit, or the break that follows it, before the
    party goes on, and what is said of it; twice "" for none."""
    if index + 1 >= len(itinerary.legs):
        return "", ""
    visit, leaving = itinerary.visits[index], itinerary.legs[index + 1].depart_time
    free_s = visit.end_time.seconds + visit.pause_minutes * 60
    minutes = (leaving.seconds - free_s) // 60
    if minutes < LEAST_MINUTES:
        return "", ""
    said = _("%(time)s to spare", time=words.duration(minutes))
    return at.of(Timestamp(seconds=free_s)), str(said)
