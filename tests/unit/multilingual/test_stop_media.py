"""Who looked at a photo or video: put in, reworded, shown, and what is remembered for repeats."""

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from services.multilingual.app.stop_media import Outcome
from services.multilingual.domain.narration import Reading
from services.multilingual.domain.photo import Photo
from services.multilingual.domain.review import Policy, SecondReaderNeeded
from services.multilingual.domain.stop_media import needs_reason, put_in, reworded, shown

MADE = Photo(
    photo_id="p", stop_code="K7Q2X", position=1, version=1, files=(), credit="City",
    alts={"ja": "池"}, author="hanako", writer="hanako",
    create_time=datetime(2026, 11, 29, tzinfo=UTC),
)  # fmt: skip
STRICT = Policy.SECOND_READER


def test_what_is_put_in_waits_where_somebody_has_to_look_and_a_reason_stands_for_it() -> None:
    assert put_in(MADE, Policy.OPEN, "").seen
    waits = put_in(MADE, STRICT, "")
    assert (waits.waiting, waits.seen) == (True, False)
    alone = put_in(MADE, STRICT, "nobody else is here")
    assert (alone.seen, alone.reading) == (True, Reading.ALONE)


def test_new_words_of_what_visitors_see_need_a_look_or_a_reason() -> None:
    looked = replace(MADE, writer="jiro", looker="taro", reading=Reading.SECOND_READER)
    with pytest.raises(SecondReaderNeeded):
        reworded(looked, STRICT, "")
    again = reworded(looked, STRICT, "a slip of the pen")
    assert (again.looker, again.reading) == ("", Reading.ALONE)
    waits = replace(looked, waiting=True)
    assert reworded(waits, STRICT, "") == waits


def test_a_reviewer_who_neither_put_it_in_nor_wrote_of_it_has_looked() -> None:
    waits = replace(put_in(MADE, STRICT, ""), writer="jiro")
    by_other = shown(waits, STRICT, "taro", reviews=True, reason="")
    assert (by_other.seen, by_other.looker) == (True, "taro")
    assert by_other.reading is Reading.SECOND_READER
    for own in ("hanako", "jiro"):
        with pytest.raises(SecondReaderNeeded):
            shown(waits, STRICT, own, reviews=True, reason="")
        assert shown(waits, STRICT, own, reviews=True, reason="alone").looker == ""


def test_a_reason_is_asked_of_whoever_is_no_second_reader_and_kept_of_them_alone() -> None:
    waits = replace(put_in(MADE, STRICT, ""), writer="jiro")
    for who, reviews, needed in (
        ("taro", True, False), ("taro", False, True), ("hanako", True, True), ("jiro", True, True),
    ):  # fmt: skip
        assert needs_reason(waits, STRICT, who, reviews=reviews) is needed
        after = shown(waits, STRICT, who, reviews=reviews, reason="Sunday")
        assert after.reason == ("Sunday" if needed else "")
        assert not needs_reason(after, STRICT, who, reviews=reviews)
        assert not needs_reason(waits, Policy.OPEN, who, reviews=reviews)


def test_answers_that_were_kept_before_are_read_yet() -> None:
    kept = msgspec.json.decode(b'{"change_number": 3, "photo_id": "p"}', type=Outcome)
    assert kept == Outcome(3, "p")
    assert msgspec.json.decode(msgspec.json.encode(kept), type=Outcome) == kept
