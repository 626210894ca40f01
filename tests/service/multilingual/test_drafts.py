"""Many drafts against real stores: those that were opened go out together, the others are told."""

from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import review_service_pb2 as pb
from tests.service.multilingual.conftest import TIMEOUT_S, new_id, refused
from tests.service.multilingual.test_reviews import FALL_EN, Desk, desk, shown

__all__ = ["desk"]


async def wanted(desk: Desk, *names: str, revision: int = 2) -> pb.PublishTextsRequest:
    seen = {"hall": 0, "bat": 0}
    return pb.PublishTextsRequest(
        request_id=new_id(), locale="en",
        texts=[
            pb.TextToPublish(
                stop_code=desk.world.code(name),
                revision=1 if name in seen else revision, replaced_revision=seen.get(name, 1),
            )
            for name in names
        ],
    )  # fmt: skip


async def test_drafts_that_were_opened_are_published_together(desk: Desk) -> None:
    await desk.drafted("fall", "pool", "hall", "bat")
    listed = await desk.editor.ListDrafts(pb.ListDraftsRequest(locale="en"), timeout=TIMEOUT_S)
    names = [desk.world.code(name) for name in ("pool", "fall", "hall", "bat")]
    assert [each.stop_code for each in listed.drafts] == names
    assert not any(each.opened for each in listed.drafts)
    await desk.open("fall", "pool")
    await desk.open("hall", revision=1)
    # Somebody saves one of them meanwhile.
    await desk.world.save("pool", "en", 2, FALL_EN, source_revision=1)
    before = (await desk.world.read("fall", "en")).revision
    request = await wanted(desk, "fall", "pool", "hall", "bat")
    for _ in range(2):
        answer = await desk.editor.PublishTexts(request, timeout=TIMEOUT_S)
        assert set(answer.published) == {desk.world.code("fall"), desk.world.code("hall")}
        assert {each.stop_code: each.problem for each in answer.left} == {
            desk.world.code("pool"): "REVISION_CONFLICT", desk.world.code("bat"): "NOT_OPENED",
        }  # fmt: skip
    assert (await desk.world.read("fall", "en")).revision == before + 1
    assert (await desk.world.read("pool", "en")).name.text == "Pool"
    [still] = [
        each
        for each in (await desk.editor.ListDrafts(pb.ListDraftsRequest(), timeout=TIMEOUT_S)).drafts
        if each.opened
    ] or [None]
    assert still is None


async def test_many_texts_need_a_second_reader_or_one_reason(desk: Desk) -> None:
    await desk.drafted("fall", "pool")
    await desk.policy(pb.REVIEW_POLICY_SECOND_READER)
    await desk.open("fall", "pool")
    answer = await desk.editor.PublishTexts(await wanted(desk, "fall"), timeout=TIMEOUT_S)
    assert [each.problem for each in answer.left] == ["SECOND_READER_NEEDED"]
    assert answer.change_number == 0
    request = await wanted(desk, "fall", "pool")
    request.reason = "The file came from the office."
    answer = await desk.editor.PublishTexts(request, timeout=TIMEOUT_S)
    assert len(answer.published) == 2
    assert (await shown(desk)).reading == guide_pb.READING_ALONE
    twice = await wanted(desk, "fall", "fall")
    for bad in (twice, pb.PublishTextsRequest(request_id=new_id(), locale="en")):
        assert (await refused(desk.editor.PublishTexts(bad, timeout=TIMEOUT_S)))[1] == (
            "INVALID_FIELDS"
        )
