"""What waits for those who read the figures: proposals to decide on, and to do."""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import ngettext

from kit.roles import ANALYSTS
from meguri.insights.v1 import letter_service_pb2 as letter_pb
from meguri.insights.v1.letter_service_pb2_grpc import LetterServiceStub
from services.edge.clients import stub
from services.edge.waiting import DEADLINE_S, Source, Task


def sources() -> tuple[Source, ...]:
    """Returns the rooms of the figures."""
    return (Source(_("Letter"), ANALYSTS, letters),)


def letters() -> Iterator[Task]:
    """Proposals that nobody has decided on, and accepted ones that are not done."""
    shelf = stub(LetterServiceStub, deadline_s=DEADLINE_S).ListLetters(
        letter_pb.ListLettersRequest()
    )
    newest = shelf.letters[0] if shelf.letters else letter_pb.ShownLetter()
    held = {each.proposal.proposal_key for each in newest.decided if each.decisions}
    count = sum(each.proposal_key not in held for each in newest.letter.proposals)
    if count:
        yield Task(
            "letter", "chart", ngettext("%(num)s proposal of the letter is not decided",
                                        "%(num)s proposals of the letter are not decided", count),
            _("Accept it, with a name and a day, or decline it."), 5, "/insights/letter",
        )  # fmt: skip
    open_steps = sum(
        bool(each.decided.decisions)
        and each.decided.decisions[-1].step == letter_pb.PROPOSAL_STEP_ACCEPTED
        for each in shelf.followed
    )
    if open_steps:
        yield Task(
            "accepted", "clock", ngettext("%(num)s proposal was accepted and is not done yet",
                                          "%(num)s proposals were accepted and are not done yet",
                                          open_steps),
            _("Mark it as done when it is: then its effect is looked at."), 2,
            "/insights/letter/all",
        )  # fmt: skip
