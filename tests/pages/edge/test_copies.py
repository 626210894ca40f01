"""The operation page says whether there are backups, where, and what to do when there are none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kit import backups
from services.edge.parts import Parts
from tests.pages.edge.fakes import SESSION

NOW = datetime.now(UTC)
WELL = {"made_time": NOW, "folder": "/media/stick", "copied_time": NOW}


@pytest.fixture
def data(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    parts: Parts = app.extensions["meguri"]
    monkeypatch.setattr(parts, "settings", replace(parts.settings, data_dir=tmp_path))
    return tmp_path


def note(data: Path, **known: Any) -> None:
    backups.save(data, backups.Record(**{"since": NOW, "next_time": NOW, **known}))


def page(browser: FlaskClient, language: str = "ja") -> str:
    browser.set_cookie("meguri_session", SESSION)
    return browser.get("/admin", headers={"Accept-Language": language}).text


def test_where_somebody_else_makes_backups_the_page_says_nothing(
    browser: FlaskClient, data: Path
) -> None:
    assert 'id="copies"' not in page(browser)


def test_all_well_is_two_green_lights_and_no_word_more(browser: FlaskClient, data: Path) -> None:
    note(data, **WELL)
    section = page(browser).split('id="copies"')[1].split("</section>")[0]
    assert section.count("light--ok") == 2
    assert "notice" not in section


@pytest.mark.parametrize(
    ("known", "kind", "said"),
    [
        ({}, "warn", "--backup-to"),
        ({**WELL, "problem": "disk_low"}, "warn", "空きがありません"),
        ({**WELL, "problem": "failed"}, "warn", "backup --nightly"),
        ({**WELL, "copy_problem": "medium_away"}, "warn", "挿さっていません"),
        ({**WELL, "copy_problem": "medium_same_disk"}, "warn", "自身のディスク"),
        ({**WELL, "copy_problem": "disk_full"}, "warn", "いっぱい"),
        ({**WELL, "made_time": NOW - timedelta(days=3)}, "bad", "backup --nightly"),
        ({**WELL, "copied_time": NOW - timedelta(days=8), "copy_problem": "medium_away"}, "bad",
         "失われます"),
    ],
)  # fmt: skip
def test_each_trouble_has_its_light_and_what_to_do(
    browser: FlaskClient, data: Path, known: dict[str, Any], kind: str, said: str
) -> None:
    note(data, **known)
    section = page(browser).split('id="copies"')[1].split("</section>")[0]
    assert f"light--{kind}" in section
    assert f"notice--{kind}" in section
    assert said in section


def test_a_reason_that_this_version_does_not_know_is_no_error(
    browser: FlaskClient, data: Path
) -> None:
    note(data, **{**WELL, "copy_problem": "of_a_newer_version"})
    assert "light--warn" in page(browser, "en")
