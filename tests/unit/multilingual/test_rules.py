"""Texts that may be kept, scans that count, addresses that fit a label."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from kit.pure.languages import LOCALES
from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.label import label_url
from services.multilingual.domain.narration import (
    Head,
    Paragraph,
    RevisionConflict,
    Text,
    Topic,
    check,
    check_base,
    check_replaced,
    tidy,
)
from services.multilingual.domain.scan import (
    OTHER_ASKED,
    Counted,
    Rejected,
    Scan,
    count,
    cut_locale,
)

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
CODE = codes.make("mine", "cave/pool", 0)


def text(*paragraphs: tuple[str, str], name: str = "Pool") -> Text:
    return Text(name, "", tuple(Paragraph(key, Topic.FORMATION, body) for key, body in paragraphs))


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (text(name=""), "text.name"),
        (text(name="x" * 81), "text.name"),
        (text(("what", "x"), ("what", "y")), "text.paragraphs"),
        (text(("What", "x")), "text.paragraphs[0].paragraph_id"),
        (text(("what", "")), "text.paragraphs[0].text"),
        (text(("what", "x" * 2001)), "text.paragraphs[0].text"),
        (text(("what", "a\u202eb")), "text"),
        (text(("what", "a\x00b")), "text"),
        (text(*((f"p{n}", "x") for n in range(13))), "text.paragraphs"),
    ],
)
def test_what_cannot_be_kept_is_named(bad: Text, field: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        check(bad)
    assert field in {name for name, _ in caught.value.fields}


@given(st.text(max_size=200))
def test_tidying_twice_changes_nothing_more(body: str) -> None:
    once = tidy(text(("what", body)))
    assert tidy(once) == once


def test_tidy_joins_what_looks_equal() -> None:
    assert tidy(text(("what", " か\u3099\r\n "))).paragraphs[0].text == "が"


def test_the_second_editor_is_told() -> None:
    check_base(Head(3, 2), 3)
    with pytest.raises(RevisionConflict):
        check_base(Head(3, 2), 2)
    with pytest.raises(RevisionConflict):
        check_replaced(Head(3, 2), 1)


def scan(**more: object) -> Scan:
    given = {"scan_id": "8b0f2a3e-1c65-4a5b-9f0a-3f9f0d0b7c11", "stop_code": CODE.lower(),
             "requested_locale": "zh-Hant-TW-u-nu-hanidec,en;q=0.5", "served_locale": "zh-Hant",
             "scan_time": None, "offline": False, **more}  # fmt: skip
    return Scan(**given)  # type: ignore[arg-type]


def test_a_scan_is_kept_without_what_could_tell_a_phone_apart() -> None:
    kept = count(scan(), {CODE: "cave/pool"}, NOW)
    assert isinstance(kept, Counted)
    assert (kept.requested_locale, kept.scan_time, kept.place_id) == (
        "zh-Hant",
        NOW,
        "cave/pool",
    )


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("en-GB,en;q=0.9", "en"), ("zh-TW", "zh-Hant"), ("zh-CN", "zh-Hans"), ("zh", "zh-Hans"),
        ("th-TH", "th"), ("pt-BR", "pt"), ("nl", "other"), ("xx-Hanako-1990", "other"),
        ("my-own-name", "other"), ("", ""), ("!!", ""), ("und", "other"),
    ],
)  # fmt: skip
def test_a_scan_keeps_languages_of_our_pages_and_of_the_area_alone(asked: str, kept: str) -> None:
    found = count(
        scan(requested_locale=asked, served_locale=asked), {CODE: "cave/pool"}, NOW, ["ja", "pt"]
    )
    assert isinstance(found, Counted)
    assert (found.requested_locale, found.served_locale) == (kept, kept)


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_anybody_sends_becomes_a_language(asked: str, served: str) -> None:
    found = count(
        scan(requested_locale=asked, served_locale=served), {CODE: "cave/pool"}, NOW, ["ja"]
    )
    assert isinstance(found, Counted)
    assert {found.requested_locale, found.served_locale} <= {"", OTHER_ASKED, *LOCALES}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"scan_id": "1; drop table scans"}, "SCAN_ID_INVALID"),
        ({"stop_code": CODE[:-1] + ("0" if CODE[-1] != "0" else "1")}, "STOP_CODE_MISTYPED"),
        ({"stop_code": codes.make("mine", "elsewhere", 0)}, "STOP_CODE_UNKNOWN"),
        ({"scan_time": NOW - timedelta(days=31)}, "SCAN_TOO_OLD"),
        ({"scan_count": 2}, "SCAN_COUNT_INVALID"),
        ({"scan_count": -1}, "SCAN_COUNT_INVALID"),
    ],
)
def test_what_does_not_count_says_why(more: dict[str, object], reason: str) -> None:
    refused = count(scan(**more), {CODE: "cave/pool"}, NOW)
    assert isinstance(refused, Rejected)
    assert refused.reason == reason
    assert bool(refused.scan_id) == (reason != "SCAN_ID_INVALID")


@pytest.mark.parametrize(("said", "kept"), [(0, 1), (1, 1), (10, 10)])
def test_a_record_stands_for_as_many_as_it_says(said: int, kept: int) -> None:
    found = count(scan(scan_count=said), {CODE: "cave/pool"}, NOW, most=10)
    assert isinstance(found, Counted)
    assert found.scan_count == kept
    assert isinstance(count(scan(scan_count=11), {CODE: "cave/pool"}, NOW, most=10), Rejected)


@given(st.text(max_size=80))
def test_a_kept_locale_has_at_most_three_parts(header: str) -> None:
    assert len(cut_locale(header).split("-")) <= 3
    assert len(cut_locale(header)) <= 16


def test_a_label_address_is_upper_case_as_a_whole() -> None:
    assert label_url("https://guide.example.jp:8443/", "K7Q2X") == (
        "HTTPS://GUIDE.EXAMPLE.JP:8443/G/K7Q2X"
    )


@pytest.mark.parametrize(
    "base",
    ["guide.example.jp", "ftp://x.jp", "https://x.jp/path", "https://x.jp/?q", "https://日本.jp",
     "https://u:p@x.jp", "https://", "javascript:alert(1)"],
)  # fmt: skip
def test_an_address_that_fits_no_label_is_refused(base: str) -> None:
    with pytest.raises(InvalidFields):
        label_url(base, "K7Q2X")
