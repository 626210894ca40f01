"""The directory's process: wiring only."""

from kit.own_key import own_key
from kit.rpc import GrpcPart
from kit.runtime import Parts, Runtime, main
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc
from meguri.directory.v1 import second_factor_service_pb2_grpc as second_factor_grpc
from services.directory import api, events
from services.directory.api import second_factor
from services.directory.app.deps import Deps


def build(runtime: Runtime) -> Parts:
    """Puts the rooms together."""
    deps = Deps(
        db=runtime.database, outbox=runtime.outbox, clock=runtime.clock,
        factor_key=own_key(runtime.settings.data_dir / "secrets" / "second_factors"),
    )  # fmt: skip
    return Parts(
        grpc=[
            GrpcPart(
                add=pb_grpc.add_DirectoryServiceServicer_to_server,
                servicer=api.DirectoryApi(deps),
                name="meguri.directory.v1.DirectoryService",
                allowed=api.ALLOWED,
                errors=api.ERRORS,
            ),
            GrpcPart(
                add=second_factor_grpc.add_SecondFactorServiceServicer_to_server,
                servicer=second_factor.SecondFactorApi(deps),
                name=second_factor.NAME,
                allowed=second_factor.ALLOWED,
                errors=second_factor.ERRORS,
            ),
        ]
    )


if __name__ == "__main__":
    main("directory", events.ENCODERS, build)
