"""Until when certificates hold: what is looked at, and when a light changes."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import certificates as command
from infra.local import authority
from infra.local import certificates as watch
from infra.local.home import Home, Settings
from kit import certificates
from kit.certificates import (
    BY_HAND,
    BY_ITSELF,
    BY_START,
    LAST,
    LATE,
    NONE,
    OK,
    OVER,
    PAGES,
    PARTS,
    SOON,
    Certificate,
    Record,
)  # fmt: skip

NOW = datetime(2026, 8, 12, 3, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = ["payments", "edge"]


def ending(left: timedelta, by: str = BY_HAND, whole: timedelta = 365 * DAY) -> Certificate:
    ends = NOW + left
    return Certificate(of=PAGES, by=by, begins=ends - whole, ends=ends)


@pytest.mark.parametrize(
    ("by", "days", "state"),
    [
        (BY_HAND, 31, OK), (BY_HAND, 29, SOON), (BY_HAND, 8, SOON), (BY_HAND, 6, LAST),
        (BY_HAND, 0, OVER), (BY_HAND, -400, OVER),
        (BY_START, 61, OK), (BY_START, 59, SOON), (BY_START, 6, LAST),
    ],
)  # fmt: skip
def test_an_office_is_told_weeks_before(by: str, days: int, state: str) -> None:
    assert certificates.state(ending(days * DAY, by), NOW) == state


@pytest.mark.parametrize(
    ("whole", "left", "state"),
    [(90, 31, OK), (90, 19, OK), (90, 17, SOON), (90, 5, LAST), (6, 1.9, OK), (6, 1.1, SOON),
     (6, 0.3, LAST)],
)  # fmt: skip
def test_what_renews_itself_is_told_of_only_once_that_failed(
    whole: int, left: float, state: str
) -> None:
    """Caddy renews when a third of the time is left, of 90 days as of 6."""
    assert certificates.state(ending(left * DAY, BY_ITSELF, whole * DAY), NOW) == state


@given(st.floats(-500, 500), st.sampled_from([BY_HAND, BY_ITSELF, BY_START]), st.floats(0, 100))
def test_a_light_only_gets_worse_as_time_goes_on(left: float, by: str, later: float) -> None:
    order = [OK, SOON, LAST, OVER]
    known = ending(left * DAY, by)
    first, then = (certificates.state(known, NOW + each * DAY) for each in (0, later))
    assert order.index(first) <= order.index(then)


def test_without_a_certificate_it_is_late() -> None:
    assert certificates.state(Certificate(of=PAGES, by=BY_ITSELF), NOW) == NONE
    assert {NONE, OVER, LAST} == LATE


def test_the_first_one_between_the_parts_that_ends_counts(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    folder = home.secrets / "tls"
    folder.mkdir()
    authority.ensure_certificates(folder, NAMES)
    (found,) = watch.look(home, Settings(), NAMES)
    assert (found.of, found.by) == (PARTS, BY_START)
    assert found.ends is not None
    left = found.ends - datetime.now(UTC)
    assert timedelta(days=729) < left <= timedelta(days=730)
    # One of a part that does not run any more is nobody's business, however old.
    (folder / "gone").mkdir()
    (folder / "gone" / "cert.pem").write_bytes((folder / "authority.pem").read_bytes()[:50])
    assert watch.look(home, Settings(), [*NAMES, "missing", "gone"]) == (found,)


def test_without_any_certificate_between_the_parts_there_is_none(tmp_path: Path) -> None:
    (parts,) = watch.look(Home(tmp_path), Settings(), ["payments"])
    assert (parts.of, parts.by, parts.ends) == (PARTS, BY_START, None)


def note(data: Path, *some: Certificate) -> None:
    certificates.save(data, Record(datetime.now(UTC), some))


def test_what_was_written_is_read_and_nothing_else(tmp_path: Path) -> None:
    assert certificates.look(tmp_path) == ()
    note(tmp_path, ending(3 * DAY), Certificate(of=PARTS, by=BY_START))
    first, second = certificates.look(tmp_path, NOW)
    assert (first.state, second.state) == (LAST, NONE)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"looked_time": "2026-08-12T00:00:00", "certificates": []}',
     '{"looked_time": "2026-08-12T00:00:00Z", "certificates": [{"of": "pages"}]}',
     '{"looked_time": "2026-08-12T00:00:00Z", "certificates": [{"of": "a", "by": 1}]}'],
)  # fmt: skip
def test_a_damaged_file_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / certificates.FILE).write_text(text)
    assert certificates.look(tmp_path) == ()


def said(home: Home) -> str:
    out = StringIO()
    command.show(home, out)
    return out.getvalue()


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("by", "days", "what"),
    [(BY_HAND, 20, "--certificate"), (BY_HAND, -1, "ended on"), (BY_ITSELF, 2, "ports 80 and 443"),
     (BY_START, 3, "Every start makes new ones")],
)  # fmt: skip
def test_the_terminal_says_what_to_do(tmp_path: Path, by: str, days: int, what: str) -> None:
    now = datetime.now(UTC)
    ends = now + days * DAY
    note(tmp_path, Certificate(of=PAGES, by=by, begins=ends - 90 * DAY, ends=ends))
    assert what in said(Home(tmp_path))


@pytest.mark.usefixtures("english")
def test_while_all_are_good_not_a_word_is_said(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert said(home) == ""
    assert command.told_of(home) == {}
    ends = datetime.now(UTC) + 300 * DAY
    note(tmp_path, Certificate(of=PARTS, by=BY_START, begins=ends - 400 * DAY, ends=ends))
    assert said(home) == ""
    told: dict[str, Any] = command.told_of(home)
    assert told["certificates"][0]["state"] == OK
    assert json.dumps(told)
