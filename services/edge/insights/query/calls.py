"""Asking insights: one question, several of one moment, two measures beside each other."""

from collections.abc import Iterable, Sequence

from meguri.insights.v1 import query_service_pb2 as pb
from meguri.insights.v1.query_service_pb2_grpc import QueryServiceStub
from services.edge.clients import stub
from services.edge.insights.query.asked import Asked

# Two years by the stops of a cave are half a second of work, and others may ask at the same time.
DEADLINE_S = 5.0


def ask(asked: Asked) -> pb.AskResponse:
    """Returns the answer to a question."""
    found: pb.AskResponse = stub(QueryServiceStub, deadline_s=DEADLINE_S).Ask(asked.message())
    return found


def ask_all(all_asked: Iterable[Asked]) -> Sequence[pb.AskResponse]:
    """Returns answers, all of one moment."""
    request = pb.AskManyRequest(questions=[each.message() for each in all_asked])
    answers: Sequence[pb.AskResponse] = (
        stub(QueryServiceStub, deadline_s=DEADLINE_S).AskMany(request).answers
    )
    return answers


def relate(asked: Asked) -> pb.RelateResponse:
    """Returns two measures from day to day."""
    found: pb.RelateResponse = stub(QueryServiceStub, deadline_s=DEADLINE_S).Relate(
        pb.RelateRequest(
            first=asked.measure, second=asked.second,  # type: ignore[arg-type] # numbers of the enum
            from_date=asked.first.isoformat(), until_date=asked.last.isoformat(), only=asked.only,
        )
    )  # fmt: skip
    return found
