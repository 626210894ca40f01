"""The directory's process: wiring only."""

from kit.rpc import GrpcPart
from kit.runtime import Parts, Runtime, main
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc
from services.directory import api, events
from services.directory.app.deps import Deps


def build(runtime: Runtime) -> Parts:
    """Puts the rooms together."""
    deps = Deps(db=runtime.database, outbox=runtime.outbox, clock=runtime.clock)
    return Parts(
        grpc=[
            GrpcPart(
                add=pb_grpc.add_DirectoryServiceServicer_to_server,
                servicer=api.DirectoryApi(deps),
                name="meguri.directory.v1.DirectoryService",
                allowed=api.ALLOWED,
                errors=api.ERRORS,
            )
        ]
    )


if __name__ == "__main__":
    main("directory", events.ENCODERS, build)
