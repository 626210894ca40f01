"""The gRPC door of letters: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.roles import ANALYSTS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.insights.v1 import letter_service_pb2 as pb
from meguri.insights.v1 import letter_service_pb2_grpc as pb_grpc
from services.insights.app import letter_writing, letters
from services.insights.app.deps import Deps
from services.insights.app.letter_effects import Ask
from services.insights.gateways.estimator import EstimatorDown
from services.insights.store.letters import LetterDamaged
from services.insights.wire import letters as wire

NAME = "meguri.insights.v1.LetterService"

ALLOWED: Allowed = {
    "ReadLetter": ANALYSTS,
    "ListLetters": ANALYSTS,
    "WriteLetter": ANALYSTS,
    "DecideProposal": ANALYSTS,
}

ERRORS: Errors = {
    letter_writing.NothingOver: (grpc.StatusCode.FAILED_PRECONDITION, "NOTHING_OVER"),
    LetterDamaged: (grpc.StatusCode.FAILED_PRECONDITION, "LETTER_DAMAGED"),
    EstimatorDown: (grpc.StatusCode.UNAVAILABLE, "ESTIMATOR_DOWN"),
}


class LettersApi(pb_grpc.LetterServiceServicer):
    """Answers meguri.insights.v1.LetterService."""

    def __init__(self, deps: Deps, ask: Ask) -> None:
        self._deps, self._ask = deps, ask

    async def ReadLetter(
        self, request: pb.ReadLetterRequest, context: Any
    ) -> pb.ReadLetterResponse:
        """A letter."""
        found = await letters.read_letter(self._deps, caller().area, request.number)
        return pb.ReadLetterResponse(letter=wire.shown_message(found))

    async def ListLetters(
        self, request: pb.ListLettersRequest, context: Any
    ) -> pb.ListLettersResponse:
        """All letters, and what is followed."""
        return wire.shelf_message(await letters.read_shelf(self._deps, caller().area))

    async def WriteLetter(
        self, request: pb.WriteLetterRequest, context: Any
    ) -> pb.WriteLetterResponse:
        """Writes a letter."""
        number = await letter_writing.write_asked(
            self._deps, self._ask, request_key(request), caller().area, wire.kind_of(request.kind)
        )
        return pb.WriteLetterResponse(number=number)

    async def DecideProposal(
        self, request: pb.DecideProposalRequest, context: Any
    ) -> pb.DecideProposalResponse:
        """Decides about a proposal."""
        version = await letters.decide(
            self._deps, request_key(request), caller().area, request.letter_number,
            request.proposal_key, request.expected_version, wire.decision_of(request),
        )  # fmt: skip
        return pb.DecideProposalResponse(version=version)
