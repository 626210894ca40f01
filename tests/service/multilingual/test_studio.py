"""Editors: immutable revisions, publication, honest states, conflicts, undo."""

import grpc

from kit.auth import Role
from meguri.multilingual.v1 import multilingual_events_pb2 as said
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from tests.service.multilingual.conftest import (
    TIMEOUT_S,
    World,
    new_id,
    paragraph,
    refused,
    small_area,
    text,
)

POOL_EN = text(
    "Pool", paragraph("Clear water gathers."), paragraph("Sources differ.", "doubt", "DOUBT")
)


async def states(world: World, name: str) -> dict[str, pb.NarrationState]:
    answer = await world.editor.ListTranslationStates(
        pb.ListTranslationStatesRequest(), timeout=TIMEOUT_S
    )
    [row] = [each for each in answer.stops if each.stop_code == world.code(name)]
    return {each.locale: each for each in row.narrations}


async def read(world: World, name: str, locale: str) -> pb.ReadNarrationResponse:
    request = pb.ReadNarrationRequest(stop_code=world.code(name), locale=locale)
    answer: pb.ReadNarrationResponse = await world.editor.ReadNarration(request, timeout=TIMEOUT_S)
    return answer


async def test_a_draft_is_not_seen_until_it_is_published(world: World) -> None:
    await world.load()
    draft = await world.save("pool", "en", 1, POOL_EN, source_revision=1, note="wording")
    assert (draft.revision, draft.author, draft.base_revision) == (2, "hanako", 1)
    assert (await world.read("pool", "en")).paragraphs[0].text.text == "Water gathers."
    state = (await states(world, "pool"))["en"]
    assert (state.published_revision, state.latest_revision) == (1, 2)

    before = await world.read("pool", "en")
    await world.publish("pool", "en", 2, 1)
    after = await world.read("pool", "en")
    assert after.paragraphs[0].text.text == "Clear water gathers."
    assert after.state == pb.TRANSLATION_STATE_REVIEWED
    assert not after.machine_draft
    assert after.revision == before.revision + 1
    assert after.etag_basis != before.etag_basis


async def test_publishing_is_said_with_all_that_has_to_be_dropped(world: World) -> None:
    await world.load()
    await world.it.heard(world.area, "stop_published", 4)
    await world.save("fall", "en", 1, text("Cascade", paragraph("It falls.")), source_revision=1)
    outcome = await world.publish("fall", "en", 2, 1)
    message = (await world.it.heard(world.area, "stop_published", 5))[-1]
    body = said.StopPublished.FromString(message.data)
    assert (body.stop_code, list(body.locales)) == (world.code("fall"), ["en"])
    assert set(body.neighbor_stop_codes) == {world.code("pool"), world.code("hall")}
    assert body.change_number == outcome.change_number
    assert message.headers["ce-aggregateversion"] == str(outcome.stop_revision)
    changed = await world.visitor.ListStopChanges(
        pb.ListStopChangesRequest(since_change_number=outcome.change_number - 1), timeout=TIMEOUT_S
    )
    assert {each.stop_code for each in changed.stops} == {
        world.code("pool"), world.code("fall"), world.code("hall"),
    }  # fmt: skip
    assert (await world.read("pool", "en")).next.name.text == "Cascade"


async def test_a_new_source_makes_translations_outdated_paragraph_by_paragraph(
    world: World,
) -> None:
    await world.load()
    changed = text(
        "池",
        paragraph("水は冬に減ります。"),
        paragraph("高さは資料で違います。", "doubt", "DOUBT"),
        reading="いけ",
    )
    await world.save("pool", "ja", 1, changed)
    await world.publish("pool", "ja", 2, 1)

    state = (await states(world, "pool"))["en"]
    assert state.state == pb.TRANSLATION_STATE_OUTDATED
    assert list(state.outdated_paragraph_ids) == ["formation"]
    shown = await world.read("pool", "en")
    assert [each.text.state for each in shown.paragraphs] == [
        pb.TRANSLATION_STATE_OUTDATED, pb.TRANSLATION_STATE_MACHINE_DRAFT,
    ]  # fmt: skip
    desk = await read(world, "pool", "en")
    [change] = desk.source_changes
    assert (change.before, change.after) == ("水がたまります。", "水は冬に減ります。")
    assert desk.source.revision == 2
    assert desk.source_locale == "ja"

    await world.save("pool", "en", 1, POOL_EN, source_revision=2)
    await world.publish("pool", "en", 2, 1)
    assert (await states(world, "pool"))["en"].state == pb.TRANSLATION_STATE_REVIEWED
    assert not (await read(world, "pool", "en")).source_changes


async def test_states_name_what_is_missing(world: World) -> None:
    await world.load()
    pool, hall = await states(world, "pool"), await states(world, "hall")
    assert list(pool["zh-Hant"].missing_paragraph_ids) == ["doubt"]
    assert hall["en"].state == pb.TRANSLATION_STATE_MISSING
    assert list(hall["en"].missing_paragraph_ids) == ["formation", "doubt"]


async def test_the_second_of_two_editors_is_told(world: World) -> None:
    await world.load()
    await world.save("pool", "en", 1, POOL_EN)
    late = pb.SaveDraftRequest(
        request_id=new_id(),
        stop_code=world.code("pool"),
        locale="en",
        base_revision=1,
        text=POOL_EN,
    )
    assert await refused(world.editor.SaveDraft(late, timeout=TIMEOUT_S)) == (
        grpc.StatusCode.ABORTED, "REVISION_CONFLICT",
    )  # fmt: skip
    await world.publish("pool", "en", 2, 1)
    stale = pb.PublishNarrationRequest(
        request_id=new_id(),
        stop_code=world.code("pool"),
        locale="en",
        revision=1,
        replaced_revision=1,
    )
    assert (await refused(world.editor.PublishNarration(stale, timeout=TIMEOUT_S)))[1] == (
        "REVISION_CONFLICT"
    )


async def test_undo_publishes_an_earlier_revision(world: World) -> None:
    await world.load()
    await world.save("pool", "en", 1, POOL_EN)
    await world.publish("pool", "en", 2, 1)
    await world.publish("pool", "en", 1, 2, reviewed=False)
    stop = await world.read("pool", "en")
    assert stop.paragraphs[0].text.text == "Water gathers."
    assert stop.machine_draft
    request = pb.ListRevisionsRequest(stop_code=world.code("pool"), locale="en")
    newest, oldest = (await world.editor.ListRevisions(request, timeout=TIMEOUT_S)).revisions
    assert (newest.revision, newest.published, newest.publisher) == (2, False, "hanako")
    assert (oldest.revision, oldest.published, oldest.author) == (1, True, "import")


async def test_reading_a_machine_draft_and_publishing_it_makes_it_reviewed(world: World) -> None:
    await world.load()
    await world.publish("pool", "zh-Hant", 1, 1)
    stop = await world.read("pool", "zh-TW")
    assert stop.paragraphs[0].text.state == pb.TRANSLATION_STATE_REVIEWED
    assert not stop.paragraphs[0].text.machine_draft


async def test_a_language_nobody_has_written_yet_can_be_started(world: World) -> None:
    await world.load()
    desk = await read(world, "hall", "ko")
    assert not desk.HasField("latest")
    assert desk.source.text.name == "広間"
    await world.save("hall", "ko", 0, text("넓은 방", paragraph("넓습니다.")), source_revision=1)
    await world.publish("hall", "ko", 1, 0)
    assert (await world.read("hall", "ko-KR")).name.text == "넓은 방"


async def test_a_load_leaves_alone_what_an_editor_touched(world: World) -> None:
    await world.load()
    await world.save("pool", "en", 1, POOL_EN)
    request = small_area(world.area)
    for each in request.stops:
        for narration in each.narrations:
            narration.text.paragraphs[0].text += " 2"
    answer = await world.admin.ImportStops(request, timeout=TIMEOUT_S)
    assert (answer.narration_count, answer.unchanged_count) == (6, 1)
    assert (await world.read("pool", "en")).paragraphs[0].text.text == "Water gathers."
    assert (await world.read("fall", "en")).paragraphs[0].text.text == "It falls. 2"


async def test_bad_texts_are_refused_with_their_fields(world: World) -> None:
    await world.load()
    for body in (
        text("", paragraph("x")),
        text("Pool", paragraph("x"), paragraph("y")),
        text("Pool", paragraph("left \u202eright")),
        text("Pool", paragraph("x" * 2001)),
        text("Pool", pb.Paragraph(paragraph_id="formation", text="x")),
    ):
        request = pb.SaveDraftRequest(
            request_id=new_id(),
            stop_code=world.code("pool"),
            locale="en",
            base_revision=1,
            text=body,
        )
        assert (await refused(world.editor.SaveDraft(request, timeout=TIMEOUT_S)))[1] == (
            "INVALID_FIELDS"
        )
    assert len((await states(world, "pool")).keys()) == 3


async def test_visitors_may_not_edit_and_editors_may_not_load(world: World) -> None:
    await world.load()
    request = pb.ReadNarrationRequest(stop_code=world.code("pool"), locale="en")
    assert (await refused(world.visitor.ReadNarration(request, timeout=TIMEOUT_S)))[0] is (
        grpc.StatusCode.PERMISSION_DENIED
    )
    assert (await refused(world.editor.ImportStops(small_area(world.area), timeout=TIMEOUT_S)))[
        0
    ] is grpc.StatusCode.PERMISSION_DENIED
    clerk = world.stub(Role.CLERK)
    assert (await refused(clerk.ReadNarration(request, timeout=TIMEOUT_S)))[1] == "NOT_ALLOWED"
