"""A file that is loaded again does not undo the names staff gave, and says which it left."""

from typing import Any

from kit.auth import Role
from meguri.directory.v1 import directory_service_pb2 as pb
from tests import harness
from tests.service.directory.test_arranging import pool, rename, somebody
from tests.service.directory.test_directory import TIMEOUT_S, make_area, new_id, place

FILE = {"ja": "池", "en": "Pool", "de": "Becken"}


async def load(
    it: harness.Running, area: str, *places: pb.Place, **more: Any
) -> pb.RecordPlacesResponse:
    request = pb.RecordPlacesRequest(request_id=new_id(), places=places, **more)
    answer: pb.RecordPlacesResponse = await somebody(it, area, Role.ADMIN).RecordPlaces(
        request, timeout=TIMEOUT_S
    )
    return answer


async def named(it: harness.Running, area: str) -> tuple[dict[str, str], str, int]:
    found = await somebody(it, area, Role.EDITOR).ListPlaces(
        pb.ListPlacesRequest(), timeout=TIMEOUT_S
    )
    one = next(each for each in found.places if each.place_id == "cave/pool")
    return dict(one.names), one.kana, one.version


async def test_a_load_keeps_what_staff_named_and_says_so(
    directory: harness.Running, area: str
) -> None:
    await make_area(directory, area, place("cave"), pool(FILE))
    assert not (await load(directory, area, place("cave"), pool(FILE))).kept
    await rename(directory, area, names={"ja": "新しい池"}, kana="あたらしいいけ")
    await rename(directory, area, names={"fr": "Bassin"}, version=2)
    answer = await load(directory, area, place("cave"), pool(FILE))
    assert (answer.recorded_count, answer.unchanged_count) == (0, 2)
    [kept] = answer.kept
    assert (kept.index, kept.place_id, kept.kana) == (1, "cave/pool", "あたらしいいけ")
    assert dict(kept.names) == {"ja": "新しい池", "fr": "Bassin"}
    assert kept.name_time.seconds > 1_700_000_000
    kept_names = FILE | {"ja": "新しい池", "fr": "Bassin"}
    assert await named(directory, area) == (kept_names, "あたらしいいけ", 3)


async def test_what_staff_did_not_name_follows_the_file(
    directory: harness.Running, area: str
) -> None:
    await make_area(directory, area, place("cave"), pool(FILE))
    await rename(directory, area)  # Japanese alone, and no reading
    better = pool({"ja": "池", "en": "Great pool"})
    better.kana, better.error_m = "おおいけ", 7
    answer = await load(directory, area, better)
    assert (answer.recorded_count, len(answer.kept)) == (1, 1)
    assert await named(directory, area) == ({"ja": "新しい池", "en": "Great pool"}, "おおいけ", 3)
    agrees = pool({"ja": "新しい池", "en": "Great pool"})
    agrees.kana = "おおいけ"
    assert not (await load(directory, area, agrees)).kept  # the file says the same by now


async def test_who_asks_for_it_gets_the_names_of_the_file_for_good(
    directory: harness.Running, area: str
) -> None:
    await make_area(directory, area, place("cave"), pool(FILE))
    await rename(directory, area)
    answer = await load(directory, area, pool(FILE), overwrite=True)
    assert (answer.recorded_count, list(answer.kept)) == (1, [])
    assert await named(directory, area) == (FILE, "いけ", 3)
    assert not (await load(directory, area, pool(FILE))).kept
    await rename(directory, area, version=3)  # and may be named again
    assert len((await load(directory, area, pool(FILE))).kept) == 1


async def test_a_repeat_is_told_the_same(directory: harness.Running, area: str) -> None:
    await make_area(directory, area, place("cave"), pool(FILE))
    await rename(directory, area)
    operator = somebody(directory, area, Role.ADMIN)
    request = pb.RecordPlacesRequest(request_id=new_id(), places=[pool(FILE)])
    first = await operator.RecordPlaces(request, timeout=TIMEOUT_S)
    assert await operator.RecordPlaces(request, timeout=TIMEOUT_S) == first
    assert len(first.kept) == 1
