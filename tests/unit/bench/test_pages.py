"""The bench of the pages: which addresses are the same page, and what counts as a finding."""

import pytest

from bench.pages.crawl import is_page, kind
from bench.pages.run import LIMITS, Found, _answer


@pytest.mark.parametrize(
    ("path", "same"),
    [
        ("/", "/"),
        ("/g/K7Q2X", "/g/*"),
        ("/g/K7Q2X/", "/g/*"),
        ("/studio/K7Q2X/zh-Hant", "/studio/*/*"),
        ("/studio/survey/origin/ja", "/studio/survey/origin/*"),
        ("/till/payments/0192d4f8-7a3b-7c11-9d2e-aabbccddeeff/receipt", "/till/payments/*/receipt"),
        ("/receipt/Zk3jX0pQ_sLw-9vTn2aB1c", "/receipt/*"),
        ("/insights/days/2026-11-28", "/insights/days/*"),
        ("/till/office/closes/12", "/till/office/closes/*"),
        ("/till/office", "/till/office"),
    ],
)
def test_addresses_of_one_page_are_one_kind(path: str, same: str) -> None:
    assert kind(path) == same


@pytest.mark.parametrize(
    "path",
    ["/insights/days.csv", "/receipt/x/pdf.pdf", "/static/css/a.css", "/media/abc", "/logout",
     "/studio/exchange/file", "/packs/tour/ja/manifest.json", "/metrics"],
)  # fmt: skip
def test_files_and_actions_are_no_pages(path: str) -> None:
    assert not is_page(path)


def test_one_finding_is_too_many() -> None:
    found = Found(pages=3, looks=33)
    assert set(_answer(found)["limits"].values()) == {"<= 0: holds"}
    found.note("sideways", "visitor de /plan 320 px", "<table>")
    answer = _answer(found)
    assert answer["ratios"] == {"violations": 0, "sideways": 1, "complaints": 0}
    assert answer["limits"]["sideways"] == "<= 0: does not hold"
    assert set(answer["limits"]) == set(LIMITS)
    assert found.what == ["sideways: visitor de /plan 320 px: <table>"]
    assert answer["figures"] == {"pages": 3, "pages_times_languages": 33}
