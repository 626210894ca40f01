"""Second readers against real stores: decided once, never by the author; links to one text."""

import asyncio
from datetime import timedelta
from typing import Any

import grpc
import psycopg
import pytest

from kit.auth import Role
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import review_service_pb2 as pb
from meguri.multilingual.v1.review_service_pb2_grpc import ReviewServiceStub
from tests.service.multilingual.conftest import (
    TIMEOUT_S,
    World,
    new_id,
    paragraph,
    refused,
    text,
)

FALL_EN = text("Cascade", paragraph("It falls."))


class Desk:
    """Who works on the texts of one area: an editor, two reviewers, an admin, a stranger."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.editor: Any = self.stub("hanako", Role.EDITOR)
        self.author: Any = self.stub("hanako", Role.REVIEWER)
        self.reviewer: Any = self.stub("jiro", Role.REVIEWER)
        self.admin: Any = self.stub("admin", Role.ADMIN)
        self.stranger: Any = self.stub("edge", Role.VISITOR)

    def stub(self, principal: str, role: Role) -> Any:
        return ReviewServiceStub(self.world.it.channel(self.world.area, role, principal=principal))

    async def policy(self, policy: int, locale: str = "en") -> None:
        request = pb.SetReviewPolicyRequest(
            request_id=new_id(), locale=locale, policy=pb.ReviewPolicy.ValueType(policy)
        )
        await self.admin.SetReviewPolicy(request, timeout=TIMEOUT_S)

    async def hand_in(self, name: str = "fall", revision: int = 2, **more: Any) -> pb.Submission:
        request = pb.HandInDraftRequest(
            request_id=new_id(), stop_code=self.world.code(name), locale="en", revision=revision,
            **more,
        )  # fmt: skip
        found: pb.Submission = (
            await self.editor.HandInDraft(request, timeout=TIMEOUT_S)
        ).submission
        return found

    async def drafted(self, *names: str) -> None:
        await self.world.load()
        for name in names or ("fall",):
            await self.world.save(
                name, "en", 0 if name in ("hall", "bat") else 1, FALL_EN, source_revision=1
            )

    async def review(self, name: str = "fall", who: Any = None) -> pb.ReadReviewResponse:
        request = pb.ReadReviewRequest(stop_code=self.world.code(name), locale="en")
        found: pb.ReadReviewResponse = await (who or self.reviewer).ReadReview(
            request, timeout=TIMEOUT_S
        )
        return found

    async def link(self, submission_id: str) -> pb.ReviewLink:
        request = pb.OfferReviewLinkRequest(request_id=new_id(), submission_id=submission_id)
        answer = await self.editor.OfferReviewLink(request, timeout=TIMEOUT_S)
        link: pb.ReviewLink = answer.link
        return link

    async def open(self, *names: str, revision: int = 2) -> None:
        for name in names:
            await self.editor.NoteOpened(
                pb.NoteOpenedRequest(
                    request_id=new_id(), stop_code=self.world.code(name), locale="en",
                    revision=revision,
                ),
                timeout=TIMEOUT_S,
            )  # fmt: skip


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def decision(submission_id: str, *, approve: bool, reason: str = "") -> pb.DecideSubmissionRequest:
    return pb.DecideSubmissionRequest(
        request_id=new_id(), submission_id=submission_id, approve=approve, reason=reason
    )


async def shown(desk: Desk, name: str = "fall") -> guide_pb.Revision:
    request = guide_pb.ReadNarrationRequest(stop_code=desk.world.code(name), locale="en")
    answer = await desk.world.editor.ReadNarration(request, timeout=TIMEOUT_S)
    revision: guide_pb.Revision = answer.published
    return revision


async def test_nobody_is_asked_until_an_admin_says_so(desk: Desk) -> None:
    await desk.drafted()
    answer = await desk.editor.ListReviewPolicies(pb.ListReviewPoliciesRequest(), timeout=TIMEOUT_S)
    assert {each.policy for each in answer.policies} == {pb.REVIEW_POLICY_OPEN}
    await desk.world.publish("fall", "en", 2, 1)
    assert (await shown(desk)).reading == guide_pb.READING_NOT_ASKED
    for who, locale, policy, reason in (
        (desk.editor, "en", 2, "NOT_ALLOWED"), (desk.reviewer, "en", 2, "NOT_ALLOWED"),
        (desk.admin, "xx", 2, "INVALID_FIELDS"), (desk.admin, "en", 0, "INVALID_FIELDS"),
    ):  # fmt: skip
        request = pb.SetReviewPolicyRequest(
            request_id=new_id(), locale=locale, policy=pb.ReviewPolicy.ValueType(policy)
        )
        assert (await refused(who.SetReviewPolicy(request, timeout=TIMEOUT_S)))[1] == reason


async def test_a_reviewer_approves_once_however_often_it_is_said(desk: Desk) -> None:
    await desk.drafted()
    await desk.policy(pb.REVIEW_POLICY_SECOND_READER)
    handed_in = await desk.hand_in(note="new name")
    assert (handed_in.author, handed_in.note) == ("hanako", "new name")
    found = await desk.review()
    assert (found.may_decide, found.may_publish) == (True, True)
    before = await desk.world.read("fall", "en")

    request = decision(handed_in.submission_id, approve=True)
    answers = await asyncio.gather(
        *(desk.reviewer.DecideSubmission(request, timeout=TIMEOUT_S) for _ in range(3))
    )
    assert {each.submission.phase for each in answers} == {pb.SUBMISSION_PHASE_APPROVED}
    after = await desk.world.read("fall", "en")
    assert after.revision == before.revision + 1
    assert after.state == guide_pb.TRANSLATION_STATE_REVIEWED
    revision = await shown(desk)
    assert (revision.reading, revision.publisher) == (guide_pb.READING_SECOND_READER, "jiro")
    again = decision(handed_in.submission_id, approve=True)
    assert await refused(desk.reviewer.DecideSubmission(again, timeout=TIMEOUT_S)) == (
        grpc.StatusCode.FAILED_PRECONDITION, "SUBMISSION_OVER",
    )  # fmt: skip
    assert (await desk.world.read("fall", "en")).revision == after.revision


async def test_the_author_never_approves_and_needs_a_reason_to_publish(desk: Desk) -> None:
    await desk.drafted()
    await desk.policy(pb.REVIEW_POLICY_SECOND_READER)
    handed_in = await desk.hand_in()
    own = decision(handed_in.submission_id, approve=True)
    assert await refused(desk.author.DecideSubmission(own, timeout=TIMEOUT_S)) == (
        grpc.StatusCode.PERMISSION_DENIED, "OWN_TEXT",
    )  # fmt: skip
    assert (await refused(desk.editor.DecideSubmission(own, timeout=TIMEOUT_S)))[1] == "NOT_ALLOWED"
    request = guide_pb.PublishNarrationRequest(
        request_id=new_id(), stop_code=desk.world.code("fall"), locale="en", revision=2,
        replaced_revision=1, reviewed=True,
    )  # fmt: skip
    assert await refused(desk.world.editor.PublishNarration(request, timeout=TIMEOUT_S)) == (
        grpc.StatusCode.FAILED_PRECONDITION, "SECOND_READER_NEEDED",
    )  # fmt: skip
    request.request_id, request.reason = new_id(), " I am alone today. "
    await desk.world.editor.PublishNarration(request, timeout=TIMEOUT_S)
    revision = await shown(desk)
    assert (revision.reading, revision.reason) == (guide_pb.READING_ALONE, "I am alone today.")
    assert (await desk.review()).submission.phase == pb.SUBMISSION_PHASE_OVERTAKEN
    assert (await refused(desk.reviewer.DecideSubmission(own, timeout=TIMEOUT_S)))[1] == (
        "SUBMISSION_OVER"
    )
    # Undo asks for nobody, and coming back keeps what was said then.
    await desk.world.publish("fall", "en", 1, 2)
    await desk.world.publish("fall", "en", 2, 1)
    assert (await shown(desk)).reason == "I am alone today."
    table = await desk.world.editor.ListTranslationStates(
        guide_pb.ListTranslationStatesRequest(), timeout=TIMEOUT_S
    )
    [cell] = [
        cell for row in table.stops for cell in row.narrations
        if row.stop_code == desk.world.code("fall") and cell.locale == "en"
    ]  # fmt: skip
    assert (cell.reading, cell.reason) == (guide_pb.READING_ALONE, "I am alone today.")


async def test_a_reviewer_who_publishes_a_colleagues_words_has_read_them(desk: Desk) -> None:
    await desk.drafted()
    await desk.policy(pb.REVIEW_POLICY_REASON)
    colleague = desk.world.stub(Role.REVIEWER, principal="jiro")
    request = guide_pb.PublishNarrationRequest(
        request_id=new_id(), stop_code=desk.world.code("fall"), locale="en", revision=2,
        replaced_revision=1,
    )  # fmt: skip
    # Not said to be read: it is nobody's reading.
    assert (await refused(colleague.PublishNarration(request, timeout=TIMEOUT_S)))[1] == (
        "SECOND_READER_NEEDED"
    )
    request.request_id, request.reviewed = new_id(), True
    await colleague.PublishNarration(request, timeout=TIMEOUT_S)
    assert (await shown(desk)).reading == guide_pb.READING_SECOND_READER


async def test_a_text_goes_back_with_a_reason_and_may_come_again(desk: Desk) -> None:
    await desk.drafted()
    handed_in = await desk.hand_in()
    assert (await refused(desk.hand_in()))[1] == "ALREADY_HANDED_IN"
    silent = decision(handed_in.submission_id, approve=False)
    assert (await refused(desk.reviewer.DecideSubmission(silent, timeout=TIMEOUT_S)))[1] == (
        "INVALID_FIELDS"
    )
    back = decision(handed_in.submission_id, approve=False, reason="It is a fall.")
    await desk.reviewer.DecideSubmission(back, timeout=TIMEOUT_S)
    found = (await desk.review()).submission
    assert (found.phase, found.reason) == (pb.SUBMISSION_PHASE_GIVEN_BACK, "It is a fall.")
    assert (await shown(desk)).revision == 1
    await desk.world.save("fall", "en", 2, FALL_EN, source_revision=1)
    assert (await refused(desk.hand_in(revision=2)))[1] == "REVISION_CONFLICT"
    newer = await desk.hand_in(revision=3)
    # Saved once more: nobody approves words that were replaced.
    await desk.world.save("fall", "en", 3, FALL_EN, source_revision=1)
    late = decision(newer.submission_id, approve=True)
    assert (await refused(desk.reviewer.DecideSubmission(late, timeout=TIMEOUT_S)))[1] == (
        "SUBMISSION_OVER"
    )
    unknown = decision(new_id(), approve=True)
    assert (await refused(desk.reviewer.DecideSubmission(unknown, timeout=TIMEOUT_S)))[1] == (
        "SUBMISSION_UNKNOWN"
    )


async def test_a_link_opens_one_text_and_its_secret_stands_nowhere(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    await desk.drafted("fall", "pool")
    await desk.policy(pb.REVIEW_POLICY_SECOND_READER)
    handed_in = await desk.hand_in(note="Is it idiomatic?")
    offer = pb.OfferReviewLinkRequest(request_id=new_id(), submission_id=handed_in.submission_id)
    assert (await refused(desk.editor.OfferReviewLink(offer, timeout=TIMEOUT_S)))[1] == (
        "OUTSIDE_READER_OFF"
    )
    await desk.policy(pb.REVIEW_POLICY_OUTSIDE_READER)
    link = await desk.link(handed_in.submission_id)
    assert link.expire_time.ToDatetime() - link.create_time.ToDatetime() == timedelta(days=7)
    read = await desk.stranger.ReadLinkedText(
        pb.ReadLinkedTextRequest(link_secret=link.secret), timeout=TIMEOUT_S
    )
    assert (read.text.name, read.source.name, read.note) == ("Cascade", "滝", "Is it idiomatic?")
    assert [each.secret for each in (await desk.review()).links] == [link.secret]
    say = pb.DecideLinkedTextRequest(request_id=new_id(), link_secret=link.secret, approve=True)
    for _ in range(2):
        answer = await desk.stranger.DecideLinkedText(say, timeout=TIMEOUT_S)
        assert answer.phase == pb.SUBMISSION_PHASE_APPROVED
    revision = await shown(desk)
    assert revision.reading == guide_pb.READING_OUTSIDE_READER
    assert revision.publisher == f"link:{link.link_id}"
    assert (await shown(desk, "pool")).revision == 1
    # Used: it opens nothing any longer, and no table and no log ever held it.
    assert (await refused(desk.stranger.ReadLinkedText(
        pb.ReadLinkedTextRequest(link_secret=link.secret), timeout=TIMEOUT_S
    )))[1] == "REVIEW_LINK_OVER"  # fmt: skip
    async with await psycopg.AsyncConnection.connect(desk.world.database_url) as connection:
        await connection.execute("set meguri.area = '*'")
        tables = await (await connection.execute(
            "select table_name from information_schema.tables where table_schema = 'public'"
        )).fetchall()  # fmt: skip
        for (table,) in tables:
            rows = await (
                await connection.execute(f"select t::text from {table} t".encode())  # noqa: S608
            ).fetchall()
            assert not any(link.secret in row[0] for row in rows), table
    told = capfd.readouterr()
    assert link.secret not in told.out + told.err


@pytest.mark.parametrize("how", ["revoked", "policy", "saved", "given back", "expired"])
async def test_a_link_that_is_over_opens_nothing(desk: Desk, how: str) -> None:
    await desk.drafted()
    await desk.policy(pb.REVIEW_POLICY_OUTSIDE_READER)
    handed_in = await desk.hand_in()
    link = await desk.link(handed_in.submission_id)
    if how == "revoked":
        request = pb.RevokeReviewLinkRequest(request_id=new_id(), link_id=link.link_id)
        answer = await desk.editor.RevokeReviewLink(request, timeout=TIMEOUT_S)
        assert (answer.link.revoked, answer.link.secret) == (True, "")
    elif how == "policy":
        await desk.policy(pb.REVIEW_POLICY_SECOND_READER)
    elif how == "saved":
        await desk.world.save("fall", "en", 2, FALL_EN, source_revision=1)
    elif how == "given back":
        say = pb.DecideLinkedTextRequest(
            request_id=new_id(), link_secret=link.secret, approve=False, reason="Fall, please."
        )
        await desk.stranger.DecideLinkedText(say, timeout=TIMEOUT_S)
        assert (await desk.review()).submission.reason == "Fall, please."
    else:
        async with await psycopg.AsyncConnection.connect(desk.world.database_url) as connection:
            await connection.execute("set meguri.area = '*'")
            await connection.execute(
                "update review_links set create_time = create_time - interval '7 days',"
                " expire_time = expire_time - interval '7 days' where area = %s",
                (desk.world.area,),
            )
    read = pb.ReadLinkedTextRequest(link_secret=link.secret)
    assert (await refused(desk.stranger.ReadLinkedText(read, timeout=TIMEOUT_S)))[1] == (
        "REVIEW_LINK_OVER"
    )
    say = pb.DecideLinkedTextRequest(request_id=new_id(), link_secret=link.secret, approve=True)
    assert (await refused(desk.stranger.DecideLinkedText(say, timeout=TIMEOUT_S)))[1] == (
        "REVIEW_LINK_OVER"
    )
    assert (await shown(desk)).revision == 1
    assert [each.secret for each in (await desk.review()).links] == [""]


async def test_a_link_of_another_area_or_of_nobody_is_unknown(desk: Desk) -> None:
    await desk.drafted()
    await desk.policy(pb.REVIEW_POLICY_OUTSIDE_READER)
    link = await desk.link((await desk.hand_in()).submission_id)
    other = ReviewServiceStub(desk.world.it.channel("another", Role.VISITOR))
    for who, secret in ((other, link.secret), (desk.stranger, link.secret[:-2] + "xA")):
        request = pb.ReadLinkedTextRequest(link_secret=secret)
        assert await refused(who.ReadLinkedText(request, timeout=TIMEOUT_S)) == (
            grpc.StatusCode.NOT_FOUND, "REVIEW_LINK_UNKNOWN",
        )  # fmt: skip


async def test_of_two_readers_at_once_one_decides(desk: Desk) -> None:
    await desk.drafted()
    await desk.policy(pb.REVIEW_POLICY_OUTSIDE_READER)
    handed_in = await desk.hand_in()
    link = await desk.link(handed_in.submission_id)
    before = (await desk.world.read("fall", "en")).revision
    other = desk.stub("saburo", Role.REVIEWER)
    outcomes = await asyncio.gather(
        desk.reviewer.DecideSubmission(
            decision(handed_in.submission_id, approve=True), timeout=TIMEOUT_S
        ),
        other.DecideSubmission(
            decision(handed_in.submission_id, approve=False, reason="No."), timeout=TIMEOUT_S
        ),
        desk.stranger.DecideLinkedText(
            pb.DecideLinkedTextRequest(request_id=new_id(), link_secret=link.secret, approve=True),
            timeout=TIMEOUT_S,
        ),
        return_exceptions=True,
    )
    assert sum(not isinstance(each, BaseException) for each in outcomes) == 1
    approved = (await desk.review()).submission.phase == pb.SUBMISSION_PHASE_APPROVED
    assert (await desk.world.read("fall", "en")).revision == before + approved
