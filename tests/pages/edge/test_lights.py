"""The operation page says in one line whether there is anything to do, and at each light what."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kit import backups, certificates
from kit.certificates import BY_HAND, BY_ITSELF, BY_START, PAGES, PARTS, Certificate
from services.edge import operation
from services.edge.parts import Parts
from tests.pages.edge.fakes import SESSION

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
WELL = dict.fromkeys((*operation.SERVICES, "nats", "disk"), "ok")


@pytest.fixture
def data(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    parts: Parts = app.extensions["meguri"]
    monkeypatch.setattr(parts, "settings", replace(parts.settings, data_dir=tmp_path))
    backups.save(tmp_path, backups.Record(
        since=NOW, next_time=NOW, made_time=NOW, folder="/media/stick", copied_time=NOW,
    ))  # fmt: skip
    return tmp_path


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    found = dict(WELL)
    monkeypatch.setattr("services.edge.admin.routes.readiness", lambda: found)
    return found


def page(browser: FlaskClient, path: str = "/admin", language: str = "ja") -> str:
    browser.set_cookie("meguri_session", SESSION)
    return browser.get(path, headers={"Accept-Language": language}).text


def note(data: Path, by: str, days: float, of: str = PAGES, whole: float = 90) -> None:
    ends = datetime.now(UTC) + days * DAY
    known = Certificate(of=of, by=by, begins=ends - whole * DAY, ends=ends)
    certificates.save(data, certificates.Record(NOW, (known,)))


def test_where_all_is_well_one_line_says_so_and_nothing_has_to_be_done(
    browser: FlaskClient, data: Path, states: dict[str, str]
) -> None:
    shown = page(browser)
    assert "overall--ok" in shown
    assert "すべて正常です" in shown
    assert 'class="advice"' not in shown
    assert shown.count("light--ok") == len(states) + 2
    assert 'id="certificates"' not in shown


@pytest.mark.parametrize(
    ("part", "state", "meanwhile"),
    [("payments", "away", "現金"), ("multilingual", "away", "案内"),
     ("nats", "away", "失われません"),
     ("insights", "database_away", "データベース"), ("visitor_sense", "away", "センサー")],
)  # fmt: skip
def test_a_part_that_is_away_says_what_goes_on_and_what_to_type(
    browser: FlaskClient, data: Path, states: dict[str, str], part: str, state: str, meanwhile: str
) -> None:
    states[part] = state
    shown = page(browser)
    assert "overall--bad" in shown
    assert shown.count("light--bad") == 1
    advice = shown.split('role="alert"')[1].split("</section>")[0]
    assert meanwhile in advice
    for command in ("down", "up --detach", "status"):
        assert f"./meguri {command} --data {data}</code>" in advice


def test_several_parts_that_are_away_are_one_advice(
    browser: FlaskClient, data: Path, states: dict[str, str]
) -> None:
    states |= {"payments": "away", "insights": "away", "nats": "away"}
    shown = page(browser, language="en")
    assert shown.count('class="advice"') == 1
    assert "Payments, Numbers, News between the parts" in shown


@pytest.mark.parametrize(("state", "kind"), [("disk_low", "warn"), ("disk_full", "bad")])
def test_the_disk_has_its_light(
    browser: FlaskClient, data: Path, states: dict[str, str], state: str, kind: str
) -> None:
    states["disk"] = state
    shown = page(browser)
    assert f"overall--{kind}" in shown
    assert f"notice--{kind}" in shown


@pytest.mark.parametrize(
    ("by", "days", "kind", "said"),
    [(BY_HAND, 100, "ok", ""), (BY_HAND, 20, "warn", "--certificate cert.pem"),
     (BY_HAND, 3, "bad", "--certificate cert.pem"), (BY_HAND, -1, "bad", "期限が切れました"),
     (BY_ITSELF, 25, "ok", ""), (BY_ITSELF, 10, "warn", "logs proxy --no-follow"),
     (BY_ITSELF, -1, "bad", "80")],
)  # fmt: skip
def test_the_certificate_of_the_pages_has_its_light(
    browser: FlaskClient, data: Path, states: dict[str, str], by: str, days: int, kind: str,
    said: str,
) -> None:  # fmt: skip
    note(data, by, days)
    shown = page(browser)
    section = shown.split('id="certificates"')[1].split("</section>")[0]
    assert f"light--{kind}" in section
    assert said in section
    assert ("notice" in section) == (kind != "ok")
    assert f"overall--{kind}" in shown


def test_those_between_the_parts_are_renewed_by_a_start(
    browser: FlaskClient, data: Path, states: dict[str, str]
) -> None:
    note(data, BY_START, 30, PARTS)
    section = page(browser).split('id="certificates"')[1].split("</section>")[0]
    assert "light--warn" in section
    assert "up --detach" in section


def test_a_name_without_a_certificate_is_told_of(
    browser: FlaskClient, data: Path, states: dict[str, str]
) -> None:
    none = certificates.Record(NOW, (Certificate(of=PAGES, by=BY_ITSELF),))
    certificates.save(data, none)
    section = page(browser).split('id="certificates"')[1].split("</section>")[0]
    assert "light--bad" in section
    assert "443" in section


@pytest.mark.parametrize(("days", "late"), [(20, False), (3, True), (-3, True)])
def test_a_certificate_that_ends_is_a_task_of_this_week(
    browser: FlaskClient, data: Path, days: int, *, late: bool
) -> None:
    note(data, BY_HAND, days)
    shown = page(browser, "/week").split('id="certificates"')[1].split("</li>")[0]
    assert 'href="/admin#certificates"' in shown
    assert ("期限を過ぎています" in shown) == late


def test_how_the_whole_is_stands_among_the_metrics(
    browser: FlaskClient, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = WELL | {"payments": "database_away"}
    monkeypatch.setattr(operation, "readiness", lambda: found)
    note(data, BY_HAND, 20)
    lines = dict(
        line.rsplit(" ", 1) for line in browser.get("/metrics").text.splitlines()
        if line.startswith("meguri_")
    )  # fmt: skip
    assert float(lines['meguri_part_up{part="payments"}']) == 0
    assert float(lines['meguri_part_up{part="nats"}']) == 1
    assert 'meguri_part_up{part="disk"}' not in lines
    assert float(lines['meguri_disk_free_bytes{of="data"}']) > 0
    assert 0 <= float(lines['meguri_backup_age_seconds{of="copy"}']) < 600
    left = float(lines['meguri_certificate_left_seconds{of="pages"}'])
    assert left == pytest.approx(20 * 86_400, abs=600)
    life = float(lines['meguri_certificate_life_seconds{of="pages"}'])
    assert life == pytest.approx(90 * 86_400, abs=600)
    (data / certificates.FILE).unlink()
    (data / backups.FILE).unlink()
    told = browser.get("/metrics").text
    assert "meguri_certificate_left_seconds{" not in told
    assert "meguri_certificate_life_seconds{" not in told
    assert "meguri_backup_age_seconds{" not in told


def test_a_backup_that_was_never_made_has_an_age_that_wakes_somebody(
    browser: FlaskClient, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operation, "readiness", lambda: WELL)
    since = datetime.now(UTC) - 3 * DAY
    backups.save(data, backups.Record(since=since, next_time=NOW, problem="disk_full"))
    told = browser.get("/metrics").text
    for of in ("backup", "copy"):
        [age] = re.findall(rf'meguri_backup_age_seconds\{{of="{of}"\}} (\S+)', told)
        assert float(age) == pytest.approx(3 * 86_400, abs=600)
