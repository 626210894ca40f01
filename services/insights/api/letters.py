"""The gRPC door of letters: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.roles import ANALYSTS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.insights.v1 import letter_service_pb2 as pb
from meguri.insights.v1 import letter_service_pb2_grpc as pb_grpc
from services.insights.app import letter_mail, letter_writing, letters
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
    "ReadLetterMail": ANALYSTS,
    "SaveLetterMail": ANALYSTS,
    "SendTestLetter": ANALYSTS,
}

ERRORS: Errors = {
    letter_writing.NothingOver: (grpc.StatusCode.FAILED_PRECONDITION, "NOTHING_OVER"),
    LetterDamaged: (grpc.StatusCode.FAILED_PRECONDITION, "LETTER_DAMAGED"),
    letter_mail.MailNotConfigured: (grpc.StatusCode.FAILED_PRECONDITION, "MAIL_NOT_CONFIGURED"),
    letter_mail.TooManyMails: (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_MAILS"),
    EstimatorDown: (grpc.StatusCode.UNAVAILABLE, "ESTIMATOR_DOWN"),
}


class LettersApi(pb_grpc.LetterServiceServicer):
    """Answers meguri.insights.v1.LetterService."""

    def __init__(self, deps: Deps, ask: Ask, *, mails: bool) -> None:
        self._deps, self._ask, self._mails = deps, ask, mails

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

    async def ReadLetterMail(
        self, request: pb.ReadLetterMailRequest, context: Any
    ) -> pb.ReadLetterMailResponse:
        """Whom letters are mailed to."""
        found = await letter_mail.read(self._deps, caller().area)
        return wire.mail_message(found, configured=self._mails)

    async def SaveLetterMail(
        self, request: pb.SaveLetterMailRequest, context: Any
    ) -> pb.SaveLetterMailResponse:
        """Says whom letters are mailed to."""
        version = await letter_mail.save(
            self._deps, request_key(request), caller().area, request.expected_version,
            wire.mail_settings_of(request.settings), configured=self._mails,
        )  # fmt: skip
        return pb.SaveLetterMailResponse(version=version)

    async def SendTestLetter(
        self, request: pb.SendTestLetterRequest, context: Any
    ) -> pb.SendTestLetterResponse:
        """Mails a test."""
        await letter_mail.test(
            self._deps, request_key(request), caller().area, request.recipient,
            configured=self._mails,
        )  # fmt: skip
        return pb.SendTestLetterResponse()
