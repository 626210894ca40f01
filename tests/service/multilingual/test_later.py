"""Texts shown from a time on, against real stores: at their time and not before, once, and only
while what publishing asks for still holds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.clock import ManualClock
from kit.db import Database
from kit.outbox import Outbox
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import review_service_pb2 as pb
from services.multilingual import events
from services.multilingual.app import later
from services.multilingual.app.deps import Deps
from tests.service.multilingual.conftest import TIMEOUT_S, World, new_id, refused
from tests.service.multilingual.test_reviews import FALL_EN, Desk

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def in_an_hour() -> datetime:
    return datetime.now(UTC) + HOUR


async def plan(desk: Desk, who: Any = None, **more: Any) -> pb.PublicationPlan:
    values: dict[str, Any] = {"revision": 2, "replaced_revision": 1, "locale": "en"} | more
    request = pb.PlanPublicationRequest(
        request_id=values.pop("request_id", "") or new_id(), stop_code=desk.world.code("fall"),
        locale=values["locale"], revision=values["revision"],
        replaced_revision=values["replaced_revision"], reason=values.get("reason", ""),
    )  # fmt: skip
    request.due_time.FromDatetime(values.get("due_time") or in_an_hour())
    answer = await (who or desk.editor).PlanPublication(request, timeout=TIMEOUT_S)
    made: pb.PublicationPlan = answer.plan
    return made


@asynccontextmanager
async def at(desk: Desk, moment: datetime) -> AsyncIterator[Deps]:
    """The guide's own work with its clock at a moment."""
    database = Database(desk.world.database_url)
    await database.open()
    try:
        yield Deps(db=database, outbox=Outbox(events.ENCODERS), clock=ManualClock(moment))
    finally:
        await database.close()


async def pass_to(desk: Desk, moment: datetime) -> None:
    async with at(desk, moment) as deps:
        await later.show_due(deps)


async def seen(desk: Desk) -> guide_pb.Revision:
    request = guide_pb.ReadNarrationRequest(stop_code=desk.world.code("fall"), locale="en")
    answer = await desk.world.editor.ReadNarration(request, timeout=TIMEOUT_S)
    published: guide_pb.Revision = answer.published
    return published


async def test_a_text_is_shown_at_its_time_and_not_before_and_once(desk: Desk) -> None:
    await desk.drafted()
    made = await plan(desk)
    assert (made.revision, made.planner, made.problem) == (2, "hanako", "")
    assert (await desk.review("fall")).plan == made
    [draft] = (await desk.editor.ListDrafts(pb.ListDraftsRequest(), timeout=TIMEOUT_S)).drafts
    assert draft.plan == made
    before = await desk.world.read("fall", "en")
    due = made.due_time.ToDatetime(tzinfo=UTC)
    await pass_to(desk, due - timedelta(seconds=1))
    assert (await desk.world.read("fall", "en")).revision == before.revision

    async with at(desk, due) as one, at(desk, due) as other:  # two guides at the same moment
        await asyncio.gather(later.show_due(one), later.show_due(other))
    after = await desk.world.read("fall", "en")
    assert (after.revision, after.name.text) == (before.revision + 1, "Cascade")
    published = await seen(desk)
    assert (published.publisher, published.machine_draft) == ("hanako", False)
    assert not (await desk.review("fall")).HasField("plan")


async def test_the_guide_itself_shows_what_is_due(desk: Desk) -> None:
    await desk.drafted()
    await plan(desk, due_time=datetime.now(UTC) + timedelta(seconds=1))
    for _ in range(60):
        if (await seen(desk)).revision == 2:
            break
        await asyncio.sleep(0.5)
    assert (await seen(desk)).revision == 2


async def test_a_plan_is_changed_taken_back_and_ends_with_any_publication(desk: Desk) -> None:
    await desk.drafted()
    first = await plan(desk)
    second = await plan(desk, due_time=in_an_hour() + HOUR)
    await pass_to(desk, first.due_time.ToDatetime(tzinfo=UTC))
    assert (await seen(desk)).revision == 1
    request = pb.CancelPlanRequest(
        request_id=new_id(), stop_code=desk.world.code("fall"), locale="en"
    )
    for _ in range(2):  # a repeat is the same answer
        answer = await desk.editor.CancelPlan(request, timeout=TIMEOUT_S)
        assert answer.plan == second
    request.request_id = new_id()
    assert await refused(desk.editor.CancelPlan(request, timeout=TIMEOUT_S)) == (
        grpc.StatusCode.NOT_FOUND, "PLAN_UNKNOWN",
    )  # fmt: skip
    await pass_to(desk, second.due_time.ToDatetime(tzinfo=UTC))
    assert (await seen(desk)).revision == 1

    await plan(desk)
    await desk.world.publish("fall", "en", 2, 1)
    assert not (await desk.review("fall")).HasField("plan")


async def test_a_newer_draft_is_not_shown_in_its_place(desk: Desk) -> None:
    await desk.drafted()
    made = await plan(desk)
    await desk.world.save("fall", "en", 2, FALL_EN, source_revision=1)
    await pass_to(desk, made.due_time.ToDatetime(tzinfo=UTC))
    assert (await seen(desk)).revision == 2


async def test_what_stands_in_the_way_at_its_time_is_told_and_nothing_is_shown(desk: Desk) -> None:
    await desk.drafted()
    made = await plan(desk)
    await desk.policy(pb.REVIEW_POLICY_SECOND_READER)  # meanwhile
    for _ in range(2):  # it is not tried again
        await pass_to(desk, made.due_time.ToDatetime(tzinfo=UTC))
    assert (await seen(desk)).revision == 1
    assert (await desk.review("fall")).plan.problem == "SECOND_READER_NEEDED"
    again = await plan(desk, reason="The season begins.")
    await pass_to(desk, again.due_time.ToDatetime(tzinfo=UTC))
    shown = await seen(desk)
    assert (shown.revision, shown.reading, shown.reason) == (
        2, guide_pb.READING_ALONE, "The season begins.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"due_time": datetime(2020, 1, 1, tzinfo=UTC)}, "INVALID_FIELDS"),
        ({"due_time": datetime(2099, 1, 1, tzinfo=UTC)}, "INVALID_FIELDS"),
        ({"revision": 9}, "REVISION_UNKNOWN"), ({"replaced_revision": 2}, "REVISION_CONFLICT"),
        ({"revision": 1}, "NOTHING_TO_REVIEW"), ({"locale": "EN"}, "INVALID_FIELDS"),
    ],
)  # fmt: skip
async def test_what_cannot_be_planned_is_refused(
    desk: Desk, more: dict[str, Any], reason: str
) -> None:
    await desk.drafted()
    assert (await refused(plan(desk, **more)))[1] == reason
    assert not (await desk.review("fall")).HasField("plan")


async def test_where_a_second_reader_is_asked_for_a_plan_asks_too(desk: Desk) -> None:
    await desk.drafted()
    await desk.policy(pb.REVIEW_POLICY_SECOND_READER)
    assert (await refused(plan(desk)))[1] == "SECOND_READER_NEEDED"
    made = await plan(desk, desk.reviewer)
    await pass_to(desk, made.due_time.ToDatetime(tzinfo=UTC))
    assert (await seen(desk)).reading == guide_pb.READING_SECOND_READER


async def test_visitors_and_other_areas_plan_nothing(desk: Desk) -> None:
    await desk.drafted()
    assert (await refused(plan(desk, desk.stranger)))[1] == "NOT_ALLOWED"
    clerk = desk.stub("clerk", Role.CLERK)
    assert (await refused(plan(desk, clerk)))[1] == "NOT_ALLOWED"
