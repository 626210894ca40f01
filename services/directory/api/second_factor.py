"""The gRPC door of the second factor: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.pure.errors import InvalidFields
from kit.roles import ADMINS, PROGRAMS, STAFF
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.directory.v1 import second_factor_service_pb2 as pb
from meguri.directory.v1 import second_factor_service_pb2_grpc as pb_grpc
from services.directory import wire
from services.directory.api.request_keys import key_without_secret
from services.directory.app import second_factor, second_step
from services.directory.app.deps import Deps
from services.directory.app.second_factor import Own
from services.directory.domain.second_factor import (
    CodeWrong,
    OwnSecondFactor,
    SecondFactorOff,
    SecondFactorOn,
)
from services.directory.domain.user import PasswordWrong, SessionOver, TooManyAttempts

NAME = "meguri.directory.v1.SecondFactorService"

ALLOWED: Allowed = {
    "FinishSignIn": PROGRAMS,
    "GetSecondFactor": STAFF,
    "BeginSecondFactor": STAFF,
    "ConfirmSecondFactor": STAFF,
    "RenewRecoveryCodes": STAFF,
    "EndSecondFactor": STAFF,
    "ResetSecondFactor": ADMINS,
    "GetSecondFactorRule": ADMINS,
    "SetSecondFactorRule": ADMINS,
}

ERRORS: Errors = {
    CodeWrong: (grpc.StatusCode.FAILED_PRECONDITION, "CODE_WRONG"),
    SecondFactorOn: (grpc.StatusCode.FAILED_PRECONDITION, "SECOND_FACTOR_ON"),
    SecondFactorOff: (grpc.StatusCode.FAILED_PRECONDITION, "SECOND_FACTOR_OFF"),
    OwnSecondFactor: (grpc.StatusCode.PERMISSION_DENIED, "OWN_SECOND_FACTOR"),
    PasswordWrong: (grpc.StatusCode.FAILED_PRECONDITION, "PASSWORD_WRONG"),
    TooManyAttempts: (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_ATTEMPTS"),
    SessionOver: (grpc.StatusCode.UNAUTHENTICATED, "SESSION_OVER"),
}


def _own(request: Any) -> Own:
    return Own(caller().principal, request.session_id)


class SecondFactorApi(pb_grpc.SecondFactorServiceServicer):
    """Answers meguri.directory.v1.SecondFactorService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def FinishSignIn(
        self, request: pb.FinishSignInRequest, context: Any
    ) -> pb.FinishSignInResponse:
        """Opens a session by a code."""
        session_id, session, on_paper = await second_step.finish_sign_in(
            self._deps, key_without_secret(request), caller().area,
            half_login_id=request.half_login_id, code=request.code, sender=request.sender[:64],
        )  # fmt: skip
        return pb.FinishSignInResponse(
            session_id=session_id,
            user=wire.user_message(session.user),
            expire_time=wire.timestamp(session.expire_time),
            by_recovery_code=on_paper,
        )

    async def GetSecondFactor(
        self, request: pb.GetSecondFactorRequest, context: Any
    ) -> pb.GetSecondFactorResponse:
        """Whether the caller has one."""
        found = await second_factor.get(self._deps, caller().area, caller().principal)
        return pb.GetSecondFactorResponse(
            begin_time=wire.timestamp(found.begin_time),
            recovery_codes_left=found.codes_left,
            required=found.required,
        )

    async def BeginSecondFactor(
        self, request: pb.BeginSecondFactorRequest, context: Any
    ) -> pb.BeginSecondFactorResponse:
        """A secret for the caller's app."""
        secret = await second_factor.begin(
            self._deps, key_without_secret(request), caller().area, _own(request),
            password=request.current_password,
        )  # fmt: skip
        return pb.BeginSecondFactorResponse(secret=secret)

    async def ConfirmSecondFactor(
        self, request: pb.ConfirmSecondFactorRequest, context: Any
    ) -> pb.ConfirmSecondFactorResponse:
        """Turns it on."""
        made = await second_factor.confirm(
            self._deps, key_without_secret(request), caller().area, _own(request),
            code=request.code,
        )  # fmt: skip
        return pb.ConfirmSecondFactorResponse(recovery_codes=made)

    async def RenewRecoveryCodes(
        self, request: pb.RenewRecoveryCodesRequest, context: Any
    ) -> pb.RenewRecoveryCodesResponse:
        """New codes on paper."""
        made = await second_factor.renew_codes(
            self._deps, key_without_secret(request), caller().area, _own(request),
            password=request.current_password, code=request.code,
        )  # fmt: skip
        return pb.RenewRecoveryCodesResponse(recovery_codes=made)

    async def EndSecondFactor(
        self, request: pb.EndSecondFactorRequest, context: Any
    ) -> pb.EndSecondFactorResponse:
        """Turns it off."""
        await second_factor.end(
            self._deps, key_without_secret(request), caller().area, _own(request),
            password=request.current_password, code=request.code,
        )  # fmt: skip
        return pb.EndSecondFactorResponse()

    async def ResetSecondFactor(
        self, request: pb.ResetSecondFactorRequest, context: Any
    ) -> pb.ResetSecondFactorResponse:
        """Takes that of somebody else."""
        user = await second_factor.reset(
            self._deps, request_key(request), caller().area,
            user_id=request.user_id, version=request.version,
        )  # fmt: skip
        return pb.ResetSecondFactorResponse(user=wire.user_message(user))

    async def GetSecondFactorRule(
        self, request: pb.GetSecondFactorRuleRequest, context: Any
    ) -> pb.GetSecondFactorRuleResponse:
        """Which roles have to have one."""
        roles = await second_step.get_rule(self._deps, caller().area)
        return pb.GetSecondFactorRuleResponse(roles=wire.role_numbers(roles))

    async def SetSecondFactorRule(
        self, request: pb.SetSecondFactorRuleRequest, context: Any
    ) -> pb.SetSecondFactorRuleResponse:
        """Says which roles have to have one."""
        try:
            wanted = wire.role_values(list(request.roles))
        except ValueError as error:
            raise InvalidFields([("roles", str(error))]) from error
        roles = await second_step.set_rule(
            self._deps, request_key(request), caller().area, wanted
        )  # fmt: skip
        return pb.SetSecondFactorRuleResponse(roles=wire.role_numbers(roles))
