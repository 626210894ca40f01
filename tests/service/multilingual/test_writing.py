"""What helps to write, from texts as they really stand in the guide."""

from typing import Any

import grpc

from kit.auth import Role
from meguri.multilingual.v1 import writing_service_pb2 as pb
from meguri.multilingual.v1.writing_service_pb2_grpc import WritingServiceStub
from tests.service.multilingual.conftest import TIMEOUT_S, World, paragraph, refused, text


async def aids(world: World, name: str, locale: str, words: str = "") -> pb.ReadWritingAidsResponse:
    request = pb.ReadWritingAidsRequest(stop_code=world.code(name), locale=locale, words=words)
    answer: pb.ReadWritingAidsResponse = await stub(world).ReadWritingAids(
        request, timeout=TIMEOUT_S
    )
    return answer


def stub(world: World, role: Role = Role.EDITOR) -> Any:
    return WritingServiceStub(world.it.channel(world.area, role))


async def test_what_others_were_translated_to_is_offered(world: World) -> None:
    await world.load()
    hall = await aids(world, "hall", "en")
    assert [each.part for each in hall.parts] == ["NAME", "formation", "doubt"]
    [match] = hall.parts[2].matches  # pool and fall say the same
    assert (match.percent, match.pair.target) == (100, "Sources differ.")
    assert match.pair.machine_draft
    assert not any(each.remarks for each in hall.parts), "nothing is written yet"


async def test_a_correction_is_remembered_as_soon_as_visitors_see_it(world: World) -> None:
    await world.load()
    corrected = text("Pool", paragraph("Water stands here."), paragraph("x", "doubt", "DOUBT"))
    await world.save("pool", "en", 1, corrected, source_revision=1)
    assert (await aids(world, "hall", "en")).parts[1].matches[0].pair.target != "Water stands here."
    await world.publish("pool", "en", 2, 1)
    told = [each.pair for each in (await aids(world, "hall", "en")).parts[1].matches]
    assert ("Water stands here.", False) in [(each.target, each.machine_draft) for each in told]


async def test_names_and_remarks_are_of_the_newest_words(world: World) -> None:
    await world.load()
    source = text("広間", paragraph("滝の先、30段。"), reading="ひろま")
    await world.save("hall", "ja", 1, source)
    await world.publish("hall", "ja", 2, 1)
    written = text("Hall", paragraph("Beyond the cascade, some steps."))
    await world.save("hall", "en", 0, written, source_revision=2)
    [_, part] = (await aids(world, "hall", "en")).parts
    found = {each.kind: each.detail for each in part.remarks}
    assert found == {pb.REMARK_KIND_NUMBER: "30"}, "a name of one letter is in every sentence"
    assert not part.names


async def test_words_are_found_where_they_were_used(world: World) -> None:
    await world.load()
    found = (await aids(world, "hall", "en", words="GATHERS")).found
    assert [(each.stop_code, each.part) for each in found] == [(world.code("pool"), "formation")]
    assert not (await aids(world, "hall", "en", words="nowhere said")).found


async def test_the_source_itself_has_no_aids_and_mistakes_are_told(world: World) -> None:
    await world.load()
    assert not (await aids(world, "hall", "ja")).parts
    asked = pb.ReadWritingAidsRequest(stop_code="ZZZZZZ", locale="en")
    found = await refused(stub(world).ReadWritingAids(asked, timeout=TIMEOUT_S))
    assert found == (grpc.StatusCode.INVALID_ARGUMENT, "STOP_CODE_MISTYPED")
    asked = pb.ReadWritingAidsRequest(stop_code=world.code("hall"), locale="no locale")
    found = await refused(stub(world).ReadWritingAids(asked, timeout=TIMEOUT_S))
    assert found[1] == "INVALID_FIELDS"


async def test_only_those_who_edit_may_ask(world: World) -> None:
    await world.load()
    asked = pb.ReadWritingAidsRequest(stop_code=world.code("hall"), locale="en")
    clerk = stub(world, Role.CLERK)
    found = await refused(clerk.ReadWritingAids(asked, timeout=TIMEOUT_S))
    assert found[0] is grpc.StatusCode.PERMISSION_DENIED
