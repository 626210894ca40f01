"""Finding a stop for programs."""

import grpc

from kit.client import problem_of
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge.errors import Problem, is_away
from services.edge.visitor import stops


def require_stop(code: str) -> pb.StopContent:
    """Reads a stop in the locale of the request.

    Errors: Problem unknown_stop_code (cause says mistyped or unknown); grpc.RpcError when away.
    """
    try:
        return stops.read_stop(code).value
    except grpc.RpcError as error:
        if is_away(error):
            raise
        old = stops.retired(code)
        if old is not None:  # "" for the list of all stops
            more = {"cause": "stop_retired", "target_stop_code": old.target_stop_code}
            raise Problem(404, "unknown_stop_code", more=more) from error
        cause = problem_of(error).reason.lower()
        raise Problem(404, "unknown_stop_code", more={"cause": cause}) from error
