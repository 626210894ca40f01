"""Weaknesses of parts: what is open, what is let be and until when, and who was not asked."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import audit
from cli.audit import Allowed, Weakness

TODAY = date(2026, 12, 1)
WEAK = Weakness("PYSEC-2026-1", "flask", "3.1.3", "3.1.4", "requirements.lock")


def allowed(days: int) -> Allowed:
    return Allowed(WEAK.id, WEAK.package, "not reached", TODAY + timedelta(days))


@given(days=st.integers(-500, 500))
def test_a_permission_holds_until_its_day_and_never_for_long(days: int) -> None:
    found, let_be, unused = audit.judge([WEAK], [allowed(days)], TODAY)
    good = 0 <= days <= audit.LONGEST_DAYS
    assert (found, let_be) == (([], [WEAK]) if good else ([WEAK], []))
    assert unused == ([] if good else [allowed(days)])


def test_a_permission_is_for_one_weakness_of_one_package() -> None:
    other = Allowed(WEAK.id, "werkzeug", "not reached", TODAY)
    assert audit.judge([WEAK], [other], TODAY) == ([WEAK], [], [other])


@pytest.mark.parametrize("text", [
    "", "id,package\n", "id,package,reason,until\nX,flask,,2026-12-01\n",
    "id,package,reason,until\nX,flask,why,soon\n", "id,package,reason,until\nX,flask\n",
])  # fmt: skip
def test_a_list_that_gives_no_reason_or_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        audit.read_allowed(text)


def test_the_list_of_the_tree_can_be_read() -> None:
    for entry in audit.read_allowed(audit.ALLOWED.read_text(encoding="utf-8")):
        assert len(entry.reason) > 20


def test_what_the_index_says_nothing_of_was_not_asked() -> None:
    asked = audit.of_pip_audit({"dependencies": [
        {"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found: b"},
        {"name": "flask", "version": "3.1.3",
         "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["3.1.4"], "aliases": []}]},
    ]}, "requirements.lock")  # fmt: skip
    assert (asked.looked_up, asked.missing, asked.weaknesses) == (2, ["not found: b"], [WEAK])


def test_an_advisory_of_npm_is_told_once_of_the_package_that_has_it() -> None:
    advisory = {"source": 7, "url": "https://x.example/advisories/GHSA-1", "title": "bad"}
    asked = audit.of_npm({
        "metadata": {"dependencies": {"total": 9}},
        "vulnerabilities": {
            "above": {"via": ["below"], "range": "*", "fixAvailable": False},
            "below": {"via": [advisory, advisory], "range": "<2", "fixAvailable": True},
        },
    }, "p.json")  # fmt: skip
    assert asked.looked_up == 9
    assert asked.weaknesses == [Weakness("GHSA-1", "below", "<2", "a newer one", "p.json")]
