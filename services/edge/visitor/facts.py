"""What the area says of itself, from which the words of its pages come."""

from collections.abc import Iterable

import grpc
from flask import g

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge.visitor import stops

# Forms that grow in caves alone. A hall, a column or a pool may stand in any town.
IN_CAVES = frozenset({
    "rimstone_pool", "flowstone", "flowstone_mound", "flowstone_column", "stalactite",
    "stalagmite", "shaft",
})  # fmt: skip


def has_cave() -> bool:
    """Tells whether the guide leads through a cave. While nobody can tell pages speak as in one:
    what to do when the water rises must not be missing where it may."""
    if "has_cave" not in g:
        try:
            g.has_cave = shows_cave(stops.list_stops().value.stops)
        except grpc.RpcError:
            g.has_cave = True
    return bool(g.has_cave)


def shows_cave(rows: Iterable[pb.StopSummary]) -> bool:
    """Tells whether one of these stops is a thing of caves."""
    return any(row.kind in IN_CAVES for row in rows)
