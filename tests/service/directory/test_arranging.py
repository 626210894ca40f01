"""What editors and reviewers change of an area: a place for a new stop, languages for visitors."""

import asyncio
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from meguri.directory.v1 import directory_events_pb2 as said
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import directory_service_pb2_grpc as pb_grpc
from tests import harness
from tests.service.directory.test_directory import (
    TIMEOUT_S,
    make_area,
    new_id,
    place,
    refused,
)


def somebody(it: harness.Running, area: str, role: Role) -> Any:
    return pb_grpc.DirectoryServiceStub(it.channel(area, role))


def new_place(parent: str = "cave", **more: Any) -> pb.AddStopPlaceRequest:
    given: dict[str, Any] = {"names": {"ja": "新しい柱"}, "kana": "はしら"} | more
    return pb.AddStopPlaceRequest(request_id=new_id(), parent_place_id=parent, **given)


def languages(*locales: str, version: int = 1, **more: Any) -> pb.ChangeAreaLocalesRequest:
    return pb.ChangeAreaLocalesRequest(
        request_id=new_id(), locales=locales, version=version, **more
    )


async def test_a_place_is_added_once_below_its_parent(
    directory: harness.Running, area: str
) -> None:
    where: dict[str, Any] = {
        "latitude": 34.2, "longitude": 131.3, "coordinate_quality": pb.COORDINATE_QUALITY_SOURCE,
    }  # fmt: skip
    await make_area(directory, area, place("cave", **where))
    editor, request = somebody(directory, area, Role.EDITOR), new_place()
    made = (await editor.AddStopPlace(request, timeout=TIMEOUT_S)).place
    assert (await editor.AddStopPlace(request, timeout=TIMEOUT_S)).place == made
    assert made.place_id.startswith("cave/stop-")
    assert (made.kind, made.parent_place_id, made.latitude) == (pb.PLACE_KIND_STOP, "cave", 34.2)
    assert made.coordinate_quality == pb.COORDINATE_QUALITY_SAME_AS_PARENT
    found = await editor.ListPlaces(pb.ListPlacesRequest(), timeout=TIMEOUT_S)
    assert [each.place_id for each in found.places] == ["cave", made.place_id]
    messages = await directory.heard(area, "place_recorded", 2)
    assert said.PlaceRecorded.FromString(messages[1].data).place == made


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (new_place("nowhere"), "NOT_FOUND"),
        (new_place(names={"en": "Pillar"}), "INVALID_FIELDS"),
        (new_place(names={"ja": "長" * 201}), "TEXT_TOO_LONG"),
    ],
)
async def test_what_is_no_place_is_not_added(
    directory: harness.Running, area: str, request_: pb.AddStopPlaceRequest, reason: str
) -> None:
    await make_area(directory, area, place("cave"))
    editor = somebody(directory, area, Role.EDITOR)
    assert (await refused(editor.AddStopPlace(request_, timeout=TIMEOUT_S)))[1] == reason
    found = await editor.ListPlaces(pb.ListPlacesRequest(), timeout=TIMEOUT_S)
    assert len(found.places) == 1


def pool(names: dict[str, str]) -> pb.Place:
    return pb.Place(
        place_id="cave/pool", kind=pb.PLACE_KIND_STOP, parent_place_id="cave", names=names,
        kana="いけ",
    )  # fmt: skip


async def rename(it: harness.Running, area: str, role: Role = Role.EDITOR, **more: Any) -> Any:
    wanted: dict[str, Any] = {
        "request_id": new_id(), "place_id": "cave/pool", "names": {"ja": "新しい池"}, "version": 1,
    }  # fmt: skip
    request = pb.RenameStopPlaceRequest(**wanted | more)
    return (await somebody(it, area, role).RenameStopPlace(request, timeout=TIMEOUT_S)).place


async def test_a_place_is_called_as_its_stop_once(directory: harness.Running, area: str) -> None:
    await make_area(directory, area, place("cave"), pool({"ja": "池", "en": "Pool"}))
    key = new_id()
    after = await rename(directory, area, request_id=key)
    assert await rename(directory, area, request_id=key) == after
    assert (dict(after.names), after.kana, after.version) == (
        {"ja": "新しい池", "en": "Pool"}, "いけ", 2,
    )  # fmt: skip
    same = await rename(directory, area, version=2, kana="いけ")  # it is called so already
    assert same == after
    third = await rename(
        directory, area, version=2, names={"en": "New pool"}, kana="あたらしいいけ"
    )
    assert (dict(third.names), third.kana) == (
        {"ja": "新しい池", "en": "New pool"}, "あたらしいいけ",
    )  # fmt: skip
    messages = await directory.heard(area, "place_recorded", 4)
    told = [said.PlaceRecorded.FromString(each.data).place for each in messages]
    assert [each.version for each in told if each.place_id == "cave/pool"] == [1, 2, 3]
    assert told[-1] == third


async def test_what_is_no_new_name_of_a_stop_changes_nothing(
    directory: harness.Running, area: str
) -> None:
    site = place("cave")
    site.kind = pb.PLACE_KIND_SITE
    await make_area(directory, area, site, pool({"ja": "池"}))
    for more, code in (
        ({"version": 9}, grpc.StatusCode.ABORTED),
        ({"place_id": "cave/none"}, grpc.StatusCode.NOT_FOUND),
        ({"place_id": "cave"}, grpc.StatusCode.INVALID_ARGUMENT),  # more than a stop
        ({"names": {}}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"names": {"en": " "}}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"role": Role.REVIEWER}, grpc.StatusCode.PERMISSION_DENIED),
        ({"role": Role.CLERK}, grpc.StatusCode.PERMISSION_DENIED),
    ):
        given: dict[str, Any] = dict(more)
        assert (await refused(rename(directory, area, **given)))[0] is code
    editor = somebody(directory, area, Role.EDITOR)
    found = await editor.ListPlaces(pb.ListPlacesRequest(), timeout=TIMEOUT_S)
    assert {each.version for each in found.places} == {1}


async def test_a_reviewer_offers_a_language_and_takes_it_back(
    directory: harness.Running, area: str
) -> None:
    stub = await make_area(directory, area, hosts=[f"{area}.example.jp"])
    reviewer = somebody(directory, area, Role.REVIEWER)
    request = languages("ja", "en", "th", names={"th": "ทดสอบ", "en": "No", "vi": "Không"})
    area_now = (await reviewer.ChangeAreaLocales(request, timeout=TIMEOUT_S)).area
    assert list(area_now.locales) == ["ja", "en", "th"]
    assert dict(area_now.names) == {"ja": "試験", "th": "ทดสอบ", "en": "No"}
    assert list(area_now.hosts) == [f"{area}.example.jp"]  # nothing else changes
    assert (await reviewer.ChangeAreaLocales(request, timeout=TIMEOUT_S)).area == area_now
    back = languages("ja", "en", version=2)
    area_now = (await reviewer.ChangeAreaLocales(back, timeout=TIMEOUT_S)).area
    assert (list(area_now.locales), area_now.names["th"]) == (["ja", "en"], "ทดสอบ")
    messages = await directory.heard(area, "area_configured", 3)
    assert [list(said.AreaConfigured.FromString(each.data).area.locales) for each in messages] == [
        ["ja", "en"], ["ja", "en", "th"], ["ja", "en"],
    ]  # fmt: skip
    assert (await stub.ReadArea(pb.ReadAreaRequest(), timeout=TIMEOUT_S)).area == area_now


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (languages("en", "ja"), "INVALID_FIELDS"),
        (languages(), "INVALID_FIELDS"),
        (languages("ja", "en", "en"), "INVALID_FIELDS"),
        (languages("ja", "not a tag"), "INVALID_FIELDS"),
        (languages("ja", *(f"x{chr(97 + at)}" for at in range(20))), "INVALID_FIELDS"),
        (languages("ja", version=7), "VERSION_CONFLICT"),
    ],
)
async def test_what_no_area_can_offer_changes_nothing(
    directory: harness.Running, area: str, request_: pb.ChangeAreaLocalesRequest, reason: str
) -> None:
    stub = await make_area(directory, area)
    reviewer = somebody(directory, area, Role.REVIEWER)
    assert (await refused(reviewer.ChangeAreaLocales(request_, timeout=TIMEOUT_S)))[1] == reason
    assert (await stub.ReadArea(pb.ReadAreaRequest(), timeout=TIMEOUT_S)).area.version == 1


async def test_editors_prepare_and_do_not_decide(directory: harness.Running, area: str) -> None:
    await make_area(directory, area, place("cave"))
    editor, reviewer = (somebody(directory, area, role) for role in (Role.EDITOR, Role.REVIEWER))
    denied = grpc.StatusCode.PERMISSION_DENIED
    call = editor.ChangeAreaLocales(languages("ja"), timeout=TIMEOUT_S)
    assert (await refused(call))[0] is denied
    assert (await refused(reviewer.AddStopPlace(new_place(), timeout=TIMEOUT_S)))[0] is denied


async def pin(it: harness.Running, area: str, role: Role = Role.EDITOR, **more: Any) -> Any:
    wanted: dict[str, Any] = {
        "request_id": new_id(), "place_id": "cave", "latitude": 34.228, "longitude": 131.303,
        "coordinate_quality": pb.COORDINATE_QUALITY_SOURCE, "version": 1,
    }  # fmt: skip
    request = pb.PinPlaceRequest(**wanted | more)
    return await somebody(it, area, role).PinPlace(request, timeout=TIMEOUT_S)


async def test_a_pin_is_put_once_and_what_took_it_over_moves_along(
    directory: harness.Running, area: str
) -> None:
    of_its_own = place("cave-shop", "cave", latitude=34.1, longitude=131.1,
                       coordinate_quality=pb.COORDINATE_QUALITY_SOURCE)  # fmt: skip
    gate = place("cave-gate", "cave",
                 coordinate_quality=pb.COORDINATE_QUALITY_SAME_AS_PARENT)  # fmt: skip
    below = place("cave-gate/till", "cave-gate",
                  coordinate_quality=pb.COORDINATE_QUALITY_SAME_AS_PARENT)  # fmt: skip
    await make_area(directory, area, place("cave"), of_its_own, gate, below)
    request_id = new_id()
    done = await pin(directory, area, request_id=request_id)
    assert done == await pin(directory, area, request_id=request_id)
    assert (done.place.latitude, done.place.longitude, done.place.version) == (34.228, 131.303, 2)
    assert done.place.coordinate_quality == pb.COORDINATE_QUALITY_SOURCE
    assert done.moved_count == 2
    editor = somebody(directory, area, Role.EDITOR)
    found = await editor.ListPlaces(pb.ListPlacesRequest(), timeout=TIMEOUT_S)
    by_id = {each.place_id: each for each in found.places}
    for moved in ("cave-gate", "cave-gate/till"):
        assert (by_id[moved].latitude, by_id[moved].version) == (34.228, 2)
        assert by_id[moved].coordinate_quality == pb.COORDINATE_QUALITY_SAME_AS_PARENT
    assert (by_id["cave-shop"].latitude, by_id["cave-shop"].version) == (34.1, 1)
    messages = await directory.heard(area, "place_recorded", 7)
    said_of = [said.PlaceRecorded.FromString(each.data).place.place_id for each in messages[4:]]
    assert sorted(said_of) == ["cave", "cave-gate", "cave-gate/till"]


async def test_an_estimate_says_how_far_it_may_be_off(
    directory: harness.Running, area: str
) -> None:
    await make_area(directory, area, place("cave"))
    estimate: dict[str, Any] = {"coordinate_quality": pb.COORDINATE_QUALITY_ESTIMATE}
    done = await pin(directory, area, error_m=150, **estimate)
    assert done.place.error_m == 150
    # Nothing changed, nothing said.
    again = await pin(directory, area, error_m=150, version=2, **estimate)
    assert again.place.version == 2
    assert len(await directory.heard(area, "place_recorded", 2)) == 2


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"place_id": "nowhere"}, "NOT_FOUND"),
        ({"version": 7}, "VERSION_CONFLICT"),
        ({"latitude": 91.0}, "INVALID_FIELDS"),
        ({"latitude": float("nan")}, "INVALID_FIELDS"),
        ({"longitude": float("inf")}, "INVALID_FIELDS"),
        ({"coordinate_quality": pb.COORDINATE_QUALITY_UNSPECIFIED}, "INVALID_FIELDS"),
        ({"coordinate_quality": pb.COORDINATE_QUALITY_SAME_AS_PARENT}, "INVALID_FIELDS"),
        ({"coordinate_quality": 99}, "INVALID_FIELDS"),
        ({"coordinate_quality": pb.COORDINATE_QUALITY_ESTIMATE}, "INVALID_FIELDS"),
        ({"error_m": 5}, "INVALID_FIELDS"),
    ],
)
async def test_a_pin_that_is_none_changes_nothing(
    directory: harness.Running, area: str, more: dict[str, Any], reason: str
) -> None:
    await make_area(directory, area, place("cave"))
    assert (await refused(pin(directory, area, **more)))[1] == reason
    editor = somebody(directory, area, Role.EDITOR)
    found = await editor.ListPlaces(pb.ListPlacesRequest(), timeout=TIMEOUT_S)
    assert [each.version for each in found.places] == [1]


async def test_of_many_pins_at_once_one_counts_and_the_others_are_told(
    directory: harness.Running, area: str
) -> None:
    await make_area(directory, area, place("cave"))
    editor = somebody(directory, area, Role.EDITOR)

    async def put(number: int) -> str:
        wanted = pb.PinPlaceRequest(
            request_id=new_id(), place_id="cave", latitude=34.2 + number / 1000, longitude=131.3,
            coordinate_quality=pb.COORDINATE_QUALITY_SOURCE, version=1,
        )  # fmt: skip
        try:
            await editor.PinPlace(wanted, timeout=TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            return problem_of(error).reason
        return "put"

    answers = await asyncio.gather(*(put(number) for number in range(12)))
    assert sorted(answers) == ["VERSION_CONFLICT"] * 11 + ["put"]
    [found] = (await editor.ListPlaces(pb.ListPlacesRequest(), timeout=TIMEOUT_S)).places
    assert found.version == 2


def poi_places(*places: pb.Place) -> pb.AddPoiPlacesRequest:
    return pb.AddPoiPlacesRequest(request_id=new_id(), places=places)


async def test_places_of_new_pois_are_added_once_and_change_none(
    directory: harness.Running, area: str
) -> None:
    await make_area(directory, area, place("pond"))
    editor = somebody(directory, area, Role.EDITOR)
    where: dict[str, Any] = {
        "latitude": 34.2, "longitude": 131.3, "coordinate_quality": pb.COORDINATE_QUALITY_SOURCE,
    }  # fmt: skip
    request = poi_places(
        pb.Place(place_id="mill", names={"ja": "水車", "en": "Mill"}, kana="すいしゃ", **where),
        pb.Place(place_id="pond", names={"ja": "別の池"}),
    )
    for _ in range(2):
        answer = await editor.AddPoiPlaces(request, timeout=TIMEOUT_S)
        assert list(answer.new_place_ids) == ["mill"]
    found = await editor.ListPlaces(pb.ListPlacesRequest(), timeout=TIMEOUT_S)
    mill, pond = found.places
    assert (mill.kind, mill.latitude, mill.version) == (pb.PLACE_KIND_POI, 34.2, 1)
    assert pond.names["ja"] == "pond"
    messages = await directory.heard(area, "place_recorded", 2)
    assert said.PlaceRecorded.FromString(messages[1].data).place == mill
    # What staff called it stays when a file of places comes.
    admin = somebody(directory, area, Role.ADMIN)
    file = pb.Place(place_id="mill", kind=pb.PLACE_KIND_POI, names={"ja": "粉屋", "ko": "물레방아"})
    await admin.RecordPlaces(
        pb.RecordPlacesRequest(request_id=new_id(), places=[file]), timeout=TIMEOUT_S
    )
    found = await editor.ListPlaces(pb.ListPlacesRequest(), timeout=TIMEOUT_S)
    assert dict(found.places[0].names) == {"ja": "水車", "en": "Mill", "ko": "물레방아"}
    renamed = await rename(directory, area, place_id="mill", names={"ja": "水車小屋"}, version=2)
    assert renamed.names["ja"] == "水車小屋"


@pytest.mark.parametrize(
    "wrong",
    [
        {"place_id": "Mill"},
        {"names": {"en": "Mill"}},
        {"latitude": 99.0, "coordinate_quality": pb.COORDINATE_QUALITY_SOURCE},
        {"coordinate_quality": pb.COORDINATE_QUALITY_ESTIMATE},
    ],
)
async def test_what_is_no_place_of_a_poi_is_refused(
    directory: harness.Running, area: str, wrong: dict[str, Any]
) -> None:
    await make_area(directory, area)
    editor = somebody(directory, area, Role.EDITOR)
    given = {"place_id": "mill", "names": {"ja": "水車"}} | wrong
    answer = await refused(editor.AddPoiPlaces(poi_places(pb.Place(**given)), timeout=TIMEOUT_S))
    assert answer[0] is grpc.StatusCode.INVALID_ARGUMENT
    for many in ((), [pb.Place(place_id=f"p{n}", names={"ja": "池"}) for n in range(501)]):
        call = editor.AddPoiPlaces(poi_places(*many), timeout=TIMEOUT_S)
        assert (await refused(call))[0] is grpc.StatusCode.INVALID_ARGUMENT
