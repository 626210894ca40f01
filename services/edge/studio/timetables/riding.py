"""How many kept days ride a timetable: told before somebody suspends, changes or deletes it."""

import grpc

from meguri.itinerary.v1 import timetable_service_pb2 as pb
from meguri.itinerary.v1.timetable_service_pb2_grpc import TimetableServiceStub
from services.edge.clients import stub

DEADLINE_S = 1.5  # the page must come also where it is not known


def count(timetable_id: str) -> pb.PreviewTimetableResponse | None:
    """Returns how many kept days ride a timetable; None where nobody knows, and for a new one."""
    if not timetable_id:
        return None
    asked = pb.PreviewTimetableRequest(timetable_id=timetable_id)
    try:
        return stub(TimetableServiceStub, deadline_s=DEADLINE_S).PreviewTimetable(asked)
    except grpc.RpcError:
        return None
