"""Between protobuf and the domain's values; shared by the two doors."""

from collections.abc import Iterable
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from meguri.directory.v1 import directory_service_pb2 as pb
from services.directory.domain.area import Area
from services.directory.domain.place import Closure, CoordinateQuality, NamesKept, Place, PlaceKind
from services.directory.domain.user import Device, Role, User


def timestamp(moment: datetime | None) -> Timestamp | None:
    """Encodes an aware moment; None stays unset."""
    if moment is None:
        return None
    encoded = Timestamp()
    encoded.FromDatetime(moment.astimezone(UTC))
    return encoded


def moment(encoded: Timestamp) -> datetime:
    """Decodes to an aware moment in UTC."""
    return encoded.ToDatetime(tzinfo=UTC)


def area_message(area: Area) -> pb.Area:
    """Encodes an area."""
    return pb.Area(
        area=area.area,
        names=dict(area.names),
        hosts=area.hosts,
        public_url=area.public_url,
        time_zone=area.time_zone,
        locales=area.locales,
        demo=area.demo,
        help_phone=area.help_phone,
        version=area.version,
    )


def area_value(message: pb.Area) -> Area:
    """Decodes an area; host names are taken in lower case."""
    return Area(
        area=message.area,
        names=dict(message.names),
        hosts=tuple(host.lower() for host in message.hosts),
        public_url=message.public_url.rstrip("/"),
        time_zone=message.time_zone,
        locales=tuple(message.locales),
        demo=message.demo,
        help_phone=message.help_phone,
    )


def names_kept(kept: NamesKept) -> pb.NamesKept:
    """Encodes which names a place keeps."""
    return pb.NamesKept(
        index=kept.index, place_id=kept.place_id, name_time=timestamp(kept.name_time),
        names=dict(kept.names), kana=kept.kana,
    )  # fmt: skip


def place_message(place: Place) -> pb.Place:
    """Encodes a place."""
    return pb.Place(
        place_id=place.place_id,
        kind=pb.PlaceKind.ValueType(int(place.kind)),
        parent_place_id=place.parent_place_id,
        names=dict(place.names),
        kana=place.kana,
        latitude=place.latitude,
        longitude=place.longitude,
        coordinate_quality=pb.CoordinateQuality.ValueType(int(place.coordinate_quality)),
        error_m=place.error_m,
        version=place.version,
    )


def place_value(message: pb.Place) -> Place:
    """Decodes a place. Errors: ValueError for a kind or quality that is not in the contract."""
    return Place(
        place_id=message.place_id,
        kind=PlaceKind(message.kind),
        parent_place_id=message.parent_place_id,
        names=dict(message.names),
        kana=message.kana,
        latitude=message.latitude,
        longitude=message.longitude,
        coordinate_quality=CoordinateQuality(message.coordinate_quality),
        error_m=message.error_m,
    )


def closure_message(closure: Closure) -> pb.Closure:
    """Encodes a closure."""
    return pb.Closure(
        closure_id=closure.closure_id,
        place_id=closure.place_id,
        reason=closure.reason,
        note=closure.note,
        from_time=timestamp(closure.from_time),
        until_time=timestamp(closure.until_time),
        reopened_time=timestamp(closure.reopened_time),
        version=closure.version,
    )


def user_message(user: User) -> pb.User:
    """Encodes a user."""
    return pb.User(
        user_id=user.user_id,
        login_name=user.login_name,
        display_name=user.display_name,
        roles=role_numbers(user.roles),
        shop_place_ids=user.shop_place_ids,
        disabled=user.disabled,
        version=user.version,
        second_factor=user.second_factor,
        password_until_time=timestamp(user.password_until),
    )


def role_numbers(roles: Iterable[Role]) -> list[pb.Role.ValueType]:
    """Encodes roles."""
    return [pb.Role.ValueType(int(role)) for role in roles]


def role_values(roles: list[int]) -> list[Role]:
    """Decodes roles. Errors: ValueError for one that is not in the contract."""
    return [Role(role) for role in roles]


def device_message(device: Device) -> pb.Device:
    """Encodes a device."""
    return pb.Device(
        device_id=device.device_id,
        name=device.name,
        kind=device.kind,
        place_id=device.place_id,
        public_key=device.public_key,
        revoked=device.revoked,
        version=device.version,
    )
