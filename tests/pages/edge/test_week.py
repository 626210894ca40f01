"""This week, 15 minutes: what waits in all rooms, for whoever is signed in."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kit import backups, disk
from kit.auth import Role
from kit.ids import new_id
from meguri.insights.v1 import insights_service_pb2 as insights_pb
from meguri.insights.v1 import letter_service_pb2 as letter_pb
from meguri.itinerary.v1 import timetable_service_pb2 as times_pb
from meguri.multilingual.v1 import asked_service_pb2 as asked_pb
from meguri.multilingual.v1 import help_service_pb2 as help_pb
from meguri.multilingual.v1 import photo_service_pb2 as photo_pb
from meguri.multilingual.v1 import review_service_pb2 as review_pb
from meguri.multilingual.v1 import sign_service_pb2 as sign_pb
from meguri.payments.v1 import office_service_pb2 as office_pb
from services.edge.parts import day_there
from services.edge.waiting import LONGEST, Task, about
from services.edge.week.routes import all_sources
from services.edge.week.tasks import MINUTES, gather, planned
from tests.pages.edge.fakes import AWAY, SESSION, FakeServices

EMPTY: dict[str, Any] = {
    "ListHelpRequests": help_pb.ListHelpRequestsResponse(),
    "ListTimetables": times_pb.ListTimetablesResponse(),
    "ListSigns": sign_pb.ListSignsResponse(),
    "ListDrafts": review_pb.ListDraftsResponse(),
    "ListWaitingPhotos": photo_pb.ListWaitingPhotosResponse(),
    "ListAskedMarks": asked_pb.ListAskedMarksResponse(),
    "ListUnlikedTexts": insights_pb.ListUnlikedTextsResponse(),
    "ListAsked": asked_pb.ListAskedResponse(),
    "ListFindings": office_pb.ListFindingsResponse(),
    "ListUnconfirmedSales": office_pb.ListUnconfirmedSalesResponse(),
    "ListLetters": letter_pb.ListLettersResponse(),
}


@pytest.fixture
def rooms(services: FakeServices, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the services answer; tests change it. The computer is well."""
    answers = dict(EMPTY)

    def answer(name: str) -> Callable[[Any], Any]:
        def given(_: Any) -> Any:
            if isinstance(answers[name], Exception):
                raise answers[name]
            return answers[name]

        return given

    services.answers |= {name: answer(name) for name in answers}
    monkeypatch.setattr(disk, "look", lambda _folder: disk.Room(1, 2, disk.OK))
    monkeypatch.setattr(backups, "look", lambda _folder: None)
    return answers


def page(browser: FlaskClient, language: str = "ja") -> str:
    browser.set_cookie("meguri_session", SESSION)
    answer = browser.get("/week", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


def keys(text: str) -> list[str]:
    return re.findall(r'<li class="card week-task[^"]*" id="(\w+)"', text)


def draft(submitter: str, phase: Any = review_pb.SUBMISSION_PHASE_WAITING) -> review_pb.Draft:
    return review_pb.Draft(submission=review_pb.Submission(submitter=submitter, phase=phase))


def all_rooms_have_something(rooms: dict[str, Any], today: Any) -> None:
    rooms |= {
        "ListHelpRequests": help_pb.ListHelpRequestsResponse(waiting_count=2, overdue_count=1),
        "ListTimetables": times_pb.ListTimetablesResponse(
            timetables=[
                times_pb.TimetableSummary(
                    timetable_id="t", last_date=(today + timedelta(days=9)).isoformat()
                )
            ]
        ),
        "ListSigns": sign_pb.ListSignsResponse(
            signs=[sign_pb.Sign(stop_code="K7Q2X", state=sign_pb.SIGN_STATE_OUTDATED),
                   sign_pb.Sign(stop_code="M4T9B", state=sign_pb.SIGN_STATE_NEVER)]
        ),
        "ListDrafts": review_pb.ListDraftsResponse(
            drafts=[draft("somebody"), draft("somebody", review_pb.SUBMISSION_PHASE_GIVEN_BACK)]
        ),
        "ListWaitingPhotos": photo_pb.ListWaitingPhotosResponse(
            stops=[photo_pb.WaitingPhotos(stop_code="8WXC3", photo_count=2, video_count=1)]
        ),
        "ListAsked": asked_pb.ListAskedResponse(
            items=[
                asked_pb.AskedItem(
                    matter=asked_pb.AskedMatter(
                        kind=asked_pb.ASKED_KIND_STRAY_CODE, stop_code="ADVGT"
                    ),
                    last_date="2026-11-20",
                )
            ]
        ),
        "ListFindings": office_pb.ListFindingsResponse(findings=[office_pb.Finding()] * 3),
        "ListUnconfirmedSales": office_pb.ListUnconfirmedSalesResponse(
            sales=[office_pb.UnconfirmedSales(due=office_pb.PAYOUT_DUE_OVER),
                   office_pb.UnconfirmedSales(due=office_pb.PAYOUT_DUE_COMING)]
        ),
        "ListLetters": letter_pb.ListLettersResponse(
            letters=[
                letter_pb.ShownLetter(
                    letter=letter_pb.Letter(
                        proposals=[letter_pb.Proposal(proposal_key="a"),
                                   letter_pb.Proposal(proposal_key="b")]
                    ),
                    decided=[decided("a", letter_pb.PROPOSAL_STEP_ACCEPTED)],
                )
            ],
            followed=[
                letter_pb.FollowedAction(decided=decided("a", letter_pb.PROPOSAL_STEP_ACCEPTED)),
                letter_pb.FollowedAction(
                    decided=decided("c", letter_pb.PROPOSAL_STEP_ACCEPTED,
                                    letter_pb.PROPOSAL_STEP_DONE)
                ),
            ],
        ),
    }  # fmt: skip


def decided(key: str, *steps: Any) -> letter_pb.DecidedProposal:
    return letter_pb.DecidedProposal(
        proposal=letter_pb.Proposal(proposal_key=key),
        decisions=[letter_pb.ProposalDecision(step=step) for step in steps],
    )


@pytest.fixture
def today(app: Any) -> Any:
    with app.test_request_context("/week"):
        app.preprocess_request()
        return day_there()


def test_where_nothing_waits_the_page_says_so(browser: FlaskClient, rooms: dict[str, Any]) -> None:
    text = page(browser)
    assert keys(text) == []
    assert "待っているものはありません" in text


def test_every_room_is_on_the_list_and_what_is_late_stands_first(
    browser: FlaskClient, rooms: dict[str, Any], today: Any
) -> None:
    all_rooms_have_something(rooms, today)
    text = page(browser)
    found = keys(text)
    assert set(found) == {
        "messages", "payouts", "timetables", "findings", "signs", "drafts", "pictures", "letter",
        "accepted", "asked",
    }  # fmt: skip
    assert found[:2] == ["messages", "payouts"]
    for said in ("お問い合わせ2件", "うち1件は", "時刻表が1件", "看板が1枚", "文が1件", "動画が3件",
                 "求めていることが1件", "行が3件", "入金が1件", "提案のうち1件が決まって",
                 "採り入れた提案のうち1件"):  # fmt: skip
        assert said in text
    assert '/studio/stops/8WXC3/photos"' in text


def test_whoever_handed_a_text_in_is_not_asked_to_read_it(
    browser: FlaskClient, services: FakeServices, rooms: dict[str, Any]
) -> None:
    rooms["ListDrafts"] = review_pb.ListDraftsResponse(drafts=[draft(services.user.user_id)])
    assert "drafts" not in keys(page(browser))


def test_a_timetable_that_ended_is_late(
    browser: FlaskClient, rooms: dict[str, Any], today: Any
) -> None:
    over = (today - timedelta(days=1)).isoformat()
    rooms["ListTimetables"] = times_pb.ListTimetablesResponse(
        timetables=[times_pb.TimetableSummary(timetable_id="t", last_date=over)]
    )
    text = page(browser)
    assert "week-task--late" in text
    assert "期限を過ぎています" in text


def test_a_room_that_is_away_hides_no_other(
    browser: FlaskClient, rooms: dict[str, Any], today: Any
) -> None:
    all_rooms_have_something(rooms, today)
    rooms["ListHelpRequests"] = rooms["ListAsked"] = AWAY
    text = page(browser)
    assert "signs" in keys(text)
    assert "今は見られないものがあります" in text
    assert "お問い合わせ · 来訪者が求めたもの" in text
    rooms |= dict.fromkeys(EMPTY, AWAY)
    assert "待っているものはありません" not in page(browser), "nobody knows"


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ({Role.EDITOR}, {"messages", "timetables", "signs", "drafts", "pictures", "asked"}),
        ({Role.REVIEWER}, {"signs", "drafts", "pictures", "asked"}),
        ({Role.SHOP_OWNER}, {"findings", "payouts"}),
        ({Role.ANALYST}, {"letter", "accepted"}),
        ({Role.ACCOUNTANT}, {"findings", "payouts", "letter", "accepted"}),
    ],
)
def test_everybody_sees_what_is_theirs_and_no_room_is_asked_for_more(
    app: Any, rooms: dict[str, Any], today: Any, roles: set[Role], expected: set[str]
) -> None:
    all_rooms_have_something(rooms, today)
    with app.test_request_context("/week"):
        app.preprocess_request()
        week = gather([*all_sources()], frozenset(roles))
    assert {task.key for task in (*week.first, *week.later)} == expected
    assert week.unknown == ()


def test_the_computer_of_an_admin_is_on_the_list(
    browser: FlaskClient, rooms: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    record = backups.Record(since=now, next_time=now)
    look = backups.Look(backups.DUE, backups.COPY_OLD, record)
    monkeypatch.setattr(backups, "look", lambda _folder: look)
    monkeypatch.setattr(disk, "look", lambda _folder: disk.Room(1, 2, disk.LOW))
    text = page(browser)
    assert keys(text) == ["backups", "disk"]
    assert 'href="/admin#copies"' in text


def task(minutes: int, *, late: bool = False) -> Task:
    return Task(new_id(), "list", "", "", minutes, "/", late=late)


@given(st.lists(st.tuples(st.integers(1, LONGEST), st.booleans()), max_size=12))
def test_the_first_part_fits_unless_more_is_late(given_tasks: list[tuple[int, bool]]) -> None:
    found = [task(minutes, late=late) for minutes, late in given_tasks]
    week = planned(found)
    assert sorted(each.key for each in (*week.first, *week.later)) == sorted(
        each.key for each in found
    )
    assert not any(each.late for each in week.later)
    assert bool(week.first) == bool(found)
    spare = [each for each in week.first if not each.late]
    if len(week.first) > 1 and spare:
        assert week.minutes <= max(MINUTES, sum(e.minutes for e in week.first if e.late))
    assert [e.late for e in week.first] == sorted((e.late for e in week.first), reverse=True)


def test_minutes_of_many_are_bounded() -> None:
    assert (about(0, 3), about(2, 3), about(400, 3)) == (3, 6, LONGEST)
