"""The part of the gRPC door for the opt-out list and for what others hear."""

from typing import Any

from kit.pure.errors import InvalidFields
from kit.rpc import caller, request_key
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from meguri.visitor_sense.v1 import visitor_sense_service_pb2_grpc as stubs
from services.visitor_sense.app import calibrations, forecasts, gadgets, meraki, noise, optouts
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.domain import gadgets as rules
from services.visitor_sense.gateways import sign
from services.visitor_sense.wire import (
    forecast_message,
    gadget_hours_message,
    moment_of,
    noise_message,
    privacy_message,
    stamp_of,
)


class Others(stubs.VisitorSenseServiceServicer):
    """Methods of VisitorSenseService, see the contract."""

    def __init__(self, deps: Deps, receiver: meraki.Receiver) -> None:
        self._deps, self._receiver = deps, receiver

    async def _privacy(self) -> wire.PrivacyParameters:
        """Returns the parameters of privacy of the caller's area."""
        return privacy_message(await noise.read_noise(self._deps, caller().area))

    async def SetNoise(self, request: wire.SetNoiseRequest, context: Any) -> wire.SetNoiseResponse:
        """See the contract."""
        first, budget = await noise.set_noise(
            self._deps, caller().area, request_key(request), request.epsilon_per_day
        )
        return wire.SetNoiseResponse(
            from_date=first.isoformat(), noise=noise_message(budget) if budget else None
        )

    async def AddOptOut(
        self, request: wire.AddOptOutRequest, context: Any
    ) -> wire.AddOptOutResponse:
        """See the contract."""
        entry_id = await optouts.add_opt_out(
            self._deps, caller().area, request_key(request), request.address
        )
        return wire.AddOptOutResponse(entry_id=entry_id)

    async def RemoveOptOut(
        self, request: wire.RemoveOptOutRequest, context: Any
    ) -> wire.RemoveOptOutResponse:
        """See the contract."""
        removed = await optouts.remove_opt_out(
            self._deps, caller().area, request_key(request), request.address_or_entry_id
        )
        return wire.RemoveOptOutResponse(removed=removed)

    async def ListOptOuts(
        self, request: wire.ListOptOutsRequest, context: Any
    ) -> wire.ListOptOutsResponse:
        """See the contract."""
        found = await optouts.list_opt_outs(self._deps, caller().area)
        return wire.ListOptOutsResponse(
            entries=[
                wire.OptOut(
                    entry_id=each.entry_id, add_time=stamp_of(each.add_time), readable=each.readable
                )
                for each in found
            ]
        )

    async def NoteCountedHours(
        self, request: wire.NoteCountedHoursRequest, context: Any
    ) -> wire.NoteCountedHoursResponse:
        """See the contract."""
        counts = calibrations.hours_once(
            (moment_of("counts.hour_start_time", one.hour_start_time), one.persons)
            for one in request.counts
        )
        noted = await calibrations.note_counts(
            self._deps, caller().area, request_key(request), request.zone_id, counts
        )
        return wire.NoteCountedHoursResponse(hour_count=noted)

    async def EnrollMeraki(
        self, request: wire.EnrollMerakiRequest, context: Any
    ) -> wire.EnrollMerakiResponse:
        """See the contract."""
        await meraki.enroll_network(
            self._deps, caller().area, request_key(request), request.sensor_id, request.zone_id,
            request.validator, request.secret,
        )  # fmt: skip
        return wire.EnrollMerakiResponse()

    async def ReadMerakiValidator(
        self, request: wire.ReadMerakiValidatorRequest, context: Any
    ) -> wire.ReadMerakiValidatorResponse:
        """See the contract."""
        validator = await meraki.read_validator(self._deps, caller().area, request.sensor_id)
        return wire.ReadMerakiValidatorResponse(validator=validator)

    async def ReceiveMeraki(
        self, request: wire.ReceiveMerakiRequest, context: Any
    ) -> wire.ReceiveMerakiResponse:
        """See the contract."""
        counted = await meraki.receive(
            self._receiver, caller().area, request.sensor_id, request.body
        )
        return wire.ReceiveMerakiResponse(observation_count=counted)

    async def EnrollGadget(
        self, request: wire.EnrollGadgetRequest, context: Any
    ) -> wire.EnrollGadgetResponse:
        """See the contract."""
        area, gadget = caller().area, request.sensor_id
        await gadgets.enroll_gadget(
            self._deps, area, request_key(request), gadget, request.zone_id, request.password
        )
        await self._deps.end_logins(area, gadget)  # those with the old password
        return wire.EnrollGadgetResponse(
            user=rules.user_name(area, gadget), topic=rules.topic(area, gadget)
        )

    async def ReadGadgetHours(
        self, request: wire.ReadGadgetHoursRequest, context: Any
    ) -> wire.ReadGadgetHoursResponse:
        """See the contract."""
        since = moment_of("from_time", request.from_time)
        until = moment_of("to_time", request.to_time)
        found = await gadgets.read_hours(self._deps, caller().area, since, until)
        return gadget_hours_message(found, await self._privacy())

    async def PrintSign(
        self, request: wire.PrintSignRequest, context: Any
    ) -> wire.PrintSignResponse:
        """See the contract."""
        bad = [
            (name, f"at most {most} characters")
            for name, most in (("page_url", 200), ("phone", 40), ("area_name", 100))
            if len(getattr(request, name)) > most
        ]
        if bad:
            raise InvalidFields(bad)
        pdf = await sign.make(request.page_url, request.phone, request.area_name)
        return wire.PrintSignResponse(pdf=pdf)

    async def ReadForecast(
        self, request: wire.ReadForecastRequest, context: Any
    ) -> wire.ReadForecastResponse:
        """See the contract."""
        found = await forecasts.read_forecast(self._deps, caller().area)
        return wire.ReadForecastResponse(
            zones=[forecast_message(one) for one in found], privacy=await self._privacy()
        )
