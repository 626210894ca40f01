"""The process of itinerary: wiring only."""

import asyncio
import os
from pathlib import Path

from kit.pure.public_holidays import is_public_holiday
from kit.rpc import GrpcPart
from kit.runtime import Parts, Runtime, main
from meguri.itinerary.v1 import itinerary_service_pb2_grpc as pb_grpc
from meguri.itinerary.v1 import poi_service_pb2_grpc as poi_grpc
from meguri.itinerary.v1 import sojourn_service_pb2_grpc as sojourn_grpc
from meguri.itinerary.v1 import spot_service_pb2_grpc as spot_grpc
from meguri.itinerary.v1 import timetable_service_pb2_grpc as timetable_grpc
from services.itinerary import api, events
from services.itinerary.api import kept_pois, sojourns, spots, timetables
from services.itinerary.app.deps import Deps
from services.itinerary.app.forget import keep_forgetting
from services.itinerary.app.live import keep_asking
from services.itinerary.app.roads import RoadBook
from services.itinerary.gateways.live import LiveFeeds
from services.itinerary.gateways.roads import RoadEngine
from services.itinerary.gateways.solver import Solver

WARM_UP_AFTER_S = 3.0


def build(runtime: Runtime) -> Parts:
    """Puts the rooms together."""
    # Whoever sets numba's own variable (tests do) shares machine code between installations.
    shared = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(shared) if shared else runtime.settings.data_dir / "cache" / "machine_code"
    bus_days = runtime.settings.data_dir / "cache" / "bus_days"
    solver = Solver(machine_code=folder, bus_days=bus_days)
    live = LiveFeeds.from_environment(os.environ)
    engine = RoadEngine.from_environment(os.environ)
    deps = Deps(
        db=runtime.database, outbox=runtime.outbox, clock=runtime.clock, search=solver, live=live,
        roads=RoadBook(engine),
    )  # fmt: skip

    async def warm_up() -> None:
        # Holidays and a worker cost half a second that the first visitor must not wait for, and
        # that the others need more while the platform starts.
        await asyncio.sleep(WARM_UP_AFTER_S)
        await asyncio.to_thread(is_public_holiday, runtime.clock.now().date())
        await solver.warm_up()
        await asyncio.Event().wait()

    return Parts(
        grpc=[
            GrpcPart(
                add=pb_grpc.add_ItineraryServiceServicer_to_server,
                servicer=api.ItineraryApi(deps),
                name="meguri.itinerary.v1.ItineraryService",
                allowed=api.ALLOWED,
                errors=api.ERRORS,
            ),
            GrpcPart(
                add=sojourn_grpc.add_SojournServiceServicer_to_server,
                servicer=sojourns.SojournApi(deps),
                name=sojourns.NAME,
                allowed=sojourns.ALLOWED,
                errors=sojourns.ERRORS,
            ),
            GrpcPart(
                add=spot_grpc.add_SpotServiceServicer_to_server,
                servicer=spots.SpotApi(deps),
                name=spots.NAME,
                allowed=spots.ALLOWED,
                errors=spots.ERRORS,
            ),
            GrpcPart(
                add=timetable_grpc.add_TimetableServiceServicer_to_server,
                servicer=timetables.TimetableApi(deps),
                name=timetables.NAME,
                allowed=timetables.ALLOWED,
                errors=timetables.ERRORS,
            ),
            GrpcPart(
                add=poi_grpc.add_PoiServiceServicer_to_server,
                servicer=kept_pois.PoiApi(deps),
                name=kept_pois.NAME,
                allowed=kept_pois.ALLOWED,
                errors=kept_pois.ERRORS,
            ),
        ],
        hearings=events.hearings(),
        background=[warm_up, lambda: keep_forgetting(deps), lambda: keep_asking(deps)],
        closing=[solver.close, live.close, deps.roads.close, engine.close],
    )


if __name__ == "__main__":
    main("itinerary", events.ENCODERS, build)
