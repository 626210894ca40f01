"""Sheets of paper for each task: what they say leads somewhere, in every language of the staff."""

import re

import pytest
from flask.testing import FlaskClient

from infra.local.home import ROOT
from services.edge.week.sheets import SHEETS
from tests.pages.edge.doors import STAFF
from tests.pages.edge.fakes import SESSION

ICONS = set(
    re.findall(r'id="([a-z-]+)"', (ROOT / "services/edge/static/img/icons.svg").read_text())
)
NAMES = [sheet.role.value for sheet in SHEETS]


def page(browser: FlaskClient, path: str, language: str = "ja") -> str:
    browser.set_cookie("meguri_session", SESSION)
    answer = browser.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


def test_every_sheet_is_on_the_list(browser: FlaskClient) -> None:
    text = page(browser, "/week/sheets")
    assert [text.index(f'"/week/sheets/{name}"') for name in NAMES]
    assert "あなたの" in text


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["ja", "en", "ko", "zh-Hans", "zh-Hant"])
def test_a_sheet_says_all_of_its_steps_in_the_language_of_its_reader(
    browser: FlaskClient, name: str, language: str
) -> None:
    text = page(browser, f"/week/sheets/{name}", language)
    sheet = next(each for each in SHEETS if each.role.value == name)
    assert text.count('class="sheet__row"') == len(sheet.steps) + len(sheet.wrong)
    said = sheet.steps[0].text._args[0]  # its English, of which no sentence is another's
    assert (said in text) == (language == "en")


@pytest.mark.parametrize("name", NAMES)
def test_where_a_step_leads_its_reader_may_go(name: str) -> None:
    sheet = next(each for each in SHEETS if each.role.value == name)
    for step in (*sheet.steps, *sheet.wrong):
        assert step.icon in ICONS
    for step in sheet.steps:
        if step.where:
            assert name in STAFF[f"GET {step.where}"]


def test_an_unknown_sheet_is_told(browser: FlaskClient) -> None:
    browser.set_cookie("meguri_session", SESSION)
    assert browser.get("/week/sheets/visitor").status_code == 404


def test_a_code_is_drawn_only_where_it_leads_a_phone_somewhere(browser: FlaskClient) -> None:
    assert "sheet__code" not in page(browser, "/week/sheets/clerk")  # localhost: the phone itself
    browser.set_cookie("meguri_session", SESSION, domain="192.168.1.20")
    answer = browser.get("/week/sheets/clerk", base_url="http://192.168.1.20:8080")
    assert "http://192.168.1.20:8080/login" in answer.text
    assert "sheet__code" in answer.text
