"""Events said by the directory. It hears nobody: the others point at what it owns."""

from google.protobuf.message import Message

from kit.outbox import Encoders
from meguri.directory.v1 import directory_events_pb2 as pb
from services.directory import wire
from services.directory.domain.area import AreaConfigured, AreaDropped
from services.directory.domain.place import PlaceClosed, PlaceRecorded, PlaceReopened
from services.directory.domain.user import DeviceRevoked, UserChanged


def _closed(event: PlaceClosed) -> Message:
    closure = event.closure
    return pb.PlaceClosed(
        closure_id=closure.closure_id,
        place_id=closure.place_id,
        reason=closure.reason,
        note=closure.note,
        from_time=wire.timestamp(closure.from_time),
        until_time=wire.timestamp(closure.until_time),
        affected_place_ids=event.affected_place_ids,
    )


def _reopened(event: PlaceReopened) -> Message:
    return pb.PlaceReopened(
        closure_id=event.closure.closure_id,
        place_id=event.closure.place_id,
        reopened_time=wire.timestamp(event.closure.reopened_time),
        affected_place_ids=event.affected_place_ids,
    )


def _user_changed(event: UserChanged) -> Message:
    user = wire.user_message(event.user)
    return pb.UserChanged(user_id=user.user_id, roles=user.roles, disabled=user.disabled)


ENCODERS: Encoders = {
    AreaConfigured: lambda event: pb.AreaConfigured(area=wire.area_message(event.settings)),
    AreaDropped: lambda _event: pb.AreaDropped(),
    PlaceRecorded: lambda event: pb.PlaceRecorded(place=wire.place_message(event.place)),
    PlaceClosed: _closed,
    PlaceReopened: _reopened,
    UserChanged: _user_changed,
    DeviceRevoked: lambda event: pb.DeviceRevoked(device_id=event.aggregate_id),
}
