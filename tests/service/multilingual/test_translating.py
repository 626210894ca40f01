"""Machine drafts of what is missing, with the real guide on one side and real HTTP on the other."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.multilingual.cli import translating
from services.multilingual.cli.translating import Done, Job
from services.multilingual.gateways import translators
from tests.service.multilingual import translator
from tests.service.multilingual.conftest import TIMEOUT_S, Sync, World, paragraph, text
from tests.service.multilingual.translator import KEY, Machine


@pytest.fixture
async def machine() -> AsyncIterator[Machine]:
    with translator.running() as running:
        running.say = lambda words, _target: f"These are {len(words)} letters, told in English."
        yield running


async def translate(
    world: World, machine: Machine, *only: str, outdated: bool = False
) -> tuple[Done, list[Job]]:
    def work(stub: Sync) -> tuple[Done, list[Job]]:
        done = Done()
        codes = [world.code(name) for name in only]
        jobs = translating.find_jobs(stub, "en", codes, done, outdated=outdated)
        if jobs:
            made = translators.choose("deepl", machine.url, KEY, "ja", "en")
            translating.translate(stub, made, jobs, done, lambda _: None)
        return done, jobs

    return await asyncio.to_thread(work, Sync(world.editor))


async def latest(world: World, name: str) -> pb.Revision:
    asked = pb.ReadNarrationRequest(stop_code=world.code(name), locale="en")
    answer = await world.editor.ReadNarration(asked, timeout=TIMEOUT_S)
    return answer.latest  # type: ignore[no-any-return] # a stub's


async def test_only_what_is_missing_is_drafted_and_nobody_sees_it(
    world: World, machine: Machine
) -> None:
    await world.load()
    done, _ = await translate(world, machine)
    assert (done.drafted, done.refused, done.waiting) == (3, {}, [])  # pool is whole
    sent = [words for _, body, _ in machine.asked for words in body["text"]]
    assert sorted(sent) == sorted(
        ["高さは資料で違います。", "広間", "水がたまります。", "高さは資料で違います。",
         "コウモリ", "飛びます。"]
    )  # fmt: skip
    hall = await latest(world, "hall")
    assert hall.machine_draft
    assert hall.note == "DeepL"
    assert [each.paragraph_id for each in hall.text.paragraphs] == ["formation", "doubt"]
    fall = await latest(world, "fall")
    assert (fall.text.name, fall.text.paragraphs[0].text) == ("Fall", "It falls.")
    assert (await world.read("hall", "en")).paragraphs[0].text.locale == "ja", "not published"


async def test_it_may_be_run_again_and_leaves_drafts_alone(world: World, machine: Machine) -> None:
    await world.load()
    await translate(world, machine)
    before, asked = await latest(world, "hall"), len(machine.asked)
    done, jobs = await translate(world, machine)
    assert (done.drafted, jobs, len(machine.asked)) == (0, [], asked)
    assert await latest(world, "hall") == before


async def test_a_draft_of_a_person_is_not_written_into(world: World, machine: Machine) -> None:
    await world.load()
    await world.save("fall", "en", 1, text("Cascade", paragraph("It falls.")), source_revision=1)
    done, _ = await translate(world, machine, "fall")
    assert (done.waiting, done.drafted, machine.asked) == ([world.code("fall")], 0, [])


async def test_paragraphs_whose_source_changed_are_drafted_when_asked_for(
    world: World, machine: Machine
) -> None:
    await world.load()
    doubt = paragraph("高さは資料で違います。", "doubt", "DOUBT")
    source = text("池", paragraph("水が多くたまります。"), doubt, reading="いけ")
    await world.save("pool", "ja", 1, source)
    await world.publish("pool", "ja", 2, 1)
    assert (await translate(world, machine, "pool"))[1] == []
    done, _ = await translate(world, machine, "pool", outdated=True)
    assert done.drafted == 1
    found = await latest(world, "pool")
    assert [each.text[:9] for each in found.text.paragraphs] == ["These are", "Sources d"]
    assert (found.source_revision, found.text.reading) == (2, "Ike")


async def test_what_a_machine_breaks_is_left_out_and_told(world: World, machine: Machine) -> None:
    await world.load()
    machine.say = lambda words, _target: (
        "" if words.startswith("水") else "{lost} Sources differ." if "資料" in words else "Hall"
    )
    done, _ = await translate(world, machine, "hall")
    [told] = done.refused.values()
    assert told == ["formation: EMPTY", "doubt: PLACEHOLDER +{lost}"]
    found = await latest(world, "hall")
    assert (found.text.name, len(found.text.paragraphs)) == ("Hall", 0)


async def test_a_text_whose_name_is_broken_is_not_saved(world: World, machine: Machine) -> None:
    await world.load()
    machine.say = lambda words, _target: "" if words == "広間" else "Some words of water here."
    done, _ = await translate(world, machine, "hall")
    assert done.drafted == 0
    assert not (await latest(world, "hall")).revision


async def test_a_machine_that_stops_leaves_what_was_saved(world: World, machine: Machine) -> None:
    await world.load()
    done = Done()
    jobs = await asyncio.to_thread(
        translating.find_jobs, Sync(world.editor), "en", [], done, outdated=False
    )
    made = translators.choose("deepl", machine.url, KEY, "ja", "en")
    first, *_ = jobs
    stub = Sync(world.editor)
    await asyncio.to_thread(translating.translate, stub, made, [first], done, lambda _: None)
    machine.failing = [456]
    with pytest.raises(translators.TranslatorAway, match="used up"):
        await asyncio.to_thread(translating.translate, stub, made, jobs[1:], done, lambda _: None)
    rest, _ = await translate(world, machine)
    assert (done.drafted, rest.drafted) == (1, 2)


async def test_half_a_letter_is_not_taken_and_stops_nothing(world: World, machine: Machine) -> None:
    await world.load()
    machine.say = lambda words, _target: "half \ud800" if "水" in words else "Some words of rock."
    done, _ = await translate(world, machine)
    assert (done.drafted, done.refused) == (3, {world.code("hall"): ["formation: FORBIDDEN_MARK"]})


async def test_a_draft_that_is_written_meanwhile_stays_and_the_others_are_made(
    world: World, machine: Machine
) -> None:
    await world.load()
    stub = Sync(world.editor)

    def meanwhile() -> Done:
        done = Done()
        jobs = translating.find_jobs(stub, "en", [], done, outdated=False)
        made = translators.choose("deepl", machine.url, KEY, "ja", "en")
        translating.translate(stub, made, jobs[:1], Done(), lambda _: None)
        translating.translate(stub, made, jobs, done, lambda _: None)
        return done

    done = await asyncio.to_thread(meanwhile)
    assert (done.drafted, len(done.waiting)) == (2, 1)
