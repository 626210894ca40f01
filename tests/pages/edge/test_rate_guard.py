"""Whose POSTs are counted: everybody's but those of people who are really signed in."""

from collections import Counter

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

    def check(self, area: str, what: str, address: str, per_minute: int) -> None:
        self.counts[what] += 1
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
