"""What waits for those who keep the guide: messages, timetables, signs, texts, pictures, wishes."""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import ngettext

from kit.roles import ASSOCIATION, EDITORS
from meguri.multilingual.v1 import help_service_pb2 as help_pb
from meguri.multilingual.v1 import photo_service_pb2 as photo_pb
from meguri.multilingual.v1 import review_service_pb2 as review_pb
from meguri.multilingual.v1 import sign_service_pb2 as sign_pb
from meguri.multilingual.v1.help_service_pb2_grpc import HelpServiceStub
from meguri.multilingual.v1.photo_service_pb2_grpc import PhotoServiceStub
from meguri.multilingual.v1.review_service_pb2_grpc import ReviewServiceStub
from meguri.multilingual.v1.sign_service_pb2_grpc import SignServiceStub
from services.edge.clients import stub
from services.edge.parts import day_there, person
from services.edge.studio import asked_list
from services.edge.studio.signs import is_old
from services.edge.studio.timetables import ending
from services.edge.waiting import DEADLINE_S, Source, Task, about


def sources() -> tuple[Source, ...]:
    """Returns the rooms of the studio."""
    return (
        Source(_("Messages"), ASSOCIATION, messages),
        Source(_("Timetables"), ASSOCIATION, timetables),
        Source(_("Signs"), EDITORS, signs),
        Source(_("Drafts"), EDITORS, drafts),
        Source(_("Photos and videos"), EDITORS, pictures),
        Source(_("What visitors asked for"), EDITORS, asked),
    )


def messages() -> Iterator[Task]:
    """What visitors wrote and nobody has answered."""
    found = stub(HelpServiceStub, deadline_s=DEADLINE_S).ListHelpRequests(
        help_pb.ListHelpRequestsRequest()
    )
    waiting, overdue = found.waiting_count, found.overdue_count
    if waiting:
        text = (
            ngettext("%(num)s should have been answered by now.",
                     "%(num)s should have been answered by now.", overdue)
            if overdue else _("All are still in time.")
        )  # fmt: skip
        yield Task(
            "messages", "help", ngettext("%(num)s message of a visitor waits",
                                         "%(num)s messages of visitors wait", waiting),
            text, about(waiting, 3), "/studio/help", late=overdue > 0,
        )  # fmt: skip


def timetables() -> Iterator[Task]:
    """Timetables that end within two weeks, or have ended."""
    due = ending.due(ending.read(DEADLINE_S), day_there())
    over = [each for each, left in due if left.is_over]
    if due:
        text = (
            _("Visitors are told that nobody has confirmed them. Ask the operator, then confirm.")
            if over else _("Ask the operator whether they go on, then confirm.")
        )  # fmt: skip
        yield Task(
            "timetables", "bus", ngettext("%(num)s timetable ends within two weeks or has ended",
                                          "%(num)s timetables end within two weeks or have ended",
                                          len(due)),
            text, about(len(due), 3), "/studio/timetables", late=bool(over),
        )  # fmt: skip


def signs() -> Iterator[Task]:
    """Signs that say what no longer holds."""
    listed = stub(SignServiceStub, deadline_s=DEADLINE_S).ListSigns(sign_pb.ListSignsRequest())
    count = sum(is_old(each) for each in listed.signs)
    if count:
        yield Task(
            "signs", "print", ngettext("%(num)s sign is out of date",
                                       "%(num)s signs are out of date", count),
            _("Print them anew in one file and hang them."), 5, "/studio/signs",
        )  # fmt: skip


def drafts() -> Iterator[Task]:
    """Texts that somebody else handed in to be read."""
    listed = stub(ReviewServiceStub, deadline_s=DEADLINE_S).ListDrafts(
        review_pb.ListDraftsRequest()
    )
    known = person()
    count = sum(
        each.submission.phase == review_pb.SUBMISSION_PHASE_WAITING
        and (known is None or each.submission.submitter != known.user_id)
        for each in listed.drafts
    )
    if count:
        yield Task(
            "drafts", "check", ngettext("%(num)s text waits for a second reader",
                                        "%(num)s texts wait for a second reader", count),
            _("Read them and publish, or give them back with a reason."), about(count, 2),
            "/studio/drafts",
        )  # fmt: skip


def pictures() -> Iterator[Task]:
    """Photos and videos that nobody else has looked at."""
    listed = stub(PhotoServiceStub, deadline_s=DEADLINE_S).ListWaitingPhotos(
        photo_pb.ListWaitingPhotosRequest()
    )
    count = sum(each.photo_count + each.video_count for each in listed.stops)
    if count:
        yield Task(
            "pictures", "photo", ngettext("%(num)s photo or video waits to be looked at",
                                           "%(num)s photos and videos wait to be looked at",
                                           count),
            _("Somebody other than who put it in decides whether it is shown."), about(count, 1),
            f"/studio/stops/{listed.stops[0].stop_code}/photos",
        )  # fmt: skip


def asked() -> Iterator[Task]:
    """What visitors miss."""
    count = len(asked_list.read().items)
    if count:
        yield Task(
            "asked", "star", ngettext("Visitors miss %(num)s thing", "Visitors miss %(num)s things",
                                      count),
            _("The most useful comes first: one a week is enough."), 5, "/studio/asked",
        )  # fmt: skip
