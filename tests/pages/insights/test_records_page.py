"""The page of all records: for everybody, with the terms that hold."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from services.edge import cookies
from services.insights.app.keeping import Choice
from services.insights.app.records import RECORDS
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.keeping import LONGEST, TERMS, Group, KeepSettings
from services.insights.domain.query.asked import Measure
from services.insights.domain.query.table import Span
from services.insights.domain.query.told import DayData, whole
from services.insights.domain.rollup import DayKey, Measures
from services.insights.wire.keeping import choice_message
from tests.pages.edge.fakes import FakeServices
from tests.pages.insights.test_pages import Backstage, app, backstage, browser

__all__ = ["app", "backstage", "browser"]  # fixtures
PAGE = "/insights/records"


class Services(FakeServices):
    """Stand-ins that keep answers for four months."""

    def __init__(self) -> None:
        super().__init__()
        settings = KeepSettings({Group.ANSWERS: 4})
        self.found = choice_message(Choice(settings, 1, dict.fromkeys(Group)))
        self.answers |= {"ReadKeeping": lambda _: self.found}


@pytest.fixture
def services(backstage: Backstage) -> Services:
    backstage.services = found = Services()
    return found


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.mark.parametrize("locale", ["ja", "en", "ko", "zh-Hans", "zh-Hant"])
def test_everybody_reads_it_in_every_language(
    browser: FlaskClient, services: Services, locale: str
) -> None:
    browser.delete_cookie(cookies.SESSION.name)
    answer = browser.get(f"{PAGE}?locale={locale}")
    assert answer.status_code == 200
    assert f'<html lang="{locale}"' in answer.text
    assert not re.search(r"[a-z]+_[a-z]+", words(answer.text))  # no name of a field or kind


def test_terms_are_those_that_the_area_chose(browser: FlaskClient, services: Services) -> None:
    text = words(browser.get(f"{PAGE}?locale=en").text)
    assert "until 4 whole months after its own are over" in text
    assert text.count(f"until {TERMS[Group.MONEY].usual} whole months") == 2
    for kept in RECORDS.values():
        if kept.days:
            assert f"{kept.days} day" in text
    assert "country, if the party said one" in text
    services.found.terms[0].first_kept_date = "2026-01-01"
    assert "from before 2026-01-01" in browser.get(f"{PAGE}?locale=en").text


def test_what_a_later_release_keeps_is_told_by_its_name(
    browser: FlaskClient, services: Services
) -> None:
    services.found.kinds.add(
        kind="signed_up", fields=["height"], group=services.found.terms[0].group
    )
    services.found.records.add(record="diaries")
    text = browser.get(f"{PAGE}?locale=en").text
    assert "signed_up" in text
    assert "height" in text


def test_it_promises_no_more_of_whole_days_than_questions_keep(
    browser: FlaskClient, services: Services
) -> None:
    """A day with four people at the gates tells staff four of them: undivided, as it is."""
    on = date(2026, 5, 3)
    key = DayKey(on, Kind.ADMITTED, practice=False, dimension=Dimension.TOTAL, value="")
    told = whole(Measure.ENTRIES, DayData({key: Measures(count=2, persons=4)}), on)
    assert told == Span(4, 4)
    text = " ".join(browser.get(f"{PAGE}?locale=en").text.split())
    assert "Divided by language, country, gate or hour, fewer than ten people" in text
    assert "how many went in on a whole day is told as it is" in text


def test_pages_of_figures_lead_there_and_so_does_privacy(
    browser: FlaskClient, services: Services
) -> None:
    found = f'<a href="{PAGE}">'
    assert found in browser.get("/insights/records?locale=en").text.partition("site-foot")[2]
    assert found in browser.get("/privacy?locale=en").text
    assert PAGE not in browser.get("/privacy?locale=en").text.partition("site-foot")[2]


def test_privacy_says_no_other_terms_than_the_code(
    browser: FlaskClient, services: Services
) -> None:
    """The page of visitors says in a sentence what is usual: it must not fall behind."""
    text = words(browser.get("/privacy?locale=en").text)
    said = re.search(
        r"for (\d+) months after its own month at most, a rating or answers for (\d+)", text
    )
    assert said
    assert (int(said[1]), int(said[2])) == (LONGEST + 1, TERMS[Group.ANSWERS].usual)
