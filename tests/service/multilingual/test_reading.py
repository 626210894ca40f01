"""What visitors get: the closest language, and the truth about it."""

import asyncio
import io
from datetime import datetime

import grpc
import pytest
import zxingcpp
from PIL import Image

from kit.auth import Role
from kit.db import Transaction
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.multilingual.v1 import multilingual_events_pb2 as said
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.multilingual.domain.guide import Guide
from services.multilingual.store import guide as guide_store
from tests.service.multilingual.conftest import (
    TIMEOUT_S,
    World,
    new_id,
    refused,
    small_area,
)

TAIWAN = "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7"


async def test_a_scan_from_taiwan_gets_traditional_chinese(world: World) -> None:
    await world.load()
    stop = await world.read("pool", TAIWAN)
    assert (stop.locale, stop.requested_locale, stop.locale_matched) == ("zh-Hant", "zh-TW", True)
    assert (stop.name.text, stop.name_reading) == ("池子", "いけ")
    assert stop.machine_draft
    assert stop.state == pb.TRANSLATION_STATE_MACHINE_DRAFT
    assert stop.name_pronunciation == ""
    assert (await world.read("pool", "en")).name_pronunciation == "Ike"
    assert dict(stop.names) == {"ja": "池", "en": "Pool", "zh-Hant": "池子"}


async def test_a_missing_paragraph_falls_back_and_says_so(world: World) -> None:
    await world.load()
    first, second = (await world.read("pool", TAIWAN)).paragraphs
    assert (first.text.locale, first.text.fallback) == ("zh-Hant", False)
    assert (second.paragraph_id, second.text.text) == ("doubt", "Sources differ.")
    assert (second.text.locale, second.text.requested_locale, second.text.fallback) == (
        "en", "zh-Hant", True,
    )  # fmt: skip


async def test_a_stop_without_a_text_in_the_language_is_missing_but_readable(world: World) -> None:
    await world.load()
    stop = await world.read("hall", TAIWAN)
    assert (stop.locale, stop.state, stop.fallback) == (
        "zh-Hant",
        pb.TRANSLATION_STATE_MISSING,
        True,
    )
    assert {each.text.locale for each in stop.paragraphs} == {"ja"}


async def test_the_own_choice_is_stronger_than_the_header(world: World) -> None:
    await world.load()
    assert (await world.read("pool", TAIWAN, "en")).locale == "en"
    assert (await world.read("pool", TAIWAN, "xx")).locale == "zh-Hant"


async def test_the_source_is_labelled_as_source(world: World) -> None:
    await world.load()
    stop = await world.read("pool", "ja")
    assert stop.state == pb.TRANSLATION_STATE_SOURCE
    assert not stop.machine_draft
    assert not stop.fallback
    assert not stop.needs_label
    assert [(each.locale, each.state) for each in stop.locales] == [
        ("ja", pb.TRANSLATION_STATE_SOURCE),
        ("en", pb.TRANSLATION_STATE_MACHINE_DRAFT),
        ("zh-Hant", pb.TRANSLATION_STATE_MACHINE_DRAFT),
    ]


async def test_neighbors_stay_within_the_group(world: World) -> None:
    await world.load()
    fall = await world.read("fall", "en")
    assert (fall.previous.stop_code, fall.next.stop_code) == (
        world.code("pool"),
        world.code("hall"),
    )
    assert (fall.previous.name.text, fall.next.distance_m) == ("Pool", 50)
    bat = await world.read("bat")
    assert not bat.HasField("previous")
    assert not bat.HasField("next")
    assert (bat.position, bat.group_size) == (1, 1)


async def test_any_spelling_of_a_code_is_read_and_mistakes_are_told_apart(world: World) -> None:
    await world.load()
    code = world.code("pool")
    spelled = pb.ReadStopRequest(stop_code=f" {code[:2].lower()}-{code[2:].lower()} ")
    answer = await world.visitor.ReadStop(spelled, timeout=TIMEOUT_S)
    assert answer.stop.stop_code == code
    wrong = pb.ReadStopRequest(stop_code=code[:-1] + ("0" if code[-1] != "0" else "1"))
    assert await refused(world.visitor.ReadStop(wrong, timeout=TIMEOUT_S)) == (
        grpc.StatusCode.INVALID_ARGUMENT, "STOP_CODE_MISTYPED",
    )  # fmt: skip
    unknown = pb.ReadStopRequest(stop_code="00000")
    assert await refused(world.visitor.ReadStop(unknown, timeout=TIMEOUT_S)) == (
        grpc.StatusCode.NOT_FOUND, "STOP_CODE_UNKNOWN",
    )  # fmt: skip


async def test_an_empty_area_has_no_stops_and_no_languages(world: World) -> None:
    answer = await world.visitor.ListStops(pb.ListStopsRequest(), timeout=TIMEOUT_S)
    assert (list(answer.stops), answer.locale, list(answer.published_locales)) == ([], "", [])
    contents = await world.visitor.ListStopContents(pb.ListStopContentsRequest(), timeout=TIMEOUT_S)
    assert list(contents.stops) == []


async def test_the_list_and_the_bulk_read_agree_with_single_reads(world: World) -> None:
    await world.load()
    listed = await world.visitor.ListStops(
        pb.ListStopsRequest(accept_language=TAIWAN), timeout=TIMEOUT_S
    )
    assert list(listed.published_locales) == ["ja", "en", "zh-Hant"]
    assert [each.name.text for each in listed.stops] == ["池子", "Fall", "広間", "コウモリ"]
    bulk = await world.visitor.ListStopContents(
        pb.ListStopContentsRequest(locale="zh-Hant"), timeout=TIMEOUT_S
    )
    single = await world.read("pool", "", "zh-Hant")
    assert bulk.stops[0] == single
    assert single.etag_basis
    assert len({each.etag_basis for each in bulk.stops}) == 4


async def test_one_area_never_sees_another(world: World) -> None:
    await world.load()
    elsewhere = world.stub(Role.VISITOR, area="other")
    other = pb.ReadStopRequest(stop_code=world.code("pool"))
    assert (await refused(elsewhere.ReadStop(other, timeout=TIMEOUT_S)))[1] == "STOP_CODE_UNKNOWN"


async def test_the_same_codes_in_another_area_get_new_ones(world: World) -> None:
    """The demo area is loaded from the same files: each code leads to one stop only."""
    await world.load()
    other = world.stub(Role.ADMIN, area="a" + new_id().replace("-", "")[:12])
    await other.ImportStops(small_area(world.area), timeout=TIMEOUT_S)
    listed = await other.ListStops(pb.ListStopsRequest(), timeout=TIMEOUT_S)
    taken = {world.code(name) for name in ("pool", "fall", "hall", "bat")}
    assert len(listed.stops) == 4
    assert not {each.stop_code for each in listed.stops} & taken


@pytest.mark.parametrize(("kind", "media"), [("SVG", "image/svg+xml"), ("PNG", "image/png")])
async def test_a_label_leads_to_its_stop(world: World, kind: str, media: str) -> None:
    await world.load()
    request = pb.RenderQrLabelRequest(
        stop_code=world.code("pool"),
        format=pb.LabelFormat.Value(f"LABEL_FORMAT_{kind}"),
        base_url="https://guide.example.jp/",
    )
    answer = await world.visitor.RenderQrLabel(request, timeout=TIMEOUT_S)
    assert answer.media_type == media
    assert answer.url == f"HTTPS://GUIDE.EXAMPLE.JP/G/{world.code('pool')}"
    if kind == "PNG":
        found = zxingcpp.read_barcode(Image.open(io.BytesIO(answer.image)))
        assert found is not None
        assert found.text == answer.url
        assert found.ec_level == "H"
    else:
        assert answer.image.startswith(b"<svg")
        assert b"script" not in answer.image


async def test_a_label_needs_an_address(world: World) -> None:
    await world.load()
    request = pb.RenderQrLabelRequest(stop_code=world.code("pool"), format=pb.LABEL_FORMAT_SVG)
    assert (await refused(world.visitor.RenderQrLabel(request, timeout=TIMEOUT_S)))[1] == (
        "NO_PUBLIC_ADDRESS"
    )
    configured = directory.AreaConfigured(
        area=directory_pb.Area(
            area=world.area, public_url="https://mine.example.jp", locales=["ja", "en", "th"]
        )
    )
    await world.it.say(world.area, "directory", "area_configured", configured, version=2)
    states = pb.ListTranslationStatesResponse()
    async with asyncio.timeout(30):
        while "th" not in states.locales:
            states = await world.editor.ListTranslationStates(
                pb.ListTranslationStatesRequest(), timeout=TIMEOUT_S
            )
    answer = await world.visitor.RenderQrLabel(request, timeout=TIMEOUT_S)
    assert answer.url.startswith("HTTPS://MINE.EXAMPLE.JP/G/")


async def test_loading_says_each_stop_once_and_repeats_change_nothing(world: World) -> None:
    first = await world.load()
    assert (first.stop_count, first.narration_count, first.unchanged_count) == (4, 7, 0)
    heard = await world.it.heard(world.area, "stop_published", 4)
    published = [said.StopPublished.FromString(each.data) for each in heard]
    assert {each.stop_code for each in published} == {
        world.code(name) for name in ("pool", "fall", "hall", "bat")
    }
    before = await world.visitor.ListStopChanges(pb.ListStopChangesRequest(), timeout=TIMEOUT_S)
    again = await world.load()
    assert (again.stop_count, again.narration_count, again.unchanged_count) == (0, 0, 7)
    after = await world.visitor.ListStopChanges(pb.ListStopChangesRequest(), timeout=TIMEOUT_S)
    assert after == before
    assert len(after.stops) == 4
    none = pb.ListStopChangesRequest(since_change_number=after.change_number)
    assert not (await world.visitor.ListStopChanges(none, timeout=TIMEOUT_S)).stops


async def test_after_a_change_the_guide_is_loaded_once_for_all_who_ask(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.load()
    loads: list[str] = []
    plain = guide_store.load

    async def counted(tx: Transaction, now: datetime) -> Guide:
        loads.append(tx.area)
        return await plain(tx, now)

    monkeypatch.setattr(guide_store, "load", counted)
    await asyncio.gather(*(world.read("pool", "en") for _ in range(12)))
    assert len(loads) == 1
