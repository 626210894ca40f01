"""What the staff says of a POI, what a file says, and who confirmed it."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.app.kept_pois import preview_opening
from services.itinerary.domain.kept_poi import (
    _PARTS,
    FIELDS,
    TEXT_KINDS,
    FieldConfirmation,
    KeptPoi,
    PoiState,
    check_confirmations,
    confirmed,
    merged,
    retirement,
)
from services.itinerary.domain.place import Closure
from services.itinerary.domain.poi import Category, Fees, Interest, Poi, PoiStatus, PoiTexts
from services.itinerary.domain.why import WhyOut
from services.itinerary.domain.windows import day_access

BASE = Poi(
    "pond", "pond", Category.NATURE, (Interest.NATURE,), PoiStatus.OPEN, "09:00-17:00", "", 20, 40,
    50, False, "", Fees(300), PoiTexts({"ja": "池", "en": "A pond"}), "0837-00-0000",  # noqa: FBT003
    ("opening", "stay"), "a list",
)  # fmt: skip
SATO = FieldConfirmation("opening", "Sato, by telephone", "2026-11-29")

texts = st.dictionaries(st.sampled_from(["ja", "en", "ko"]), st.text(min_size=1, max_size=3))
pois = st.builds(
    lambda opening, stay, score, fee, summary, estimated: replace(
        BASE, opening=opening, stay_min_minutes=stay, score=score, fees=Fees(fee),
        texts=PoiTexts(summary), estimated_fields=tuple(estimated),
    ),
    st.sampled_from(["09:00-17:00", "24/7", ""]), st.integers(1, 3), st.integers(0, 3),
    st.sampled_from([None, 0, 300]), texts,
    st.lists(st.sampled_from(sorted(FIELDS)), unique=True, max_size=4),
)  # fmt: skip


@given(pois, pois)
def test_a_file_that_says_what_it_said_before_changes_nothing(base: Poi, mine: Poi) -> None:
    found = merged(base, mine, base)
    assert found.poi == replace(mine, estimated_fields=found.poi.estimated_fields)
    assert set(found.poi.estimated_fields) == set(mine.estimated_fields)
    assert found.kept == []


@given(pois, pois)
def test_where_the_staff_changed_nothing_the_file_counts(base: Poi, theirs: Poi) -> None:
    found = merged(base, base, theirs)
    assert found.poi == theirs
    assert found.kept == []


@given(pois, pois, pois)
def test_every_field_is_the_staffs_or_untouched_by_it(base: Poi, mine: Poi, theirs: Poi) -> None:
    found = merged(base, mine, theirs)
    for name in ("opening", "score", "fees", "stay_min_minutes"):
        was, ours, new = (getattr(poi, name) for poi in (base, mine, theirs))
        assert getattr(found.poi, name) == (new if ours == was else ours), name
    for locale in {*mine.texts.summary, *base.texts.summary}:
        if mine.texts.summary.get(locale) != base.texts.summary.get(locale):
            ours = mine.texts.summary.get(locale)
            assert found.poi.texts.summary.get(locale) == ours
    confirmed_since = set(base.estimated_fields) - set(mine.estimated_fields)
    assert not confirmed_since & set(found.poi.estimated_fields)


def test_what_file_and_staff_say_differently_is_told_by_field() -> None:
    mine = replace(
        BASE, opening="10:00-16:00", score=70, texts=PoiTexts({"ja": "大池", "en": "A pond"})
    )
    theirs = replace(BASE, opening="08:00-17:00", phone="0837-11-1111",
                     texts=PoiTexts({"ja": "小池", "en": "The pond"}))  # fmt: skip
    found = merged(BASE, mine, theirs)
    assert found.kept == ["opening", "summary.ja"]
    assert (found.poi.opening, found.poi.score) == ("10:00-16:00", 70)
    assert found.poi.phone == "0837-11-1111"
    assert found.poi.texts.summary == {"ja": "大池", "en": "The pond"}


def test_a_text_the_staff_took_away_does_not_come_back_with_the_file() -> None:
    mine = replace(BASE, texts=PoiTexts({"ja": "池"}))
    assert merged(BASE, mine, BASE).poi.texts.summary == {"ja": "池"}


def test_a_confirmed_field_is_an_estimate_no_longer() -> None:
    poi, holds = confirmed(KeptPoi(BASE, 1), BASE, [SATO])
    assert poi.estimated_fields == ("stay",)
    assert holds == (SATO,)


def test_a_confirmation_ends_with_another_value_or_a_doubt() -> None:
    sure = replace(BASE, estimated_fields=("stay",))
    before = KeptPoi(sure, 2, confirmations=(SATO,))
    assert confirmed(before, replace(sure, phone="1"), [])[1] == (SATO,)
    assert confirmed(before, replace(sure, opening="24/7"), [])[1] == ()
    assert confirmed(before, replace(sure, estimated_fields=("opening",)), [])[1] == ()
    again = replace(SATO, confirmed_by="Ito")
    assert confirmed(before, replace(sure, opening="24/7"), [again])[1] == (again,)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (replace(SATO, field="color"), "UNKNOWN_FIELD"),
        (replace(SATO, confirmed_by=""), "NO_NAME"),
        (replace(SATO, confirmed_by="x" * 201), "NO_NAME"),
        (replace(SATO, confirmed_date="2026-11-31"), "BAD_DATE"),
        (replace(SATO, confirmed_date="2026-12-01"), "BAD_DATE"),
        (replace(SATO, confirmed_date="20261129"), "BAD_DATE"),
    ],
)
def test_what_confirms_nothing_is_refused(said: FieldConfirmation, reason: str) -> None:
    [(path, text)] = check_confirmations([SATO, said], date(2026, 11, 30))
    assert path.startswith("confirmations[1].")
    assert f"[{reason}]" in text


def test_a_retired_poi_is_shut_alone() -> None:
    now = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
    gone = retirement(KeptPoi(BASE, 3, PoiState.RETIRED, retire_time=now))
    assert gone.hits("pond", "elsewhere")
    assert not gone.hits("shop", "pond")
    access = day_access(BASE, date(2026, 12, 1), 20, [gone], "Asia/Tokyo")
    assert (access.why, access.closure_reason) == (WhyOut.CLOSURE, "retired")
    with pytest.raises(ValueError, match="not retired"):
        retirement(KeptPoi(BASE, 3))


def test_a_closure_of_a_place_still_hits_all_at_it() -> None:
    closure = Closure("c", frozenset({"pond"}), "flood", datetime(2026, 1, 1, tzinfo=UTC), None)
    assert closure.hits("anything", "pond")
    assert not closure.hits("pond", "elsewhere")


def test_a_preview_tells_holidays_and_days_that_move() -> None:
    days = preview_opening("09:00-17:00; Mo off (PH: next day)", "-30min", date(2026, 11, 21), 5)
    told = [(each.day.isoformat(), each.holiday, bool(each.spans)) for each in days]
    assert told == [
        ("2026-11-21", "", True), ("2026-11-22", "", True), ("2026-11-23", "勤労感謝の日", True),
        ("2026-11-24", "", False), ("2026-11-25", "", True),
    ]  # fmt: skip
    assert days[0].spans[0].last_entry_minute == 16 * 60 + 30


def test_no_field_of_a_poi_is_forgotten_by_a_merge() -> None:
    parts = {part for parts in _PARTS.values() for part in parts}
    apart = {"poi_id", "texts", "estimated_fields"}
    assert {each.name for each in fields(Poi)} == parts | apart
    assert {each.name for each in fields(PoiTexts)} == set(TEXT_KINDS)
