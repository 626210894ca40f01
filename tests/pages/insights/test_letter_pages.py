"""The letter on its pages, with letters made up and no service behind."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.insights.v1 import letter_service_pb2 as pb
from services.edge import cookies
from tests.pages.edge.fakes import SESSION, Failure, FakeServices
from tests.pages.insights import letters_made as made
from tests.pages.insights.test_pages import Backstage, app, backstage

__all__ = ["app", "backstage"]  # fixtures
LOCALES = ("ja", "en", "ko", "zh-Hans", "zh-Hant")
ORIGIN = {"Origin": "http://localhost"}


class Services(FakeServices):
    """Stand-ins with one letter on the shelf; `refuse` is raised by every change."""

    def __init__(self) -> None:
        super().__init__()
        self.user = directory_pb.User(
            user_id="u9", login_name="mori", display_name="森", roles=[directory_pb.ROLE_ANALYST]
        )
        self.letter = made.letter()
        self.shelf = pb.ListLettersResponse(
            letters=[self.letter], next_week_date="2026-06-08", next_month_date="2026-07-01"
        )
        self.said: list[Any] = []
        self.refuse: grpc.RpcError | None = None
        self.answers |= {
            "ListLetters": lambda _: self.shelf,
            "ReadLetter": self._read,
            "WriteLetter": lambda request: self._change(request, pb.WriteLetterResponse(number=8)),
            "DecideProposal": lambda request: self._change(
                request, pb.DecideProposalResponse(version=1)
            ),
        }

    def _read(self, request: pb.ReadLetterRequest) -> pb.ReadLetterResponse:
        if request.number != self.letter.letter.number:
            raise Failure(grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
        return pb.ReadLetterResponse(letter=self.letter)

    def _change(self, request: Any, answer: Any) -> Any:
        if self.refuse:
            raise self.refuse
        self.said.append(request)
        return answer


@pytest.fixture
def services(backstage: Backstage) -> Services:
    backstage.services = found = Services()
    return found


@pytest.fixture
def staff(app: Flask, services: Services) -> Iterator[FlaskClient]:
    app.extensions["meguri"].sessions.forget_all()
    with app.test_client() as client:
        client.set_cookie(cookies.SESSION.name, SESSION)
        yield client


def hidden(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def decide(staff: FlaskClient, proposal: str = "sign_at_stop/FFFFF", **entered: str) -> Any:
    address = f"/insights/letter/7/decide?locale=en&proposal={proposal}"
    page = staff.get(address).text
    names = ("form_token", "request_id", "version")
    given = {name: hidden(page, name) for name in names}
    return staff.post(address, data={**given, **entered}, headers=ORIGIN)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_letter_speaks_every_language_of_the_staff(staff: FlaskClient, locale: str) -> None:
    answer = staff.get(f"/insights/letter?locale={locale}")
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text
    for figure in ("1,240", "6,200", "880", "93", "310", "34", "46", "20", "32"):
        assert figure in answer.text
    assert made.DIGEST in answer.text
    assert "%(" not in answer.text


def test_a_proposal_says_why_how_sure_and_what_to_expect(staff: FlaskClient) -> None:
    text = staff.get("/insights/letter/7?locale=en").text
    assert "May 2026" in text
    assert "Korean" in text
    assert "Golden &lt;Pillar&gt;" in text
    assert "Quite sure: the time before says the same." in text
    assert "Less sure: the time before did not say so." in text
    assert "At most 34 to 46 fewer a day" in text
    assert "Pages shown in another language than asked for, a day: they are to become fewer" in text
    assert "Pages of the guide, a day: they are to become fewer" not in text
    assert "20 to 32 more a day. That is what others have, no promise." in text
    assert "June 1, 2026" in text  # written, by the clock of the town
    assert text.count("Accept, decline or mark as done") == 3


def test_each_kind_of_action_has_words_and_small_counts_none(
    staff: FlaskClient, services: Services
) -> None:
    services.letter = made.letter(made.OTHERS)
    text = staff.get("/insights/letter/7?locale=en").text
    for words in (
        "Write a text anew: A stop (English)", "few. Reasons chosen most: Hard to understand",
        "Bring a spot to light: 弁天池", "so many hold it: fewer than 10",
        "Talk about one bus time", "Open the gates earlier", "between 8 and 9 o’clock",
        "Staff the tills longer",
        "between 17 and 18 o’clock", "Find out why payments are declined: Code payment",
        "Not known. No past days of this area tell it.", "of/a/later/release",
        "No daily figure tells of it.",
    ):  # fmt: skip
        assert words in text
    assert ">7<" not in text


@pytest.mark.parametrize(
    ("few", "proposals", "words"),
    [
        (pb.LETTER_FEW_TOO_FEW_DAYS, (), "figures of too few days"),
        (pb.LETTER_FEW_NOTHING_CLEAR, (), "speak clearly for nothing new"),
        (pb.LETTER_FEW_NOTHING_CLEAR, (made.SIGN,), "speak clearly for no more than these"),
    ],
)
def test_fewer_than_three_are_explained(
    staff: FlaskClient, services: Services, few: int, proposals: tuple[pb.Proposal, ...],
    words: str,
) -> None:  # fmt: skip
    services.letter = made.letter(proposals, few=few)
    text = staff.get("/insights/letter/7?locale=en").text
    assert words in text
    assert ("This letter proposes nothing." in text) == (not proposals)


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (made.effect(), "about 12 more a day (between 3.2 and 21)"),
        (made.effect(), "as much came by itself this often: 1"),
        (made.effect(per_day=-12.4, low=-21.0, high=-3.2), "about 12 fewer a day (between 3.2 and"),
        (made.effect(per_day=-12.4, low=-21.0, high=-3.2), "That is not what was wished for."),
        (made.effect(pb.EFFECT_VERDICT_NO_EFFECT_TOLD, low=-4.0), "No effect can be told"),
        (made.effect(pb.EFFECT_VERDICT_NO_EFFECT_TOLD, low=-4.0), "between −4.0 and +21 a day"),
        (made.effect(pb.EFFECT_VERDICT_TOO_EARLY), "Too early until April 23, 2026."),
        (made.effect(pb.EFFECT_VERDICT_TOO_FEW_BEFORE, days_before=40), "only 40 days before"),
        (made.effect(pb.EFFECT_VERDICT_TOO_SMALL), "too small to see anything"),
        (made.effect(pb.EFFECT_VERDICT_MIXED), "less than four weeks away"),
        (made.effect(pb.EFFECT_VERDICT_NO_SERIES), "Look at the ratings"),
    ],
)
def test_what_came_of_it_is_told_or_why_not(
    staff: FlaskClient, services: Services, effect: pb.ActionEffect, words: str
) -> None:
    earlier = pb.EarlierAction(
        letter_number=3, proposal=made.SIGN, owner="Mori", done_date="2026-04-01", effect=effect
    )
    services.letter = made.letter(earlier=[earlier], waiting_count=2)
    text = staff.get("/insights/letter/7?locale=en").text
    assert words in text
    assert "Done on April 1, 2026 by Mori" in text
    assert "Accepted and not done yet: 2" in text


def test_fewer_is_what_was_wished_where_it_is_to_fall(
    staff: FlaskClient, services: Services
) -> None:
    earlier = pb.EarlierAction(
        letter_number=3, proposal=made.HOURS, owner="Mori", done_date="2026-04-01",
        effect=made.effect(per_day=-2.4, low=-4.0, high=-1.2),
    )  # fmt: skip
    services.letter = made.letter(earlier=[earlier])
    text = staff.get("/insights/letter/7?locale=en").text
    assert "about 2.4 fewer a day (between 1.2 and 4.0)" in text
    assert "not what was wished" not in text


def test_the_list_draws_what_came_of_it_with_the_table_behind(
    staff: FlaskClient, services: Services
) -> None:
    services.shelf.followed.extend([
        pb.FollowedAction(
            decided=made.decided(made.SIGN, made.DONE), effect=made.effect(days=made.days())
        ),
        pb.FollowedAction(decided=made.decided(made.LANGUAGE, made.ACCEPTED)),
        pb.FollowedAction(decided=made.decided(made.HOURS, made.DONE)),
    ])  # fmt: skip
    text = staff.get("/insights/letter/all?locale=en").text
    assert text.count('<polygon class="letter-band"') == 1
    assert text.count('<polyline class="letter-line"') == 3  # two days are withheld
    assert text.count('<line class="letter-mark"') == 1
    assert 'datetime="2026-04-02"' in text
    assert "14 – 31" in text
    assert "Mori &lt;b&gt;" in text
    assert "Once it is marked as done, its effect is looked at." in text
    assert "It will be looked at within the next hour." in text
    assert "May 2026" in text
    assert "Next letter of the week: June 8, 2026" in text


@pytest.mark.parametrize("locale", LOCALES)
def test_before_the_first_letter_the_page_says_when_it_comes(
    staff: FlaskClient, services: Services, locale: str
) -> None:
    services.shelf = pb.ListLettersResponse()
    nothing = staff.get(f"/insights/letter?locale={locale}").text
    assert "/insights/letter/write" not in nothing
    services.shelf = pb.ListLettersResponse(
        next_week_date="2026-06-08", next_month_date="2026-07-01"
    )
    text = staff.get(f"/insights/letter?locale={locale}").text
    assert "/insights/letter/write" in text
    assert "2026" in text
    assert staff.get(f"/insights/letter/all?locale={locale}").status_code == 200


def test_a_demo_is_marked(staff: FlaskClient, services: Services) -> None:
    services.letter = made.letter(demo=True)
    assert "Demo data" in staff.get("/insights/letter/7?locale=en").text


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        (
            {"step": "accepted", "owner": "Mori", "on_date": "2026-07-01", "reason": "ignored"},
            (pb.PROPOSAL_STEP_ACCEPTED, "Mori", "2026-07-01", ""),
        ),
        (
            {"step": "done", "owner": " Mori ", "on_date": "2026-04-01"},
            (pb.PROPOSAL_STEP_DONE, "Mori", "2026-04-01", ""),
        ),
        (
            {"step": "declined", "owner": "Mori", "reason": "no money", "on_date": "2026-04-01"},
            (pb.PROPOSAL_STEP_DECLINED, "", "", "no money"),
        ),
    ],
)
def test_a_decision_is_kept_with_what_belongs_to_it(
    staff: FlaskClient, services: Services, entered: dict[str, str],
    kept: tuple[int, str, str, str],
) -> None:  # fmt: skip
    answer = decide(staff, **entered)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/insights/letter/7?done=1")
    (wanted,) = services.said
    assert (wanted.step, wanted.owner, wanted.on_date, wanted.reason) == kept
    assert (wanted.letter_number, wanted.proposal_key) == (7, "sign_at_stop/FFFFF")
    assert wanted.signed_as == "森"
    assert wanted.request_id


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        ({}, "f-step-accepted"),
        ({"step": "burnt"}, "f-step-accepted"),
        ({"step": "accepted", "owner": " "}, "f-owner"),
        ({"step": "done", "owner": "Mori"}, "f-on_date"),
        ({"step": "done", "owner": "Mori", "on_date": "2999-01-01"}, "f-on_date"),
        ({"step": "declined"}, "f-reason"),
        ({"step": "declined", "reason": "x" * 201}, "f-reason"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(
    staff: FlaskClient, services: Services, entered: dict[str, str], field: str
) -> None:
    answer = decide(staff, **entered)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    assert not services.said


def test_who_decides_after_somebody_else_sees_what_holds(
    staff: FlaskClient, services: Services
) -> None:
    services.refuse = Failure(grpc.StatusCode.ABORTED, "VERSION_CONFLICT")
    answer = decide(staff, step="accepted", owner="Mori")
    assert answer.status_code == 409
    assert "Somebody else has changed it meanwhile." in answer.text
    services.refuse = Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS")
    assert decide(staff, step="accepted", owner="Mori").status_code == 422


def test_what_was_decided_can_be_taken_back_and_its_story_is_told(
    staff: FlaskClient, services: Services
) -> None:
    services.letter.decided[1].CopyFrom(made.decided(made.SIGN, made.ACCEPTED, number=7))
    page = staff.get("/insights/letter/7/decide?locale=en&proposal=sign_at_stop/FFFFF").text
    assert 'value="taken_back"' in page
    assert hidden(page, "version") == "1"
    assert "佐藤" in page
    assert decide(staff, step="taken_back").status_code == 303
    assert services.said[0].step == pb.PROPOSAL_STEP_TAKEN_BACK
    assert "Change what was decided" in staff.get("/insights/letter/7?locale=en").text


@pytest.mark.parametrize("reason", ["NOTHING_OVER", "ESTIMATOR_DOWN"])
def test_a_letter_is_written_on_demand_or_it_is_said_why_not(
    staff: FlaskClient, services: Services, reason: str
) -> None:
    page = staff.get("/insights/letter/all?locale=en").text
    given = {
        "form_token": hidden(page, "form_token"), "request_id": hidden(page, "request_id"),
        "kind": "week",
    }  # fmt: skip
    answer = staff.post("/insights/letter/write?locale=en", data=given, headers=ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/insights/letter/8")
    assert services.said[0].kind == pb.LETTER_KIND_WEEK
    services.refuse = Failure(grpc.StatusCode.FAILED_PRECONDITION, reason)
    again = staff.post("/insights/letter/write?locale=en", data=given, headers=ORIGIN)
    assert again.status_code == 409
    assert "notice--warn" in again.text


@pytest.mark.parametrize(
    "address",
    ["/insights/letter/8", "/insights/letter/x", "/insights/letter/0",
     "/insights/letter/7/decide", "/insights/letter/7/decide?proposal=none"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(staff: FlaskClient, address: str) -> None:
    assert staff.get(address).status_code == 404
