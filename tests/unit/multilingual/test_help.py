"""Rules of help: what is taken of a stranger's words, when an answer is due, what may be done."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields, VersionConflict
from kit.pure.languages import LOCALES
from services.multilingual.domain import help as rules
from services.multilingual.domain import help_desk, help_sent, help_template
from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.first_help_templates import FIRST_TEMPLATES
from services.multilingual.domain.help import Act, HelpRequest, Standing, State, Step, Topic
from services.multilingual.domain.help_desk import Desk
from services.multilingual.domain.help_sent import Rejected, Sent

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)  # a Friday, noon in Tokyo
ZONE = "Asia/Tokyo"
SECRET = "s" * 43
CODE = codes.make("mine", "cave/pool", 0)
STANDING = rules.new_standing(Desk(), ZONE, NOW)
SENT = Sent(
    "7b0cf1de-26c5-4f5e-9f9c-0a4b8f5e6d11", SECRET, int(Topic.LOST_ITEM), " A red glove \r\n",
    "guest@example.com", CODE.lower(), "20261127-1a2b3c4d", "zh-TW", NOW,
)  # fmt: skip
EDITOR = "hanako"


def judge(**changed: Any) -> HelpRequest | Rejected:
    return help_sent.judge(replace(SENT, **changed), {CODE}, STANDING, NOW, ("ja", "en"))


def step(act: Act, **more: Any) -> Step:
    return Step(act, EDITOR, NOW + timedelta(hours=1), **more)


def test_a_request_is_kept_tidily_and_without_its_secret() -> None:
    kept = judge()
    assert isinstance(kept, HelpRequest)
    assert (kept.text, kept.contact, kept.stop_code) == ("A red glove", "guest@example.com", CODE)
    assert (kept.receipt_number, kept.locale) == ("20261127-1A2B3C4D", "zh-Hant")
    assert SECRET not in repr(kept)
    assert kept.secret_sha256 != rules.hash_of("t" * 43)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"help_id": "my name"}, "HELP_ID_INVALID"),
        ({"secret": "s" * 42}, "SECRET_INVALID"),
        ({"secret": "s" * 42 + "!"}, "SECRET_INVALID"),
        ({"topic": 0}, "TOPIC_INVALID"),
        ({"topic": 6}, "TOPIC_INVALID"),
        ({"text": " \n "}, "TEXT_INVALID"),
        ({"text": "x" * 1_001}, "TEXT_INVALID"),
        ({"text": "a\u202eb"}, "TEXT_INVALID"),
        ({"contact": "call me"}, "CONTACT_INVALID"),
        ({"contact": "a@b.example?bcc=x@y.example\nX: 1"}, "CONTACT_INVALID"),
        ({"contact": "12"}, "CONTACT_INVALID"),
        ({"typed_card": True}, "CARD_NUMBER_TYPED"),
        ({"write_time": NOW - timedelta(days=30, seconds=1)}, "HELP_TOO_OLD"),
    ],
)
def test_what_cannot_be_taken_says_why(changed: dict[str, Any], reason: str) -> None:
    found = judge(**changed)
    assert isinstance(found, Rejected)
    assert found.reason == reason
    assert found.help_id in ("", SENT.help_id)


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({"stop_code": "ZZZZZ"}, {"stop_code": ""}),
        ({"stop_code": codes.make("mine", "elsewhere", 0)}, {"stop_code": ""}),
        ({"receipt_number": "my name is Hanako"}, {"receipt_number": ""}),
        ({"locale": "x-hanako"}, {"locale": "und"}),
        ({"contact": ""}, {"contact": ""}),
        ({"contact": "+81 837-62-0305"}, {"contact": "+81 837-62-0305"}),
        ({"write_time": NOW + timedelta(days=1)}, {"write_time": NOW}),
        ({"write_time": None}, {"write_time": NOW}),
    ],
)
def test_what_leads_nowhere_is_left_out_and_nobody_sent_away(
    changed: dict[str, Any], kept: dict[str, Any]
) -> None:
    found = judge(**changed)
    assert isinstance(found, HelpRequest)
    assert {name: getattr(found, name) for name in kept} == kept


@pytest.mark.parametrize(
    ("came", "weekdays", "days", "until"),
    [
        ("2026-11-27", (1, 2, 3, 4, 5), 2, "2026-12-02"),  # Friday: to the end of Tuesday
        ("2026-11-28", (1, 2, 3, 4, 5), 2, "2026-12-02"),  # Saturday likewise
        ("2026-11-25", (1, 2, 3, 4, 5), 2, "2026-11-28"),
        ("2026-11-27", (1, 2, 3, 4, 5, 6, 7), 1, "2026-11-29"),
        ("2026-11-27", (3,), 2, "2026-12-10"),
    ],
)
def test_an_answer_is_due_at_the_end_of_the_last_working_day(
    came: str, weekdays: tuple[int, ...], days: int, until: str
) -> None:
    zone = ZoneInfo(ZONE)
    for hour in (0, 12, 23):
        at = datetime.combine(date.fromisoformat(came), datetime.min.time(), zone)
        now = at.replace(hour=hour).astimezone(UTC)
        due = Desk(weekdays=weekdays, answer_days=days).due_time(now, ZONE).astimezone(zone)
        assert (due.date().isoformat(), due.hour, due.minute) == (until, 0, 0)


@pytest.mark.parametrize(
    "changed",
    [
        {"weekdays": ()}, {"weekdays": (2, 1)}, {"weekdays": (1, 1)}, {"weekdays": (0, 1)},
        {"from_minute": 600, "until_minute": 540}, {"until_minute": 1_441}, {"from_minute": -1},
        {"answer_days": 0}, {"answer_days": 21}, {"keep_days": 6}, {"keep_days": 91},
    ],
)  # fmt: skip
def test_a_desk_that_cannot_be_is_refused(changed: dict[str, Any]) -> None:
    help_desk.check(Desk())
    with pytest.raises(InvalidFields):
        help_desk.check(replace(Desk(), **changed))


def test_a_request_walks_from_new_to_closed_and_back() -> None:
    standing = STANDING
    for act, more, state, owner in (
        (Act.TAKE, {}, State.TAKEN, EDITOR),
        (Act.HAND_OVER, {"owner": "taro"}, State.TAKEN, "taro"),
        (Act.HAND_OVER, {}, State.NEW, ""),
        (Act.NOTE, {"text": "asked the gate"}, State.NEW, ""),
        (Act.ANSWER, {"text": "Found.", "locale": "en"}, State.ANSWERED, EDITOR),
        (Act.HAND_OVER, {"owner": "taro"}, State.ANSWERED, "taro"),
        (Act.CLOSE, {}, State.CLOSED, "taro"),
        (Act.REOPEN, {}, State.ANSWERED, "taro"),
    ):
        before = standing
        standing = rules.take_step(before, before.version, step(act, **more))
        assert (standing.state, standing.owner) == (state, owner), act
        assert standing.version == before.version + 1
    assert standing.close_time is None


@pytest.mark.parametrize("act", [each for each in Act if each is not Act.REOPEN])
def test_a_closed_request_takes_nothing_but_its_undo(act: Act) -> None:
    closed = rules.take_step(STANDING, 1, step(Act.CLOSE))
    with pytest.raises(rules.HelpStepRefused):
        rules.take_step(closed, 2, step(act, text="x", due_time=NOW))
    with pytest.raises(rules.HelpStepRefused):
        rules.take_step(STANDING, 1, step(Act.REOPEN))


def test_whoever_saw_an_older_version_is_refused_and_steps_have_an_end() -> None:
    with pytest.raises(VersionConflict):
        rules.take_step(STANDING, 2, step(Act.TAKE))
    many = replace(STANDING, version=rules.MAX_STEPS + 1)
    with pytest.raises(rules.HelpStepRefused):
        rules.take_step(many, many.version, step(Act.NOTE, text="x"))


@pytest.mark.parametrize(
    "wrong",
    [
        step(Act.NOTE), step(Act.NOTE, text="x" * 2_001), step(Act.ANSWER, text=" ", locale="en"),
        step(Act.ANSWER, text="x"), step(Act.TAKE, text="x"), step(Act.NOTE, text="a\u202eb"),
    ],
)  # fmt: skip
def test_words_of_a_step_are_bounded(wrong: Step) -> None:
    with pytest.raises(InvalidFields):
        rules.tidy_step(wrong)


@pytest.mark.parametrize("text", ["At {stop}.", "Open {hours}", "{stopp}", "Hello {}"])
def test_no_answer_goes_out_with_a_place_to_fill_in(text: str) -> None:
    with pytest.raises(rules.PlaceholderLeft):
        rules.tidy_step(step(Act.ANSWER, text=text, locale="en"))
    rules.tidy_step(step(Act.NOTE, text=text))


def test_it_is_overdue_only_while_it_waits() -> None:
    kept = judge()
    assert isinstance(kept, HelpRequest)
    due = kept.standing.due_time
    assert not kept.is_overdue(due - timedelta(seconds=1))
    assert kept.is_overdue(due)
    for act, more in ((Act.ANSWER, {"text": "x", "locale": "en"}), (Act.CLOSE, {})):
        after = replace(kept, standing=rules.take_step(STANDING, 1, step(act, **more)))
        assert not after.is_overdue(due)


def test_what_is_kept_ends_in_steps() -> None:
    kept = judge()
    assert isinstance(kept, HelpRequest)
    closed = replace(kept, standing=rules.take_step(STANDING, 1, step(Act.CLOSE)))
    at = closed.standing.close_time
    assert at is not None
    desk, second = Desk(keep_days=10), timedelta(seconds=1)
    assert kept.erase_time(desk) is None
    assert closed.contact_at(at + timedelta(days=2) - second) == "guest@example.com"
    assert closed.contact_at(at + timedelta(days=2)) == ""
    assert not closed.is_gone(desk, at + timedelta(days=10) - second)
    assert closed.is_gone(desk, at + timedelta(days=10))
    assert kept.link_expire_time() == NOW + timedelta(days=60)
    answered = rules.take_step(STANDING, 1, step(Act.ANSWER, text="x", locale="en"))
    assert rules.clock_closes_at(STANDING, NOW) == NOW + timedelta(days=90)
    assert rules.clock_closes_at(answered, NOW) == NOW + timedelta(days=14, hours=1)
    assert rules.clock_closes_at(closed.standing, NOW) is None


@pytest.mark.parametrize(
    "text", ["2026-11-26", "2027-02-26", "tomorrow", "2026-02-30", "2026-W48-5", "2026-11-2７"]
)
def test_a_day_to_answer_by_is_today_or_soon(text: str) -> None:
    for fine in ("2026-11-27", "2027-02-25"):
        due = rules.due_of(fine, ZONE, NOW).astimezone(ZoneInfo(ZONE))
        assert due.date() == date.fromisoformat(fine) + timedelta(days=1)
        assert (due.hour, due.minute) == (0, 0)
    with pytest.raises(InvalidFields):
        rules.due_of(text, ZONE, NOW)


@given(st.sampled_from(list(Act)), st.sampled_from(list(State)), st.text(max_size=3))
def test_no_step_loses_what_a_state_needs(act: Act, state: State, owner: str) -> None:
    closed = NOW if state is State.CLOSED else None
    answered = NOW if state is State.ANSWERED else None
    before = Standing(state, owner, NOW, 5, answered, closed)
    try:
        after = rules.take_step(before, 5, step(act, text="x", owner=owner, due_time=NOW))
    except rules.HelpStepRefused:
        return
    assert (after.state is State.CLOSED) == (after.close_time is not None)
    assert after.state is not State.ANSWERED or after.answer_time is not None
    assert after.state is not State.NEW or not after.owner or before.owner


def test_first_templates_speak_every_language_and_say_that_a_machine_wrote_them() -> None:
    for each in FIRST_TEMPLATES:
        assert set(each.texts) == set(LOCALES) == each.drafts
        assert Topic(each.topic)
        held = [set(help_template._BRACES.findall(text)) for text in each.texts.values()]
        assert all(places == held[0] <= help_template.PLACEHOLDERS for places in held)


def test_a_template_becomes_a_persons_in_the_language_written() -> None:
    first = FIRST_TEMPLATES[0]
    made = help_template.write(first, 0, "en", " We have it: {phone}. ")
    assert made.texts["en"] == "We have it: {phone}."
    assert made.drafts == first.drafts - {"en"}
    assert (made.version, made.texts["fr"]) == (1, first.texts["fr"])
    with pytest.raises(VersionConflict):
        help_template.write(made, 0, "en", "x")


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en", ""), ("en", "x" * 1_501), ("en", "{name}"), ("en", "a\u202eb"), ("EN", "x"), ("", "x")],
)
def test_words_of_a_template_are_bounded(locale: str, text: str) -> None:
    with pytest.raises(InvalidFields):
        help_template.write(FIRST_TEMPLATES[0], 0, locale, text)
