"""Whose POSTs are counted: everybody's but those of people who are really signed in."""

from collections import Counter
from dataclasses import replace
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from services.edge.errors import Problem
from services.edge.parts import Parts
from services.edge.rates import Rates
from tests.pages.edge.fakes import SESSION, FakeServices

HERE = {"Origin": "http://localhost"}


class Counting(Rates):
    """Counts in memory; from `limit` on it refuses."""

    def __init__(self) -> None:
        super().__init__("", b"")
        self.counts: Counter[str] = Counter()
        self.limit = 1_000_000

    def check(self, area: str, what: str, address: str, per_minute: int, by: int = 1) -> None:
        self.counts[what] += by
        if self.counts[what] > min(self.limit, per_minute):
            raise Problem(429, "too_many_requests", retry_after_s=9)


@pytest.fixture
def rates(parts: Parts) -> Counting:
    made = parts.rates = Counting()
    return made


def post(browser: FlaskClient, path: str) -> int:
    return browser.post(path, data={"locale": "ko"}, headers=HERE).status_code


def test_a_cookie_made_up_does_not_switch_the_limit_off(
    browser: FlaskClient, rates: Counting
) -> None:
    rates.limit = 3
    answers = []
    for number in range(5):
        browser.set_cookie("meguri_session", f"made-up-{number}")
        answers.append(post(browser, "/language"))
    assert answers == [303, 303, 303, 429, 429]


def test_a_made_up_cookie_costs_directory_nothing_below_the_limit(
    browser: FlaskClient, rates: Counting, services: FakeServices
) -> None:
    browser.set_cookie("meguri_session", "made-up")
    assert post(browser, "/language") == 303
    assert services.called("ReadSession") == []


def test_people_signed_in_pass_while_their_network_is_over_the_limit(
    browser: FlaskClient, rates: Counting, services: FakeServices
) -> None:
    rates.limit = 0
    assert post(browser, "/language") == 429
    browser.set_cookie("meguri_session", SESSION)
    assert [post(browser, "/language") for _ in range(4)] == [303] * 4
    assert len(services.called("ReadSession")) == 1


def test_passwords_are_counted_whatever_cookie_comes_along(
    browser: FlaskClient, rates: Counting
) -> None:
    rates.limit = 2
    browser.set_cookie("meguri_session", SESSION)
    browser.get("/admin")
    answers = [post(browser, "/login") for _ in range(3)]
    assert rates.counts["/login"] == 3
    assert answers[2] == 429


def test_with_directory_away_a_cookie_is_nobodys(
    browser: FlaskClient, rates: Counting, services: FakeServices
) -> None:
    browser.get("/")
    services.away.add("directory")
    rates.limit = 0
    browser.set_cookie("meguri_session", SESSION)
    assert post(browser, "/language") == 429


def test_posts_in_the_name_of_a_network_are_counted_for_themselves(
    browser: FlaskClient, rates: Counting, services: FakeServices
) -> None:
    answers = [
        browser.post(f"/api/v1/meraki/net-{number % 3}", data=b"{}").status_code
        for number in range(130)
    ]
    assert [answer == 429 for answer in answers] == [False] * 120 + [True] * 10
    assert len(services.called("ReceiveMeraki")) == 120
    assert rates.counts["/api/v1/meraki/"] == 130
    assert post(browser, "/language") == 303


def ratings(number: int, stop_code: str = "8WXC3") -> list[dict[str, object]]:
    return [
        {"rating_id": str(uuid4()), "stop_code": stop_code, "locale": "en", "face": "good"}
        for _ in range(number)
    ]


def test_what_is_in_a_batch_is_counted_and_not_the_batch(
    browser: FlaskClient, rates: Counting, services: FakeServices
) -> None:
    """Twelve batches of a hundred ratings a minute from one address, and no thirteenth."""
    codes = [f"{number:05}" for number in range(100)]
    batch = [each for code in codes for each in ratings(1, code)]
    answers = [browser.post("/api/v1/ratings", json={"ratings": batch}) for _ in range(13)]
    assert [each.status_code for each in answers] == [200] * 12 + [429]
    assert answers[-1].headers["Retry-After"] == "9"
    assert len(services.called("RecordRatings")) == 12
    form = {"rating_id": str(uuid4()), "change": "1", "in": "en", "face": "good"}
    assert browser.post("/g/8WXC3/rating", data=form, headers=HERE).status_code == 429


def test_one_text_takes_sixty_ratings_a_minute_from_one_address(
    browser: FlaskClient, rates: Counting, services: FakeServices
) -> None:
    for number, status in ((59, 200), (1, 200), (1, 429)):
        batch = {"ratings": ratings(number, "8wxc3" if number == 1 else "8WXC3")}
        assert browser.post("/api/v1/ratings", json=batch).status_code == status
    form = {"rating_id": str(uuid4()), "change": "1", "in": "en", "face": "good"}
    assert browser.post("/g/8WXC3/rating", data=form, headers=HERE).status_code == 429
    other = browser.post("/api/v1/ratings", json={"ratings": ratings(1, "K7Q2X")})
    assert other.status_code == 200
    assert len(services.called("RecordRatings")) == 3


@pytest.mark.parametrize(
    "spelled",
    ["k7q2x", "K-7q2x", "k 7 Q 2 x", "\uff2b7Q2X", "\u2010K7Q2X", "K7Q2X" + " " * 60 + "Y"],
)
def test_however_a_code_is_spelled_it_is_one_text(
    browser: FlaskClient, rates: Counting, spelled: str
) -> None:
    batch = {"ratings": ratings(60, "K7Q2X")}
    assert browser.post("/api/v1/ratings", json=batch).status_code == 200
    again = browser.post("/api/v1/ratings", json={"ratings": ratings(1, spelled)})
    assert again.status_code == 429


def test_a_demo_plays_half_a_day_at_once(
    browser: FlaskClient, rates: Counting, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = parts.areas.of_host("localhost")
    monkeypatch.setattr(parts.areas, "of_host", lambda _host: replace(shown, demo=True))
    batch = {"ratings": ratings(90, "K7Q2X")}
    assert browser.post("/api/v1/ratings", json=batch).status_code == 200


def test_messages_to_the_association_are_counted_by_form_and_by_phone(
    browser: FlaskClient, rates: Counting, services: FakeServices
) -> None:
    message = {
        "help_id": str(uuid4()), "secret": "s" * 43, "topic": "other", "text": "x", "locale": "en",
    }  # fmt: skip
    batch = {"help_requests": [message] * 5}
    answers = [browser.post("/api/v1/help-requests", json=batch) for _ in range(25)]
    assert [each.status_code for each in answers] == [200] * 24 + [429]
    assert browser.post("/help", data=message, headers=HERE).status_code == 429
    assert len(services.called("RecordHelpRequests")) == 24


def test_surveys_and_scans_are_counted_one_by_one_too(
    browser: FlaskClient, rates: Counting, services: FakeServices
) -> None:
    survey = {"survey_id": str(uuid4()), "locale": "en", "answers": {"party": "alone"}}
    batches = [browser.post("/api/v1/surveys", json={"surveys": [survey] * 100}) for _ in range(7)]
    assert [each.status_code for each in batches] == [200] * 6 + [429]
    form = {"survey_id": str(uuid4()), "q-party": "alone"}
    assert browser.post("/survey", data=form, headers=HERE).status_code == 429
    assert len(services.called("RecordReplies")) == 6
    browser.post("/api/v1/scans", json={"scans": [{}] * 500})
    assert rates.counts["scans one by one"] == 500
