"""Addresses of GTFS-Realtime on the wire, and what operators tell on the day itself."""

from datetime import datetime

from meguri.itinerary.v1 import itinerary_service_pb2 as words
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.itinerary.app.riding import LiveNow, OperatorMessage
from services.itinerary.domain.live import LiveAddress, LiveKind
from services.itinerary.wire.words import number, timestamp


def urls_of(request: pb.SetLiveAddressesRequest) -> dict[LiveKind, str]:
    """Decodes the addresses of a feed."""
    return {
        LiveKind.RUNS: request.runs_url,
        LiveKind.ALERTS: request.alerts_url,
        LiveKind.VEHICLES: request.vehicles_url,
    }


def address_message(address: LiveAddress, now: datetime) -> pb.LiveAddress:
    """Encodes an address with what became of asking it."""
    told = address.told
    return pb.LiveAddress(
        kind=number(pb.LiveKind, "LIVE_KIND", address.kind),
        url=address.url,
        answer_time=timestamp(address.answer_time),
        told_time=timestamp(address.told_time),
        stale=address.told_time is not None and address.is_stale(now),
        fault=address.fault,
        fault_count=address.fault_count,
        run_count=len(told.runs),
        canceled_count=sum(run.canceled for run in told.runs),
        alert_count=len(told.alerts),
        vehicle_count=told.vehicles,
        ignored_count=told.ignored,
        refused_count=told.refused,
    )


def message_message(message: OperatorMessage) -> words.OperatorMessage:
    """Encodes a message of an operator."""
    return words.OperatorMessage(
        timetable_id=message.timetable_id, titles=dict(message.titles), texts=dict(message.texts)
    )


def state_message(state: LiveNow) -> words.LiveState:
    """Encodes whether an operator tells of its delays."""
    return words.LiveState(
        timetable_id=state.timetable_id, told_time=timestamp(state.told_time), stale=state.stale
    )
