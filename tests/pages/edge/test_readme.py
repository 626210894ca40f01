"""The table of pages in the README lists every page, and no address that is none."""

import re
from collections import Counter

from flask import Flask

from infra.local.home import ROOT

# For scripts of a page and for programs; doubles in capitals; ways back from a page of a question.
NO_PAGES = {
    "/G/", "/g", "/gate/setup", "/healthz", "/insights/live", "/metrics", "/readyz",
    "/studio/exchange/file", "/studio/pins/choose", "/till/display/feed", "/till/display/now",
    "/till/payments", "/till/splits", "/till/waiting",
}  # fmt: skip
WITH_MORE = "…"


def listed() -> Counter[str]:
    """Returns the addresses of the README's table of pages."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.search(r"^\| open \|.*?\n\n", text, flags=re.DOTALL | re.MULTILINE)
    assert rows
    first_cells = [line.split("|")[1] for line in rows[0].splitlines()[2:] if line]
    return Counter(each for cell in first_cells for each in re.findall(r"`(/[^`]*)`", cell))


def pages(app: Flask) -> set[str]:
    """Returns the addresses of all pages that need no part of their own."""
    return {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.arguments
        and "." not in rule.rule
        and not rule.rule.startswith("/api/")
    } - NO_PAGES


def test_it_lists_every_page_once(app: Flask) -> None:
    found = listed()
    assert {each for each in found if WITH_MORE not in each} == pages(app)
    assert set(found.values()) == {1}


def test_addresses_with_more_behind_them_exist(app: Flask) -> None:
    begun = [each.partition(WITH_MORE)[0] for each in listed() if WITH_MORE in each]
    assert begun
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    for start in begun:
        assert any(rule.startswith(f"{start}<") for rule in rules), start


def test_it_names_every_description_for_programs(app: Flask) -> None:
    found = {each.rule for each in app.url_map.iter_rules() if each.rule.startswith("/api/")}
    described = {each for each in found if each.endswith(".json") and "/v1/" not in each}
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert described == {"/api/openapi.json", "/api/asyncapi.json"}
    assert set(re.findall(r"`(/api/[^`]*\.json)`", text)) == described


def test_what_is_left_out_is_there(app: Flask) -> None:
    assert {rule.rule for rule in app.url_map.iter_rules()} >= NO_PAGES
