"""Second readers: nobody reads own words as a second one; a link opens its text alone."""

import base64
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.multilingual.domain import review
from services.multilingual.domain.narration import Reading
from services.multilingual.domain.review import Link, Phase, Policy, Submission

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
KEY = bytes(range(32))
PEOPLE = st.sampled_from(["hanako", "jiro", "import", "min"])
POLICIES = st.sampled_from(list(Policy))


def submission(**more: object) -> Submission:
    made = Submission(
        submission_id="s1", stop_code="K7Q2X", locale="en", revision=3, submitter="jiro",
        author="hanako", note="", create_time=NOW,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def link(**more: object) -> Link:
    made = Link(
        link_id=str(uuid.UUID(int=7)), submission_id="s1", author="jiro", create_time=NOW,
        expire_time=NOW + review.LINK_LIFE,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


@given(POLICIES, PEOPLE, PEOPLE, st.booleans(), st.sampled_from(["", "alone today"]))
def test_own_words_are_never_read_by_a_second_reader_and_a_reason_always_opens(
    policy: Policy,
    author: str,
    publisher: str,
    reviews: bool,  # noqa: FBT001 - drawn by Hypothesis
    reason: str,
) -> None:
    try:
        reading = review.reading_of(
            policy, author=author, publisher=publisher, reviews=reviews, reason=reason
        )
    except review.SecondReaderNeeded:
        assert policy is not Policy.OPEN
        assert not reason
        assert author == publisher or not reviews
        return
    assert reading is not Reading.OUTSIDE_READER
    if reading is Reading.SECOND_READER:
        assert author != publisher
        assert reviews
    if reading is Reading.NOT_ASKED:
        assert policy is Policy.OPEN
        assert not reason


@given(PEOPLE, PEOPLE, PEOPLE, st.sampled_from(list(Phase)), st.integers(1, 5))
def test_a_decision_is_somebody_elses_and_of_what_waits(
    author: str, submitter: str, reader: str, phase: Phase, latest: int
) -> None:
    handed_in = submission(author=author, submitter=submitter, phase=phase)
    try:
        review.check_decision(handed_in, reader, latest)
    except review.OwnText:
        assert reader in (author, submitter)
    except review.SubmissionOver:
        assert (phase, latest) != (Phase.WAITING, 3)
    else:
        assert reader not in (author, submitter)
        assert (phase, latest) == (Phase.WAITING, 3)


@given(
    st.integers(-3, 10 * 24), st.none() | st.integers(0, 9 * 24), POLICIES,
    st.sampled_from(list(Phase)), st.integers(2, 4), st.sampled_from(["s1", "s2"]),
)  # fmt: skip
def test_a_link_opens_its_text_alone_and_nothing_afterwards(
    hours: int, revoked: int | None, policy: Policy, phase: Phase, latest: int, other: str
) -> None:
    taken_back = None if revoked is None else NOW + timedelta(hours=revoked)
    opens = review.is_open(
        link(revoke_time=taken_back), submission(phase=phase, submission_id=other), policy, latest,
        NOW + timedelta(hours=hours),
    )  # fmt: skip
    assert opens == (
        0 <= hours < 7 * 24 and revoked is None and policy is Policy.OUTSIDE_READER
        and phase is Phase.WAITING and latest == 3 and other == "s1"
    )  # fmt: skip


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("changed", "handed_in", "policy", "latest", "now"),
    [
        ({"revoke_time": NOW}, {}, Policy.OUTSIDE_READER, 3, NOW),
        ({"revoke_time": NOW + 9 * HOUR}, {}, Policy.OUTSIDE_READER, 3, NOW),
        ({"submission_id": "s2"}, {}, Policy.OUTSIDE_READER, 3, NOW),
        ({}, {"phase": Phase.APPROVED}, Policy.OUTSIDE_READER, 3, NOW),
        ({}, {"phase": Phase.GIVEN_BACK}, Policy.OUTSIDE_READER, 3, NOW),
        ({}, {}, Policy.SECOND_READER, 3, NOW),
        ({}, {}, Policy.OPEN, 3, NOW),
        ({}, {}, Policy.OUTSIDE_READER, 4, NOW),
        ({}, {}, Policy.OUTSIDE_READER, 3, NOW + review.LINK_LIFE),
        ({}, {}, Policy.OUTSIDE_READER, 3, NOW - HOUR),
    ],
)
def test_each_thing_alone_closes_a_link(
    changed: dict[str, object],
    handed_in: dict[str, object],
    policy: Policy,
    latest: int,
    now: datetime,
) -> None:
    assert review.is_open(link(), submission(), Policy.OUTSIDE_READER, 3, NOW)
    last = NOW + review.LINK_LIFE - timedelta(microseconds=1)
    assert review.is_open(link(), submission(), Policy.OUTSIDE_READER, 3, last)
    assert not review.is_open(link(**changed), submission(**handed_in), policy, latest, now)


@given(st.uuids(), st.uuids(), st.sampled_from(["mine", "demo"]))
def test_a_secret_leads_to_its_own_link_in_its_own_area(
    one: uuid.UUID, two: uuid.UUID, area: str
) -> None:
    secret = review.secret_of(KEY, area, str(one))
    assert len(secret) == review.SECRET_LENGTH
    assert review.read_secret(KEY, area, secret) == str(one)
    # Whoever knows one link knows no other: its mark does not fit another id, area or key.
    raw = base64.urlsafe_b64decode(secret + "=")
    forged = base64.urlsafe_b64encode(two.bytes + raw[16:]).decode().rstrip("=")
    for key, where, given_secret in (
        (KEY, area, forged), (KEY, area + "x", secret), (KEY[::-1], area, secret),
    ):  # fmt: skip
        if given_secret == secret and (key, where) == (KEY, area):
            continue
        with pytest.raises(review.LinkUnknown):
            review.read_secret(key, where, given_secret)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_no_link(typed: str) -> None:
    with pytest.raises(review.LinkUnknown):
        review.read_secret(KEY, "mine", typed)


def test_a_secret_has_one_spelling() -> None:
    secret = review.secret_of(KEY, "mine", str(uuid.UUID(int=7)))
    # The last letter of 43 holds four bits: three other letters decode to the same bytes.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    at = letters.index(secret[-1])
    for other in range(at, at + 4):
        if letters[other % 64] != secret[-1]:
            with pytest.raises(review.LinkUnknown):
                review.read_secret(KEY, "mine", secret[:-1] + letters[other % 64])


def test_a_key_that_is_too_short_makes_no_links() -> None:
    with pytest.raises(AssertionError):
        review.secret_of(b"short", "mine", str(uuid.UUID(int=7)))


def test_reasons_are_bounded_and_needed_where_a_text_goes_back() -> None:
    assert review.tidy_reason("  said\r\n ") == "said"
    assert review.tidy_reason("") == ""
    for words, needed in (("", True), (" \n", True), ("x" * 501, False), ("a\u202eb", False)):
        with pytest.raises(InvalidFields):
            review.tidy_reason(words, needed=needed)
