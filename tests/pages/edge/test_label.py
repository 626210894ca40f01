"""A page in another language than wished for says so, shortly, and is kept apart."""

import pytest
from flask.testing import FlaskClient

from services.edge.language import label_of
from services.edge.parts import Parts
from tests.pages.edge.fakes import LOCALES

SHORT = "This page is not available in your language yet."


@pytest.mark.parametrize(
    ("cookie", "header", "published", "expected"),
    [
        (None, "en-US,en;q=0.9", LOCALES, ""),
        (None, "zh-TW,zh;q=0.9", LOCALES, ""),
        (None, "", LOCALES, ""),
        (None, "*", LOCALES, ""),
        (None, "it-IT,it;q=0.9,en;q=0.8", LOCALES, "en"),
        (None, "sv", LOCALES, "en"),
        (None, "fr-CA", LOCALES, "fr"),
        (None, "ko-KR", ("ja", "en"), "ko"),
        (None, "zh-HK", ("ja", "en"), "zh-Hant"),
        ("ja", "it-IT", LOCALES, ""),
        ("xx", "it-IT", LOCALES, "en"),
    ],
)
def test_when_it_is_said_and_in_which_language(
    cookie: str | None, header: str, published: tuple[str, ...], expected: str
) -> None:
    assert label_of(cookie, header, published) == expected


@pytest.mark.parametrize("path", ["/", "/g/", "/g/8WXC3", "/map", "/help"])
def test_an_italian_visitor_reads_it_and_an_english_one_does_not(
    browser: FlaskClient, path: str
) -> None:
    italian = browser.get(path, headers={"Accept-Language": "it-IT,it;q=0.9,en;q=0.5"}).text
    assert f'lang="en">{SHORT}' in italian
    assert '<html lang="en"' in italian
    assert SHORT not in browser.get(path, headers={"Accept-Language": "en-GB"}).text
    assert SHORT not in browser.get(f"{path}?locale=en", headers={"Accept-Language": "it"}).text


def test_pages_with_and_without_it_are_kept_apart(browser: FlaskClient, parts: Parts) -> None:
    browser.get("/g/8WXC3", headers={"Accept-Language": "it"})
    labeled = parts.ready.get("mine", "8WXC3", "en+en")
    assert labeled is not None
    assert SHORT.encode() in labeled.plain.body
    assert parts.ready.get("mine", "8WXC3", "en") is None


def test_programs_are_told_by_the_header_only(browser: FlaskClient) -> None:
    answer = browser.get("/api/v1/stops", headers={"Accept-Language": "it"})
    assert SHORT not in answer.text
    assert answer.headers["Content-Language"] == "en"
