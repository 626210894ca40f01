"""Signs with a real database: what is printed, remembered, outdated, hung up, and refused."""

import asyncio
import io
import time
from typing import Any

import grpc
import pypdf
import pytest

from kit.auth import Role
from meguri.directory.v1 import directory_events_pb2 as directory_events
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import sign_service_pb2 as pb
from meguri.multilingual.v1 import sign_service_pb2_grpc as sign_grpc
from tests.service.multilingual.conftest import (
    TIMEOUT_S,
    World,
    new_id,
    paragraph,
    refused,
    text,
    world,
)

__all__ = ["world"]
Code = grpc.StatusCode
PUBLIC = "https://guide.example.jp"


def stub(world: World, *roles: Role) -> Any:
    return sign_grpc.SignServiceStub(world.it.channel(world.area, *(roles or (Role.EDITOR,))))


async def ready(world: World, public_url: str = PUBLIC, version: int = 1) -> None:
    """Loads the small area and tells its address, as directory would."""
    if version == 1:
        await world.load()
    told = directory.Area(
        locales=["ja", "en", "zh-Hant"], public_url=public_url, time_zone="Pacific/Auckland"
    )
    configured = directory_events.AreaConfigured(area=told)
    await world.it.say(world.area, "directory", "area_configured", configured, version=version)
    deadline = time.monotonic() + TIMEOUT_S
    while (await asked(world)).public_url != public_url or not public_url:
        if not public_url and await heard_of(world):
            return
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def heard_of(world: World) -> bool:
    """Tells whether the area's languages have come."""
    request = guide_pb.ListTranslationStatesRequest()
    answer = await world.editor.ListTranslationStates(request, timeout=TIMEOUT_S)
    return "ko" not in answer.locales and len(answer.locales) == 3


async def asked(world: World) -> Any:
    return await stub(world).ListSigns(pb.ListSignsRequest(), timeout=TIMEOUT_S)


async def listed(world: World) -> dict[str, pb.Sign]:
    answer = await stub(world).ListSigns(pb.ListSignsRequest(), timeout=TIMEOUT_S)
    return {each.stop_code: each for each in answer.signs}


async def printed(world: World, *names: str, **more: Any) -> pb.PrintSignsResponse:
    wanted: dict[str, Any] = {
        "request_id": new_id(), "paper": pb.PAPER_A4,
        "stop_codes": [world.code(each) for each in names],
    }  # fmt: skip
    request = pb.PrintSignsRequest(**wanted | more)
    answer: pb.PrintSignsResponse = await stub(world).PrintSigns(request, timeout=TIMEOUT_S)
    return answer


async def marked(world: World, *names: str, hung: bool = True) -> int:
    request = pb.MarkSignsRequest(
        request_id=new_id(), stop_codes=[world.code(each) for each in names], hung=hung
    )
    answer = await stub(world).MarkSigns(request, timeout=TIMEOUT_S)
    return int(answer.marked_count)


async def sheets(world: World, print_id: str, offset: int = 0) -> Any:
    request = pb.ReadSignSheetsRequest(print_id=print_id, offset=offset)
    return await stub(world).ReadSignSheets(request, timeout=60)


async def test_all_stops_are_printed_at_once_in_order(world: World) -> None:
    await ready(world)
    made = await printed(world)
    assert list(made.stop_codes) == [world.code(each) for each in ("pool", "fall", "hall", "bat")]
    piece = await sheets(world, made.print_id)
    assert piece.total_bytes == len(piece.content)
    pdf = pypdf.PdfReader(io.BytesIO(piece.content))
    assert len(pdf.pages) == 4
    assert world.code("pool") in pdf.pages[0].extract_text()
    again = await sheets(world, made.print_id)
    assert again.content == piece.content
    rest = await sheets(world, made.print_id, offset=piece.total_bytes - 5)
    assert rest.content == piece.content[-5:]
    signs = await listed(world)
    pool = signs[world.code("pool")]
    assert (pool.state, pool.number, pool.name) == (pb.SIGN_STATE_PRINTED, "1", "池")
    assert list(pool.missing_locales) == ["zh-Hans", "ko"]
    assert list(pool.unread_locales) == ["en", "zh-Hant"]
    assert pool.printed_revision == made.revisions[0]
    assert signs[world.code("bat")].number == ""


async def test_a_repeated_request_prints_once(world: World) -> None:
    await ready(world)
    key = new_id()
    first = await printed(world, "pool", request_id=key)
    assert (await printed(world, "pool", request_id=key)) == first
    assert await refused(
        stub(world).PrintSigns(
            pb.PrintSignsRequest(request_id=key, paper=pb.PAPER_A5), timeout=TIMEOUT_S
        )
    ) == (Code.ALREADY_EXISTS, "REQUEST_ID_REUSED")


async def test_a_new_name_outdates_the_sheet_and_a_new_story_does_not(world: World) -> None:
    await ready(world)
    await printed(world)
    before = await sheets(world, (await printed(world, "pool")).print_id)
    assert await marked(world, "pool", "fall") == 2
    english = await world.save("pool", "en", 1, text("Pool", paragraph("A new story.")))
    await world.publish("pool", "en", english.revision, 1)
    pool = (await listed(world))[world.code("pool")]
    assert pool.state == pb.SIGN_STATE_HANGS
    english = await world.save("pool", "en", 2, text("Blue Pool", paragraph("A new story.")))
    await world.publish("pool", "en", english.revision, 2)
    signs = await listed(world)
    pool = signs[world.code("pool")]
    assert (pool.state, list(pool.changes)) == (pb.SIGN_STATE_OUTDATED, ["name_en"])
    assert pool.old_hangs
    assert signs[world.code("fall")].state == pb.SIGN_STATE_HANGS
    # What was printed stays what it was; a new sheet waits to be hung up.
    assert (await sheets(world, pool.print_id)).content == before.content
    await printed(world, "pool")
    pool = (await listed(world))[world.code("pool")]
    assert (pool.state, pool.old_hangs) == (pb.SIGN_STATE_PRINTED, True)
    await marked(world, "pool")
    pool = (await listed(world))[world.code("pool")]
    assert (pool.state, pool.old_hangs) == (pb.SIGN_STATE_HANGS, False)
    assert await marked(world, "pool", hung=False) == 1
    pool = (await listed(world))[world.code("pool")]
    assert (pool.state, pool.old_hangs) == (pb.SIGN_STATE_PRINTED, True)


async def test_a_new_address_outdates_every_sheet(world: World) -> None:
    await ready(world)
    await printed(world)
    await ready(world, "https://other.example.jp", version=2)
    signs = await listed(world)
    assert {each.state for each in signs.values()} == {pb.SIGN_STATE_OUTDATED}
    assert all(list(each.changes) == ["address"] for each in signs.values())


@pytest.mark.parametrize(
    ("public_url", "reason"),
    [
        ("", "NO_PUBLIC_ADDRESS"),
        ("https://localhost:8443", "ADDRESS_NOT_PUBLIC"),
        ("http://192.168.1.5:8080", "ADDRESS_NOT_PUBLIC"),
        ("http://guide.example.jp", "ADDRESS_NOT_SECURE"),
    ],
)
async def test_bad_addresses_are_refused_unless_forced(
    world: World, public_url: str, reason: str
) -> None:
    await ready(world, public_url)
    answer = await stub(world).ListSigns(pb.ListSignsRequest(), timeout=TIMEOUT_S)
    assert (answer.address_problem, answer.public_url) == (reason, public_url)
    assert await refused(printed(world)) == (Code.FAILED_PRECONDITION, reason)
    assert {each.state for each in answer.signs} == {pb.SIGN_STATE_NEVER}
    if public_url:
        key = new_id()
        made = await printed(world, force=True, request_id=key)
        assert (len(made.stop_codes), made.trial) == (4, True)
        assert await printed(world, force=True, request_id=key) == made
    else:
        assert await refused(printed(world, force=True)) == (Code.FAILED_PRECONDITION, reason)


async def test_an_area_without_an_address_gets_a_sheet_to_look_at(world: World) -> None:
    await ready(world, "")
    here = "http://192.168.1.5:8080"
    assert (await refused(printed(world, trial_url=here)))[1] == "NO_PUBLIC_ADDRESS"
    for wrong in ("javascript:alert(1)", "guide.example.jp", "https://[::1", "http://"):
        assert (await refused(printed(world, force=True, trial_url=wrong)))[1] == "INVALID_FIELDS"
    made = await printed(world, "pool", force=True, trial_url=here)
    assert (await sheets(world, made.print_id)).content.startswith(b"%PDF")
    sign = (await listed(world))[world.code("pool")]
    assert (sign.state, list(sign.changes)) == (pb.SIGN_STATE_OUTDATED, ["trial", "address"])
    assert made.trial
    # Nobody says by mistake that it hangs, and what hangs is told of no other stop either.
    assert await refused(marked(world, "pool")) == (Code.FAILED_PRECONDITION, "SIGN_ON_TRIAL")
    assert await marked(world, "pool", hung=False) == 1
    # With an address of its own the area gets sheets without the mark, and those hang.
    await ready(world, version=2)
    sign = (await listed(world))[world.code("pool")]
    assert list(sign.changes) == ["trial", "address"]
    assert not (await printed(world, "pool")).trial
    assert await marked(world, "pool") == 1
    assert (await listed(world))[world.code("pool")].state == pb.SIGN_STATE_HANGS


async def test_a_trial_address_never_replaces_the_own_one(world: World) -> None:
    await ready(world)
    await printed(world, "pool", force=True, trial_url="http://192.168.1.5:8080")
    assert (await listed(world))[world.code("pool")].state == pb.SIGN_STATE_PRINTED


async def test_what_is_wrong_is_told_and_changes_nothing(world: World) -> None:
    await ready(world)
    good = world.code("pool")
    wrong = good[:-1] + ("A" if good[-1] != "A" else "B")
    assert await refused(printed(world, stop_codes=[good, wrong])) == (
        Code.INVALID_ARGUMENT, "STOP_CODE_MISTYPED",
    )  # fmt: skip
    assert (await refused(printed(world, paper=0)))[1] == "INVALID_FIELDS"
    assert await refused(marked(world, "pool")) == (Code.NOT_FOUND, "SIGN_UNKNOWN")
    assert (await refused(marked(world)))[1] == "INVALID_FIELDS"
    assert await refused(sheets(world, "nonsense")) == (Code.NOT_FOUND, "SIGN_UNKNOWN")
    assert await refused(sheets(world, new_id())) == (Code.NOT_FOUND, "SIGN_UNKNOWN")
    signs = await listed(world)
    assert {each.state for each in signs.values()} == {pb.SIGN_STATE_NEVER}
    made = await printed(world, "pool")
    assert (await refused(sheets(world, made.print_id, offset=10**9)))[1] == "INVALID_FIELDS"
    assert await refused(marked(world, "pool", "fall")) == (Code.NOT_FOUND, "SIGN_UNKNOWN")
    assert (await listed(world))[good].state == pb.SIGN_STATE_PRINTED


async def test_only_editors_and_only_their_area(world: World) -> None:
    await ready(world)
    made = await printed(world)
    visitor = stub(world, Role.VISITOR)
    for call in (
        visitor.ListSigns(pb.ListSignsRequest(), timeout=TIMEOUT_S),
        visitor.PrintSigns(pb.PrintSignsRequest(request_id=new_id()), timeout=TIMEOUT_S),
        visitor.ReadSignSheets(pb.ReadSignSheetsRequest(print_id=made.print_id), timeout=TIMEOUT_S),
        visitor.MarkSigns(pb.MarkSignsRequest(request_id=new_id()), timeout=TIMEOUT_S),
    ):
        assert (await refused(call))[0] == Code.PERMISSION_DENIED
    other = sign_grpc.SignServiceStub(world.it.channel("elsewhere", Role.EDITOR))
    request = pb.ReadSignSheetsRequest(print_id=made.print_id)
    assert await refused(other.ReadSignSheets(request, timeout=TIMEOUT_S)) == (
        Code.NOT_FOUND, "SIGN_UNKNOWN",
    )  # fmt: skip
