"""Ratings and replies: what is taken, what a change does, and that any order ends alike."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.languages import LOCALES
from services.multilingual.domain import rating as ratings
from services.multilingual.domain import stop_code as codes
from services.multilingual.domain import survey as surveys
from services.multilingual.domain.first_questions import FIRST_QUESTIONS
from services.multilingual.domain.rating import Face, Kept, Rated, Rating, Reason, Rejected, Step
from services.multilingual.domain.survey import Answered, Kind, Label, Question, Reply

NOW = datetime(2026, 11, 28, 5, 17, 33, tzinfo=UTC)
CODE = codes.make("mine", "cave/pool", 0)
PLACES = {CODE: "cave/pool"}
ID = "7b0cf1de-26c5-4f5e-9f9c-0a4b8f5e6d11"
OTHER = "7b0cf1de-26c5-4f5e-9f9c-0a4b8f5e6d12"


def rating(**more: Any) -> Rating:
    given = {"rating_id": ID, "stop_code": CODE.lower(), "locale": "zh-TW-u-nu-hanidec",
             "face": 1, "reasons": (), "change": 1, "rating_time": None, **more}  # fmt: skip
    return Rating(**given)


def rated(change: int = 1, face: Face = Face.GOOD, *reasons: Reason, minute: int = 0) -> Rated:
    at = NOW - timedelta(minutes=60 - minute)
    return Rated(ID, CODE, "cave/pool", "en", face, reasons, change, at)


def test_a_rating_is_kept_without_what_tells_phones_apart() -> None:
    kept = ratings.judge(rating(), PLACES, NOW)
    assert isinstance(kept, Rated)
    assert (kept.stop_code, kept.place_id, kept.locale) == (CODE, "cave/pool", "zh-Hant")
    assert kept.rating_time == NOW


@pytest.mark.parametrize(
    ("read", "kept"),
    [("en-GB", "en"), ("zh-HK", "zh-Hant"), ("zh", "zh-Hans"), ("ja", "ja"), ("th-TH", "th"),
     ("sv", "sv"), ("sv-FI", "sv"), ("tlh", "und"), ("xx", "und"), ("qaa-Latn-QM", "und"),
     ("mul", "und")],
)  # fmt: skip
def test_a_language_is_one_of_the_area_s_or_of_ours_else_it_is_another(
    read: str, kept: str
) -> None:
    judged = ratings.judge(rating(locale=read), PLACES, NOW, ("ja", "sv"))
    assert isinstance(judged, Rated)
    assert judged.locale == kept
    replied = surveys.judge(reply(("party", "couple"), locale=read), FIRST_QUESTIONS, NOW, ["sv"])
    assert isinstance(replied, Answered)
    assert replied.locale == kept


@given(st.text(max_size=40))
def test_no_text_of_anybody_s_own_becomes_a_language(read: str) -> None:
    judged = ratings.judge(rating(locale=read), PLACES, NOW, ("ja",))
    assert isinstance(judged, Rejected) or judged.locale in {*LOCALES, "und"}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"rating_id": "me"}, "RATING_ID_INVALID"),
        ({"stop_code": "11112"}, "STOP_CODE_MISTYPED"),
        ({"stop_code": codes.make("mine", "cave/other", 0)}, "STOP_CODE_UNKNOWN"),
        ({"locale": "!!"}, "LOCALE_INVALID"),
        ({"face": 0}, "FACE_INVALID"),
        ({"face": 5}, "FACE_INVALID"),
        ({"face": 3, "reasons": (0,)}, "REASON_INVALID"),
        ({"face": 3, "reasons": (6,)}, "REASON_INVALID"),
        ({"face": 1, "reasons": (2,)}, "REASON_INVALID"),
        ({"face": 4, "reasons": (2,)}, "REASON_INVALID"),
        ({"change": 0}, "CHANGE_INVALID"),
        ({"change": 101}, "CHANGE_INVALID"),
        ({"rating_time": NOW - timedelta(days=31)}, "RATING_TOO_OLD"),
    ],
)
def test_what_is_wrong_has_a_stable_reason(more: dict[str, Any], reason: str) -> None:
    refused = ratings.judge(rating(**more), PLACES, NOW)
    assert isinstance(refused, Rejected)
    assert refused.reason == reason
    # What is no id is not told back: answers are kept.
    assert bool(refused.answer_id) == (reason != "RATING_ID_INVALID")


def test_a_clock_ahead_counts_as_now_and_reasons_once() -> None:
    late = rating(rating_time=NOW + timedelta(hours=3), face=2, reasons=(5, 2, 5))
    kept = ratings.judge(late, PLACES, NOW)
    assert isinstance(kept, Rated)
    assert kept.rating_time == NOW
    assert kept.reasons == (Reason.LONG, Reason.SOUND)


def test_a_change_ends_what_was_said_and_says_the_new_one() -> None:
    first = ratings.step(None, rated())
    assert isinstance(first, Step)
    assert (first.ended, first.given) == (None, rated())
    second = ratings.step(first.kept, rated(2, Face.POOR, Reason.HARD))
    assert isinstance(second, Step)
    assert (second.ended, second.given) == (rated(), rated(2, Face.POOR, Reason.HARD))
    assert second.kept.version == 3  # given, withdrawn, given
    back = ratings.step(second.kept, rated(3, Face.WITHDRAWN))
    assert isinstance(back, Step)
    assert (back.ended, back.given) == (rated(2, Face.POOR, Reason.HARD), None)
    assert back.kept.version == 4


def test_a_rating_taken_back_before_it_was_sent_says_nothing() -> None:
    step = ratings.step(None, rated(2, Face.WITHDRAWN))
    assert isinstance(step, Step)
    assert (step.ended, step.given, step.kept.version) == (None, None, 0)
    assert ratings.step(step.kept, rated(1)) is None  # the earlier tap comes late


def test_the_same_answer_again_says_nothing_new() -> None:
    known = Kept(rated(1, minute=5), 1)
    again = ratings.step(known, rated(2, minute=30))
    assert isinstance(again, Step)
    assert (again.ended, again.given) == (None, None)
    # What was said under its own time is what a later change has to take back.
    assert again.kept.rated.rating_time == known.rated.rating_time
    assert again.kept.rated.change == 2
    assert ratings.step(known, rated(1, Face.POOR)) is None


def test_an_id_of_another_narration_is_refused() -> None:
    for other in (Rated(ID, "00000", "x", "en", Face.GOOD, (), 2, NOW),
                  Rated(ID, CODE, "cave/pool", "ko", Face.GOOD, (), 2, NOW)):  # fmt: skip
        refused = ratings.step(Kept(rated(), 1), other)
        assert isinstance(refused, Rejected)
        assert refused.reason == "RATING_ID_TAKEN"


CHANGES = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(list(Face)), st.integers(0, 50)),
    min_size=1, max_size=12,
)  # fmt: skip


@given(CHANGES, st.randoms())
def test_whatever_arrives_in_whatever_order_what_was_said_adds_up_to_what_holds(
    changes: list[tuple[int, Face, int]], random: Any
) -> None:
    """Events given less events withdrawn is what is kept: one rating, or none."""
    by_number = {change: rated(change, face, minute=minute) for change, face, minute in changes}
    sent = [by_number[change] for change, _face, _minute in changes]
    random.shuffle(sent)
    known: Kept | None = None
    standing: list[tuple[Face, datetime]] = []
    versions = [0]
    for each in sent:
        step = ratings.step(known, each)
        if step is None:
            continue
        assert isinstance(step, Step)
        if step.ended is not None:
            standing.remove((step.ended.face, step.ended.rating_time))
        if step.given is not None:
            standing.append((step.given.face, step.given.rating_time))
        known = step.kept
        versions.append(known.version)
    assert known is not None
    last = by_number[max(by_number)]
    assert known.rated.change == last.change
    assert known.rated.face == last.face
    assert [face for face, _ in standing] == ([last.face] if last.holds else [])
    assert all(before <= after <= before + 2 for before, after in pairwise(versions))


def reply(*answers: tuple[str, str], **more: Any) -> Reply:
    given = {"reply_id": OTHER, "locale": "en-GB-oed", "answers": answers, "reply_time": None,
             **more}  # fmt: skip
    return Reply(**given)


def test_a_reply_is_kept_to_the_hour() -> None:
    kept = surveys.judge(reply(("party", "couple"), ("country", "KR")), FIRST_QUESTIONS, NOW)
    assert isinstance(kept, Answered)
    assert kept.answers == (("country", "KR"), ("party", "couple"))
    assert kept.reply_time == datetime(2026, 11, 28, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (reply(("party", "couple"), reply_id="x"), "REPLY_ID_INVALID"),
        (reply(), "REPLY_EMPTY"),
        (reply(("shoe_size", "43")), "QUESTION_UNKNOWN"),
        (reply(("party", "couple"), ("party", "alone")), "QUESTION_UNKNOWN"),
        (reply(("party", "with my dog Rex")), "OPTION_UNKNOWN"),
        (reply(("party", "couple"), reply_time=NOW - timedelta(days=31)), "REPLY_TOO_OLD"),
    ],
)
def test_a_wrong_reply_has_a_stable_reason(wrong: Reply, reason: str) -> None:
    refused = surveys.judge(wrong, FIRST_QUESTIONS, NOW)
    assert isinstance(refused, Rejected)
    assert refused.reason == reason
    assert bool(refused.answer_id) == (reason != "REPLY_ID_INVALID")


def test_a_prefecture_chosen_before_the_country_was_changed_is_left_out() -> None:
    abroad = surveys.judge(reply(("country", "KR"), ("prefecture", "JP-35")), FIRST_QUESTIONS, NOW)
    at_home = surveys.judge(reply(("country", "JP"), ("prefecture", "JP-35")), FIRST_QUESTIONS, NOW)
    alone = surveys.judge(reply(("prefecture", "JP-35")), FIRST_QUESTIONS, NOW)
    assert isinstance(abroad, Answered)
    assert isinstance(at_home, Answered)
    assert isinstance(alone, Answered)
    assert dict(abroad.answers) == {"country": "KR"}
    assert dict(at_home.answers) == {"country": "JP", "prefecture": "JP-35"}
    assert dict(alone.answers) == {"prefecture": "JP-35"}


def test_a_question_that_is_no_longer_asked_still_takes_answers_of_phones_without_a_signal() -> (
    None
):
    old = Question("pet", Kind.CHOICE, Label({"ja": "犬"}), FIRST_QUESTIONS[2].options, shown=False)
    assert isinstance(surveys.judge(reply(("pet", "alone")), [old], NOW), Answered)


def test_the_first_survey_speaks_every_language_and_calls_itself_a_draft() -> None:
    ids = [each.question_id for each in FIRST_QUESTIONS if each.shown]
    assert ids == ["country", "prefecture", "party", "transport", "heard"]
    labels = [each.label for each in FIRST_QUESTIONS]
    labels += [option.label for each in FIRST_QUESTIONS for option in each.options if option.label]
    assert len(labels) == 5 + 6 + 7 + 7
    for label in labels:
        assert set(label.texts) == set(LOCALES)
        assert all(text.strip() for text in label.texts.values())
        assert label.drafts == set(LOCALES)
    assert all(len({o.option_id for o in q.options}) == len(q.options) for q in FIRST_QUESTIONS)


def test_a_label_that_is_missing_says_which_language_it_came_in() -> None:
    label = Label({"ja": "駅", "en": "Station"}, frozenset({"en"}))
    wanted = surveys.words(label, "ko", "ja")
    assert (wanted.text, wanted.locale, wanted.fallback) == ("Station", "en", True)
    assert wanted.machine_draft
    assert not surveys.words(label, "ja", "ja").machine_draft
