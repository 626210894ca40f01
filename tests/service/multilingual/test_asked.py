"""What visitors asked for, with a real database: told from ten on, marked, back by itself."""

import uuid
from typing import Any

import grpc

from kit.auth import Role
from meguri.multilingual.v1 import asked_service_pb2 as pb
from tests.service.multilingual.asking import (
    CODE,
    LOST,
    back,
    desk,
    done,
    listed,
    long_ago,
    marks,
    met,
    put_off,
    rows,
    send,
    stamp,
    views,
)
from tests.service.multilingual.conftest import TIMEOUT_S, World, new_id, paragraph, refused, text


async def test_a_language_is_told_by_the_texts_that_were_wished_for(world: World) -> None:
    await world.load()  # English lacks the hall and the bat, traditional Chinese all but the pool
    await views(world, "hall", "en", 8)
    await views(world, "bat", "en", 12)
    await views(world, "pool", "en", 500)  # is there: nothing is missing
    await views(world, "fall", "zh-Hant", 9)  # too few to be told
    [item] = (await listed(world)).items
    assert item.matter == pb.AskedMatter(kind=pb.ASKED_KIND_LANGUAGE_BEHIND, locale="en")
    assert (item.least_views, item.missing_count, item.outdated_count) == (20, 2, 0)
    assert [(each.stop_code, each.stop_name, each.outdated) for each in item.wished_texts] == [
        (world.code("bat"), "コウモリ", False), (world.code("hall"), "広間", False),
    ]  # fmt: skip


async def test_a_text_whose_source_changed_is_wished_for_too(world: World) -> None:
    await world.load()
    new = text("池", paragraph("水がいつもたまります。"), reading="いけ")
    revision = (await world.save("pool", "ja", 1, new)).revision
    await world.publish("pool", "ja", revision, 1)
    await views(world, "pool", "en", 30, served="en")
    [item] = (await listed(world)).items
    assert (item.missing_count, item.outdated_count) == (0, 1)
    assert item.wished_texts[0].outdated


async def test_languages_the_area_lacks_are_told_and_others_together(world: World) -> None:
    await world.load()
    await views(world, "pool", "th-TH", 40)
    await views(world, "fall", "th", 70)
    await views(world, "pool", "vi", 9)
    await views(world, "pool", "tlh", 25)  # Klingon: counted under no name of its own
    found = await listed(world)
    [item] = found.items
    assert item.matter == pb.AskedMatter(kind=pb.ASKED_KIND_LANGUAGE_NOT_OFFERED, locale="th")
    assert (item.least_views, found.least_other_languages) == (100, 20)


async def test_the_running_day_is_not_told(world: World) -> None:
    """Whoever reads the list beside a visitor would see what that one wishes for."""
    await world.load()
    await views(world, "pool", "th", 40, days_ago=0)
    await views(world, "pool", "vi", 40, days_ago=1)
    assert [each.matter.locale for each in (await listed(world)).items] == ["vi"]


async def test_unliked_texts_stand_in_their_order_without_numbers(world: World) -> None:
    await world.load()
    await views(world, "pool", "ja", 100)
    await views(world, "fall", "ja", 400)
    await send(world, met(LOST, 45))
    poor = [
        pb.UnlikedText(stop_code=world.code("pool"), locale="ja", unliked_percent=75),
        pb.UnlikedText(stop_code=world.code("fall"), locale="ja", unliked_percent=50),
        pb.UnlikedText(stop_code=world.code("pool"), locale="und", unliked_percent=90),
        pb.UnlikedText(stop_code=LOST, locale="ja", unliked_percent=90),
    ]
    found = (await listed(world, *poor)).items
    names = [(each.matter.kind, each.matter.stop_code) for each in found]
    assert names == [
        (pb.ASKED_KIND_UNLIKED_TEXT, world.code("fall")), (pb.ASKED_KIND_STRAY_CODE, LOST),
        (pb.ASKED_KIND_UNLIKED_TEXT, world.code("pool")),
    ]  # fmt: skip
    assert [each.least_views for each in found] == [0, 20, 0]
    assert found[0].stop_name == "滝"


async def test_a_mark_is_made_once_and_its_undo_once(world: World) -> None:
    await world.load()
    await send(world, met(LOST, 20))
    request = pb.MarkAskedRequest(request_id=new_id(), matter=CODE, outcome=pb.ASKED_OUTCOME_DONE)
    first = await desk(world).MarkAsked(request, timeout=TIMEOUT_S)
    assert await desk(world).MarkAsked(request, timeout=TIMEOUT_S) == first
    assert rows(world, "select count(*) from asked_marks") == [(1,)]
    assert (first.mark.author, first.mark.matter) == ("hanako", CODE)
    assert not (await listed(world)).items
    assert await marks(world) == [first.mark]
    gone = await back(world, first.mark.mark_id)
    again = await back(world, first.mark.mark_id)  # another request: nothing left to take back
    assert gone.withdraw_time == again.withdraw_time
    assert len((await listed(world)).items) == 1
    assert await marks(world) == []


async def test_what_is_done_returns_when_the_same_thing_goes_on(world: World) -> None:
    await world.load()
    await views(world, "pool", "th", 60, days_ago=12)
    await views(world, "hall", "en", 60, days_ago=12)
    await send(world, met(LOST, 40, days_ago=12))
    [_, _, _] = before = (await listed(world)).items
    for item in before:
        await done(world, item.matter)
    long_ago(world, 8)
    assert not (await listed(world)).items, "what was before does not bring it back"
    await views(world, "pool", "th", 9)
    await send(world, met(LOST, 9, days_ago=2))
    assert not (await listed(world)).items
    await views(world, "pool", "th", 11)
    await views(world, "hall", "en", 10)
    await send(world, met(LOST, 1, days_ago=1))
    after = (await listed(world)).items
    assert {each.matter.kind for each in after} == {each.matter.kind for each in before}
    for item in after:
        assert item.earlier_mark.outcome == pb.ASKED_OUTCOME_DONE
        assert item.least_views in (10, 20)


async def test_an_unliked_text_returns_by_later_ratings_alone(world: World) -> None:
    await world.load()
    text_of: dict[str, Any] = {
        "stop_code": world.code("pool"),
        "locale": "ja",
        "unliked_percent": 75,
    }
    matter = pb.AskedMatter(
        kind=pb.ASKED_KIND_UNLIKED_TEXT, stop_code=world.code("pool"), locale="ja"
    )
    mark = await done(world, matter)
    assert not (await listed(world, pb.UnlikedText(**text_of))).items
    early = pb.UnlikedText(**text_of, since_time=stamp(1))
    assert not (await listed(world, early)).items
    later = pb.UnlikedText(**text_of, since_time=mark.create_time)
    [item] = (await listed(world, later)).items
    assert item.earlier_mark == mark


async def test_what_is_put_off_returns_at_its_time(world: World) -> None:
    await world.load()
    await send(world, met(LOST, 20))
    mark = await put_off(world, CODE, days=7)
    assert (mark.reason, mark.outcome) == ("after the season", pb.ASKED_OUTCOME_PUT_OFF)
    assert mark.until_time.seconds - mark.create_time.seconds == 7 * 24 * 3600
    assert not (await listed(world)).items
    long_ago(world, 7)
    [item] = (await listed(world)).items
    assert item.earlier_mark.reason == "after the season"


async def test_the_newest_mark_holds_and_its_undo_gives_the_one_before(world: World) -> None:
    await world.load()
    await send(world, met(LOST, 20))
    first = await put_off(world, CODE)
    second = await done(world, CODE)
    assert [each.mark_id for each in await marks(world)] == [second.mark_id]
    await back(world, second.mark_id)
    assert [each.mark_id for each in await marks(world)] == [first.mark_id]
    assert not (await listed(world)).items


async def test_a_language_that_is_offered_by_now_is_another_matter(world: World) -> None:
    """Else what was said of a language before it was offered would hide what is missing in it."""
    await world.load()
    await done(world, pb.AskedMatter(kind=pb.ASKED_KIND_LANGUAGE_NOT_OFFERED, locale="en"))
    await views(world, "hall", "en", 30)
    [item] = (await listed(world)).items
    assert item.matter.kind == pb.ASKED_KIND_LANGUAGE_BEHIND
    assert not item.HasField("earlier_mark")


async def test_what_cannot_be_kept_changes_nothing(world: World) -> None:
    await world.load()
    unknown = (
        pb.AskedMatter(kind=pb.ASKED_KIND_STRAY_CODE, stop_code="HELLO"),
        pb.AskedMatter(kind=pb.ASKED_KIND_STRAY_CODE, stop_code=LOST, locale="ja"),
        pb.AskedMatter(kind=pb.ASKED_KIND_UNLIKED_TEXT, stop_code=world.code("hall"), locale="en"),
        pb.AskedMatter(kind=pb.ASKED_KIND_LANGUAGE_BEHIND, locale="th"),
        pb.AskedMatter(kind=pb.ASKED_KIND_LANGUAGE_NOT_OFFERED, locale="tlh"),
    )
    for matter in unknown:
        request = pb.MarkAskedRequest(
            request_id=new_id(), matter=matter, outcome=pb.ASKED_OUTCOME_DONE
        )
        problem = await refused(desk(world).MarkAsked(request, timeout=TIMEOUT_S))
        assert problem == (grpc.StatusCode.NOT_FOUND, "ASKED_MATTER_UNKNOWN")
    for wrong in (
        {},
        {"outcome": 2, "put_off_days": 7},
        {"outcome": 9},
        {"matter": pb.AskedMatter()},
    ):
        request = pb.MarkAskedRequest(request_id=new_id(), **{"matter": CODE, **wrong})  # type: ignore[arg-type] # fields by name
        problem = await refused(desk(world).MarkAsked(request, timeout=TIMEOUT_S))
        assert problem == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS")
    card = pb.MarkAskedRequest(
        request_id=new_id(),
        matter=CODE,
        outcome=pb.ASKED_OUTCOME_DONE,
        reason="4242 4242 4242 4242",
    )
    assert (await refused(desk(world).MarkAsked(card, timeout=TIMEOUT_S)))[1] == "CARD_NUMBER_TYPED"
    for mark_id in ("", "x", str(uuid.uuid4())):
        problem = await refused(back(world, mark_id))
        assert problem == (grpc.StatusCode.NOT_FOUND, "ASKED_MARK_UNKNOWN")
    assert (await refused(send(world, met(LOST, 0))))[1] == "INVALID_FIELDS"
    assert (await refused(send(world, *[met(LOST)] * 501)))[1] == "INVALID_FIELDS"
    for unliked in (
        [pb.UnlikedText(stop_code=world.code("pool"), locale="ja", unliked_percent=101)],
        [pb.UnlikedText(stop_code=world.code("pool"), locale="ja", unliked_percent=50)] * 2,
    ):
        assert (await refused(listed(world, *unliked)))[1] == "INVALID_FIELDS"
    assert rows(world, "select 1 from asked_marks union all select 1 from stray_codes") == []


async def test_strangers_count_nothing_and_no_area_sees_another_ones(world: World) -> None:
    await world.load()
    await send(world, met(LOST, 20))
    mark = await done(world, CODE)
    for role in (Role.VISITOR, Role.EDITOR, Role.ADMIN):
        request = pb.RecordStrayCodesRequest(request_id=new_id(), codes=[met(LOST)])
        problem = await refused(desk(world, role).RecordStrayCodes(request, timeout=TIMEOUT_S))
        assert problem[0] is grpc.StatusCode.PERMISSION_DENIED
    for role in (Role.VISITOR, Role.ANALYST, Role.CLERK):
        problem = await refused(desk(world, role).ListAsked(pb.ListAskedRequest(), timeout=30))
        assert problem[0] is grpc.StatusCode.PERMISSION_DENIED
    other = desk(world, area=f"b{uuid.uuid4().hex[:12]}")
    assert not (await other.ListAsked(pb.ListAskedRequest(), timeout=TIMEOUT_S)).items
    assert not (await other.ListAskedMarks(pb.ListAskedMarksRequest(), timeout=TIMEOUT_S)).marks
    gone = pb.TakeBackAskedMarkRequest(request_id=new_id(), mark_id=mark.mark_id)
    problem = await refused(other.TakeBackAskedMark(gone, timeout=TIMEOUT_S))
    assert problem[1] == "ASKED_MARK_UNKNOWN"
