"""The gRPC door of one's own login, as part of the directory's: decode, call, encode."""

from typing import Any

from kit.rpc import caller, request_key
from meguri.directory.v1 import directory_service_pb2 as pb
from services.directory import wire
from services.directory.api.request_keys import key_without_secret
from services.directory.app import own_login
from services.directory.app.deps import Deps


class OwnLoginMethods:
    """Methods of DirectoryService about the caller's own login and sessions."""

    _deps: Deps

    async def ChangeOwnPassword(
        self, request: pb.ChangeOwnPasswordRequest, context: Any
    ) -> pb.ChangeOwnPasswordResponse:
        """Another password for the caller."""
        ended = await own_login.change_own_password(
            self._deps, key_without_secret(request), caller().area, user_id=caller().principal,
            session_id=request.session_id, current=request.current_password,
            new=request.new_password,
        )  # fmt: skip
        return pb.ChangeOwnPasswordResponse(ended_count=ended)

    async def ListOwnSessions(
        self, request: pb.ListOwnSessionsRequest, context: Any
    ) -> pb.ListOwnSessionsResponse:
        """Where the caller is signed in."""
        found = await own_login.list_own_sessions(
            self._deps, caller().area, user_id=caller().principal, session_id=request.session_id
        )
        sessions = [
            pb.OwnSession(
                begin_time=wire.timestamp(each.begin_time), asking=each.asking,
                expire_time=wire.timestamp(each.kept.expire_time), part=each.kept.part,
                use_time=wire.timestamp(each.kept.use_time), handle=each.kept.handle,
            )
            for each in found
        ]  # fmt: skip
        return pb.ListOwnSessionsResponse(sessions=sessions)

    async def EndOtherSessions(
        self, request: pb.EndOtherSessionsRequest, context: Any
    ) -> pb.EndOtherSessionsResponse:
        """Ends what else is open."""
        ended = await own_login.end_other_sessions(
            self._deps, request_key(request), caller().area, user_id=caller().principal,
            session_id=request.session_id,
        )  # fmt: skip
        return pb.EndOtherSessionsResponse(ended_count=ended)

    async def EndOwnSessions(
        self, request: pb.EndOwnSessionsRequest, context: Any
    ) -> pb.EndOwnSessionsResponse:
        """Ends one, or what else is open."""
        ended = await own_login.end_own_sessions(
            self._deps, key_without_secret(request), caller().area, user_id=caller().principal,
            session_id=request.session_id, password=request.current_password,
            handle=request.handle,
        )  # fmt: skip
        return pb.EndOwnSessionsResponse(ended_count=ended)

    async def NoteSessionUse(
        self, request: pb.NoteSessionUseRequest, context: Any
    ) -> pb.NoteSessionUseResponse:
        """Notes that a session is used."""
        await own_login.note_use(
            self._deps, request_key(request), caller().area, session_id=request.session_id,
            part=request.part, counts=request.counts,
        )  # fmt: skip
        return pb.NoteSessionUseResponse()
