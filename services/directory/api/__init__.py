"""The gRPC door of the directory: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.pure.errors import InvalidFields
from kit.roles import ADMINS, ASSOCIATION, EVERYBODY, PROGRAMS, REVIEWERS, STAFF
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc
from services.directory import wire
from services.directory.api.own_login import OwnLoginMethods
from services.directory.api.request_keys import key_without_secret
from services.directory.app import areas, devices, places, users
from services.directory.app.deps import Deps
from services.directory.domain.area import AreaNotDemo, HostTaken
from services.directory.domain.place import ClosureOver, CoordinateQuality, PlaceKind
from services.directory.domain.user import (
    DeviceUnusable,
    FirstPasswordEnded,
    LoginNameTaken,
    PasswordTooEasy,
    PasswordWrong,
    SessionOver,
    SignInRefused,
    TooManyAttempts,
)

ALLOWED: Allowed = {
    "ListAreas": ADMINS | PROGRAMS,
    "ReadArea": EVERYBODY,
    "ConfigureArea": ADMINS,
    "ChangeAreaLocales": REVIEWERS,
    "DropArea": ADMINS,
    "ListPlaces": EVERYBODY,
    "RecordPlaces": ADMINS,
    "AddStopPlace": ASSOCIATION,
    "AddPoiPlaces": ASSOCIATION,
    "RenameStopPlace": ASSOCIATION,
    "PinPlace": ASSOCIATION,
    "ClosePlace": ASSOCIATION,
    "ReopenPlace": ASSOCIATION,
    "ListClosures": EVERYBODY,
    "CreateUser": ADMINS,
    "ChangeUser": ADMINS,
    "ListUsers": ADMINS,
    "ListColleagues": ASSOCIATION,
    "SignIn": PROGRAMS,
    "ReadSession": PROGRAMS,
    "SignOut": PROGRAMS,
    "ChangeOwnPassword": STAFF,
    "ListOwnSessions": STAFF,
    "EndOtherSessions": STAFF,
    "EndOwnSessions": STAFF,
    "NoteSessionUse": PROGRAMS,
    "EnrollDevice": ADMINS,
    "ReadDevice": ADMINS | PROGRAMS,
    "ListDevices": ADMINS,
    "RevokeDevice": ADMINS,
}

ERRORS: Errors = {
    AreaNotDemo: (grpc.StatusCode.FAILED_PRECONDITION, "AREA_NOT_DEMO"),
    HostTaken: (grpc.StatusCode.ALREADY_EXISTS, "HOST_TAKEN"),
    ClosureOver: (grpc.StatusCode.FAILED_PRECONDITION, "CLOSURE_OVER"),
    LoginNameTaken: (grpc.StatusCode.ALREADY_EXISTS, "LOGIN_NAME_TAKEN"),
    SignInRefused: (grpc.StatusCode.UNAUTHENTICATED, "SIGN_IN_REFUSED"),
    FirstPasswordEnded: (grpc.StatusCode.UNAUTHENTICATED, "FIRST_PASSWORD_ENDED"),
    TooManyAttempts: (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_ATTEMPTS"),
    PasswordTooEasy: (grpc.StatusCode.FAILED_PRECONDITION, "PASSWORD_TOO_EASY"),
    PasswordWrong: (grpc.StatusCode.FAILED_PRECONDITION, "PASSWORD_WRONG"),
    SessionOver: (grpc.StatusCode.UNAUTHENTICATED, "SESSION_OVER"),
    DeviceUnusable: (grpc.StatusCode.PERMISSION_DENIED, "DEVICE_REVOKED"),
}


class DirectoryApi(OwnLoginMethods, pb_grpc.DirectoryServiceServicer):
    """Answers meguri.directory.v1.DirectoryService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ListAreas(self, request: pb.ListAreasRequest, context: Any) -> pb.ListAreasResponse:
        """Every area of the installation."""
        found = await areas.list_areas(self._deps)
        return pb.ListAreasResponse(areas=[wire.area_message(area) for area in found])

    async def ReadArea(self, request: pb.ReadAreaRequest, context: Any) -> pb.ReadAreaResponse:
        """The caller's area."""
        area = await areas.read_area(self._deps, caller().area)
        return pb.ReadAreaResponse(area=wire.area_message(area))

    async def ConfigureArea(
        self, request: pb.ConfigureAreaRequest, context: Any
    ) -> pb.ConfigureAreaResponse:
        """Creates or changes the caller's area."""
        area = await areas.configure_area(
            self._deps, request_key(request), caller().area, wire.area_value(request.area)
        )
        return pb.ConfigureAreaResponse(area=wire.area_message(area))

    async def ChangeAreaLocales(
        self, request: pb.ChangeAreaLocalesRequest, context: Any
    ) -> pb.ChangeAreaLocalesResponse:
        """Says which languages visitors are offered."""
        area = await areas.change_locales(
            self._deps, request_key(request), caller().area, list(request.locales),
            dict(request.names), request.version,
        )  # fmt: skip
        return pb.ChangeAreaLocalesResponse(area=wire.area_message(area))

    async def DropArea(self, request: pb.DropAreaRequest, context: Any) -> pb.DropAreaResponse:
        """Removes an area: a demonstration, or one whose name was repeated."""
        await areas.drop_area(
            self._deps, request_key(request), caller().area,
            confirmed=request.confirm_area == caller().area,
        )  # fmt: skip
        return pb.DropAreaResponse()

    async def ListPlaces(
        self, request: pb.ListPlacesRequest, context: Any
    ) -> pb.ListPlacesResponse:
        """Places by id."""
        kind = PlaceKind(request.kind) if request.kind else None
        found = await places.list_places(self._deps, caller().area, kind, request.parent_place_id)
        return pb.ListPlacesResponse(places=[wire.place_message(place) for place in found])

    async def RecordPlaces(
        self, request: pb.RecordPlacesRequest, context: Any
    ) -> pb.RecordPlacesResponse:
        """Records many places."""
        try:
            values = [wire.place_value(place) for place in request.places]
        except ValueError as error:
            raise InvalidFields([("places", str(error))]) from error
        found = await places.record_places(
            self._deps, request_key(request), caller().area, values, overwrite=request.overwrite
        )
        return pb.RecordPlacesResponse(
            recorded_count=found.changed, unchanged_count=found.unchanged,
            kept=[wire.names_kept(each) for each in found.kept],
        )  # fmt: skip

    async def AddStopPlace(
        self, request: pb.AddStopPlaceRequest, context: Any
    ) -> pb.AddStopPlaceResponse:
        """Adds a place for a new stop."""
        place = await places.add_stop_place(
            self._deps, request_key(request), caller().area, request.parent_place_id,
            dict(request.names), request.kana,
        )  # fmt: skip
        return pb.AddStopPlaceResponse(place=wire.place_message(place))

    async def AddPoiPlaces(
        self, request: pb.AddPoiPlacesRequest, context: Any
    ) -> pb.AddPoiPlacesResponse:
        """Adds places for new POIs."""
        try:
            values = [wire.place_value(_as_poi(place)) for place in request.places]
        except ValueError as error:
            raise InvalidFields([("places", str(error))]) from error
        new = await places.add_poi_places(
            self._deps, request_key(request), caller().area, values
        )  # fmt: skip
        return pb.AddPoiPlacesResponse(new_place_ids=new)

    async def RenameStopPlace(
        self, request: pb.RenameStopPlaceRequest, context: Any
    ) -> pb.RenameStopPlaceResponse:
        """Gives the place of a stop the names of its stop."""
        place = await places.rename_stop_place(
            self._deps, request_key(request), caller().area, request.place_id,
            dict(request.names), request.kana if request.HasField("kana") else None,
            request.version,
        )  # fmt: skip
        return pb.RenameStopPlaceResponse(place=wire.place_message(place))

    async def PinPlace(self, request: pb.PinPlaceRequest, context: Any) -> pb.PinPlaceResponse:
        """Says where a place is."""
        try:
            quality = CoordinateQuality(request.coordinate_quality)
        except ValueError as error:
            raise InvalidFields([("coordinate_quality", str(error))]) from error
        place, moved = await places.pin_place(
            self._deps, request_key(request), caller().area, request.place_id,
            request.latitude, request.longitude, quality, request.error_m, request.version,
        )  # fmt: skip
        return pb.PinPlaceResponse(place=wire.place_message(place), moved_count=moved)

    async def ClosePlace(
        self, request: pb.ClosePlaceRequest, context: Any
    ) -> pb.ClosePlaceResponse:
        """Shuts a place."""
        closure = await places.close_place(
            self._deps,
            request_key(request),
            caller().area,
            place_id=request.place_id,
            reason=request.reason,
            note=request.note,
            from_time=wire.moment(request.from_time) if request.HasField("from_time") else None,
            until_time=wire.moment(request.until_time) if request.HasField("until_time") else None,
        )
        return pb.ClosePlaceResponse(closure=wire.closure_message(closure))

    async def ReopenPlace(
        self, request: pb.ReopenPlaceRequest, context: Any
    ) -> pb.ReopenPlaceResponse:
        """Ends a closure."""
        closure = await places.reopen_place(
            self._deps, request_key(request), caller().area, request.closure_id
        )
        return pb.ReopenPlaceResponse(closure=wire.closure_message(closure))

    async def ListClosures(
        self, request: pb.ListClosuresRequest, context: Any
    ) -> pb.ListClosuresResponse:
        """Closures, newest first."""
        found = await places.list_closures(
            self._deps, caller().area, include_ended=request.include_ended
        )
        return pb.ListClosuresResponse(closures=[wire.closure_message(each) for each in found])

    async def CreateUser(
        self, request: pb.CreateUserRequest, context: Any
    ) -> pb.CreateUserResponse:
        """Creates a login."""
        user, password = await users.create_user(
            self._deps,
            key_without_secret(request),
            caller().area,
            login_name=request.login_name,
            display_name=request.display_name,
            password=request.password,
            roles=wire.role_values(list(request.roles)),
            shop_place_ids=list(request.shop_place_ids),
        )
        return pb.CreateUserResponse(user=wire.user_message(user), password=password)

    async def ChangeUser(
        self, request: pb.ChangeUserRequest, context: Any
    ) -> pb.ChangeUserResponse:
        """Changes a user."""
        user, password = await users.change_user(
            self._deps,
            key_without_secret(request),
            caller().area,
            user_id=request.user_id,
            version=request.version,
            display_name=request.display_name,
            roles=wire.role_values(list(request.roles)),
            password=request.password,
            make_password=request.make_password,
            disabled=request.disabled,
            shop_place_ids=list(request.shops.shop_place_ids)
            if request.HasField("shops")
            else None,
        )
        return pb.ChangeUserResponse(user=wire.user_message(user), password=password)

    async def ListUsers(self, request: pb.ListUsersRequest, context: Any) -> pb.ListUsersResponse:
        """Users by login name."""
        found = await users.list_users(self._deps, caller().area)
        return pb.ListUsersResponse(users=[wire.user_message(user) for user in found])

    async def ListColleagues(
        self, request: pb.ListColleaguesRequest, context: Any
    ) -> pb.ListColleaguesResponse:
        """Who answers visitors."""
        found = await users.list_users(self._deps, caller().area)
        colleagues = [
            pb.Colleague(
                user_id=user.user_id, display_name=user.display_name, disabled=user.disabled
            )
            for user in sorted(found, key=lambda each: each.display_name)
            if {each.name for each in ASSOCIATION} & {role.name for role in user.roles}
        ]
        return pb.ListColleaguesResponse(colleagues=colleagues)

    async def SignIn(self, request: pb.SignInRequest, context: Any) -> pb.SignInResponse:
        """Opens a session, or half of one."""
        made = await users.sign_in(
            self._deps,
            key_without_secret(request),
            caller().area,
            login_name=request.login_name,
            password=request.password,
            sender=request.sender[:64],
            known_browser=request.known_browser[:64],
        )
        return pb.SignInResponse(
            session_id=made.session_id,
            half_login_id=made.half_login_id,
            user=wire.user_message(made.session.user) if made.session_id else None,
            expire_time=wire.timestamp(made.session.expire_time),
            owes_second_factor=made.session.owes_second_factor,
        )

    async def ReadSession(
        self, request: pb.ReadSessionRequest, context: Any
    ) -> pb.ReadSessionResponse:
        """Who is signed in."""
        session = await users.read_session(self._deps, caller().area, request.session_id)
        return pb.ReadSessionResponse(
            user=wire.user_message(session.user),
            expire_time=wire.timestamp(session.expire_time),
            owes_second_factor=session.owes_second_factor,
            use_time=wire.timestamp(session.use_time),
        )

    async def SignOut(self, request: pb.SignOutRequest, context: Any) -> pb.SignOutResponse:
        """Ends a session."""
        await users.sign_out(self._deps, request_key(request), caller().area, request.session_id)
        return pb.SignOutResponse()

    async def EnrollDevice(
        self, request: pb.EnrollDeviceRequest, context: Any
    ) -> pb.EnrollDeviceResponse:
        """Enrolls a device."""
        device = await devices.enroll_device(
            self._deps, request_key(request), caller().area,
            request.name, request.kind, request.place_id, request.public_key,
        )  # fmt: skip
        return pb.EnrollDeviceResponse(device=wire.device_message(device))

    async def ReadDevice(
        self, request: pb.ReadDeviceRequest, context: Any
    ) -> pb.ReadDeviceResponse:
        """One device that may sign."""
        device = await devices.read_device(self._deps, caller().area, request.device_id)
        return pb.ReadDeviceResponse(device=wire.device_message(device))

    async def ListDevices(
        self, request: pb.ListDevicesRequest, context: Any
    ) -> pb.ListDevicesResponse:
        """All devices."""
        found = await devices.list_devices(self._deps, caller().area)
        return pb.ListDevicesResponse(devices=[wire.device_message(each) for each in found])

    async def RevokeDevice(
        self, request: pb.RevokeDeviceRequest, context: Any
    ) -> pb.RevokeDeviceResponse:
        """Revokes a device."""
        device = await devices.revoke_device(
            self._deps, request_key(request), caller().area, request.device_id
        )
        return pb.RevokeDeviceResponse(device=wire.device_message(device))


def _as_poi(place: pb.Place) -> pb.Place:
    place.kind = pb.PLACE_KIND_POI
    return place
