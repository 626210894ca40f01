"""Lines kept by hand: saved, confirmed, deleted, with nobody overwritten and nothing said twice."""

import asyncio
from typing import Any

import grpc
import pytest

from meguri.itinerary.v1 import itinerary_events_pb2 as own
from meguri.itinerary.v1 import itinerary_service_pb2 as words
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from tests.service.itinerary.conftest import TIMEOUT_S, new_id
from tests.service.itinerary.timetables.conftest import (
    Desk,
    known_point,
    line,
    refused,
    run,
    said,
    stop,
)


async def changes(desk: Desk, count: int) -> list[own.TimetableChanged]:
    messages = await desk.it.heard(desk.area, "timetable_changed", count)
    return [own.TimetableChanged.FromString(message.data) for message in messages]


async def test_a_line_is_kept_as_it_was_typed(desk: Desk) -> None:
    typed = line(
        stops=[stop("hub", place_id="bus-center"), stop("pond", location=known_point()),
               stop("school", location=known_point(words.POINT_QUALITY_ADJACENT))],
        suspended=True, suspended_note={"ja": "大雨のため"},
        operator_names={"en": "Town Bus", "zh-Hant": "町營巴士"},
        runs=[run("one", 540, 560, 580, confirmation=said(), call_ahead=True),
              run("two", 700, -1, 735, basis=words.TIME_BASIS_RECORDED, as_of="2024-04")],
    )  # fmt: skip
    kept = await desk.save(typed)
    assert (kept.version, kept.run_count, kept.confirmed_run_count) == (1, 2, 1)
    assert (kept.kind, kept.suspended) == (pb.TIMETABLE_KIND_LINE, True)
    assert kept.first_until_date == "2027-03-31"
    assert kept.unknown_point_count == 2  # the place nobody told of, the school
    read = await desk.read()
    typed.runs[0].basis = words.TIME_BASIS_GUESSED
    assert (read.line, read.version) == (typed, 1)


async def test_an_equal_save_changes_nothing_and_says_nothing(desk: Desk) -> None:
    await desk.save(line())
    turned = line()
    turned.runs.sort(key=lambda each: -each.minutes[0])
    turned.runs[0].days.weekdays.reverse()
    again = await desk.save(turned)
    assert again.version == 1
    await desk.save(line(operator="市営バス"), 1)
    assert [each.run_count for each in await changes(desk, 2)] == [2, 2]
    assert (await desk.read()).version == 2


async def test_fifty_equal_saves_at_once_are_one_version(desk: Desk) -> None:
    kept = await asyncio.gather(*(desk.save(line()) for _ in range(50)))
    assert {each.version for each in kept} == {1}
    await desk.save(line(suspended=True), 1)
    assert [each.suspended for each in await changes(desk, 2)] == [False, True]


async def test_of_fifty_different_saves_one_is_kept(desk: Desk) -> None:
    async def save(number: int) -> str:
        try:
            await desk.save(line(operator=f"会社 {number}"))
        except grpc.aio.AioRpcError as error:
            return error.code().name
        return "kept"

    outcomes = await asyncio.gather(*(save(number) for number in range(50)))
    assert outcomes.count("kept") == 1
    assert set(outcomes) == {"kept", "ABORTED"}
    assert (await desk.read()).version == 1


async def test_nobody_overwrites_what_somebody_else_typed(desk: Desk) -> None:
    await desk.save(line())
    await desk.save(line(operator="市営バス"), 1)
    problem = await refused(desk.save(line(operator="県営バス"), 1))
    assert problem.reason == "VERSION_CONFLICT"
    assert (await refused(desk.save(line(operator="県営バス")))).reason == "VERSION_CONFLICT"
    assert (await desk.read()).line.operator == "市営バス"


async def test_a_repeated_request_gets_the_first_answer(desk: Desk) -> None:
    request_id = new_id()
    first = await desk.save(line(), request_id=request_id)
    await desk.save(line(operator="市営バス"), 1)
    assert await desk.save(line(), request_id=request_id) == first
    problem = await refused(desk.save(line(operator="x"), request_id=request_id))
    assert problem.reason == "REQUEST_ID_REUSED"
    assert (await desk.read()).line.operator == "市営バス"


@pytest.mark.parametrize(
    ("more", "path", "reason"),
    [
        ({"runs": [run("one", 540, 530, 580)]}, "line.runs[0].minutes", "TIMES_GO_BACK"),
        ({"stops": [stop("hub")], "runs": [], "fares": []}, "line.stops", "TOO_FEW_STOPS"),
        ({"runs": [run("one", 1, 2, 3, basis=99)]}, "line.runs[0].basis", "BAD_BASIS"),
        ({"stops": [stop("hub"), stop("b", location=known_point(0)), stop("school")]},
         "line.stops[1].location", "BAD_POINT"),
        ({"runs": [run("a", 1, 2, 3, confirmation=said(confirmed_date="2099-01-01"))]},
         "line.runs[0].confirmation.confirmed_date", "BAD_DATE"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_with_path_and_reason(
    desk: Desk, more: dict[str, Any], path: str, reason: str
) -> None:
    problem = await refused(desk.save(line(**more)))
    assert problem.reason == "INVALID_FIELDS"
    told = dict(problem.fields)
    assert told[path].endswith(f"[{reason}]")
    assert await desk.listed() == {}


async def test_lines_that_share_a_stop_agree_on_it(desk: Desk) -> None:
    await desk.save(line())
    back = line(timetable_id="cave-line-back", stops=[stop("school"), stop("hub")],
                runs=[run("one", 800, 830)])  # fmt: skip
    problem = await refused(desk.save(back))
    assert [path for path, _ in problem.fields] == ["line.stops[1]"]
    assert "cave-line" in problem.fields[0][1]
    assert problem.fields[0][1].endswith("[STOP_DIFFERS]")
    back.stops[1].place_id = "bus-center"
    back.stops[1].names["ko"] = "정류장"  # a language the other leaves open
    assert (await desk.save(back)).version == 1


async def test_a_stop_is_called_otherwise_on_all_its_lines_at_once(desk: Desk) -> None:
    await desk.save(line())
    await desk.save(line(timetable_id="far", stops=[stop("a"), stop("b")], runs=[], fares=[]))
    new = line(timetable_id="back", runs=[], fares=[], stops=[
        stop("school", names={"ja": "小学校前"}), stop("hub", location=known_point()),
    ])  # fmt: skip
    await desk.save(new, update_shared_stops=True)
    read = await desk.read()
    assert read.version == 2
    assert read.line.stops[0] == stop("hub", location=known_point())
    assert dict(read.line.stops[2].names) == {"ja": "小学校前"}
    assert {name: each.version for name, each in (await desk.listed()).items()} == {
        "back": 1, "cave-line": 2, "far": 1,
    }  # fmt: skip
    await desk.save(new, update_shared_stops=True)
    assert (await desk.read()).version == 2


async def test_a_dry_run_checks_and_changes_nothing(desk: Desk) -> None:
    assert (await desk.save(line(), dry_run=True)).version == 0
    assert await desk.listed() == {}
    await desk.save(line())
    problem = await refused(desk.save(line(operator="x"), 9, dry_run=True))
    assert problem.reason == "VERSION_CONFLICT"
    assert (await desk.save(line(operator="x"), 1, dry_run=True)).version == 1
    assert (await desk.read()).line.operator == "町営バス"
    walk = pb.KnownWalk(from_place_id="a", to_place_id="b", minutes=1)
    assert await desk.ways(walks=[walk], dry_run=True) == 0
    bad = await refused(desk.ways(walks=[walk, walk], dry_run=True))
    assert dict(bad.fields)["walks[1]"].endswith("[WALK_TWICE]")


async def test_runs_are_confirmed_and_no_longer(desk: Desk) -> None:
    await desk.save(line())
    one = await desk.confirm(1, "one", confirmation=said())
    assert (one.version, one.confirmed_run_count) == (2, 1)
    both = await desk.confirm(2, confirmation=said("2027-09-30"))
    assert (both.version, both.confirmed_run_count) == (3, 2)
    assert both.first_until_date == "2027-09-30"
    over = await desk.confirm(3, "two", confirmation=said("2026-11-03"))
    assert (over.confirmed_run_count, over.first_until_date) == (1, "2026-11-03")
    none = await desk.confirm(4)
    assert (none.version, none.confirmed_run_count, none.first_until_date) == (5, 0, "")
    assert len(await changes(desk, 5)) == 5


async def test_what_nobody_can_confirm_is_refused(desk: Desk) -> None:
    await desk.save(line())
    unknown = await refused(desk.confirm(1, "one", "three", confirmation=said()))
    assert unknown.fields == (("run_ids[1]", "the line has no such run [UNKNOWN_RUN]"),)
    nobody = await refused(desk.confirm(1, confirmation=said(confirmed_by=" ")))
    assert dict(nobody.fields)["confirmation.confirmed_by"].endswith("[NOBODY]")
    assert (await refused(desk.confirm(9, confirmation=said()))).reason == "VERSION_CONFLICT"
    assert (await desk.read()).version == 1


async def test_visitors_read_times_and_not_who_asked(desk: Desk) -> None:
    await desk.save(line())
    await desk.confirm(1, confirmation=said())
    request = pb.GetLineRequest(timetable_id="cave-line")
    read = (await desk.visitor.GetLine(request, timeout=TIMEOUT_S)).line.runs[0].confirmation
    assert (read.confirmed_by, read.until_date) == ("", "2027-03-31")
    assert (await desk.read()).line.runs[0].confirmation.confirmed_by == "佐藤、電話で"


async def test_a_deleted_line_is_gone_and_one_made_anew_counts_on(desk: Desk) -> None:
    await desk.save(line())
    assert (await refused(desk.delete("cave-line", 9))).reason == "VERSION_CONFLICT"
    request_id = new_id()
    await desk.delete("cave-line", 1, request_id=request_id)
    await desk.delete("cave-line", 1, request_id=request_id)
    assert (await refused(desk.read())).reason == "NOT_FOUND"
    assert (await refused(desk.delete("cave-line", 2))).reason == "NOT_FOUND"
    assert (await refused(desk.confirm(2))).reason == "NOT_FOUND"
    assert await desk.listed() == {}
    assert (await desk.save(line())).version == 3
    assert [each.deleted for each in await changes(desk, 3)] == [False, True, False]


async def test_pages_follow_one_another(desk: Desk) -> None:
    for number in range(5):
        await desk.save(line(timetable_id=f"line-{number}"))
    assert list(await desk.listed(page_size=2)) == ["line-0", "line-1"]
    assert list(await desk.listed(page_size=2, page_token="line-3")) == ["line-4"]
    assert (await refused(desk.listed(page_size=1_001))).reason == "INVALID_FIELDS"


async def test_visitors_change_nothing(desk: Desk) -> None:
    request_id = new_id()
    for call, request in (
        (desk.visitor.SaveLine, pb.SaveLineRequest(request_id=request_id, line=line())),
        (desk.visitor.ConfirmRuns, pb.ConfirmRunsRequest(request_id=request_id)),
        (desk.visitor.ImportFeed, pb.ImportFeedRequest(request_id=request_id)),
        (desk.visitor.DeleteTimetable, pb.DeleteTimetableRequest(request_id=request_id)),
        (desk.visitor.SaveWays, pb.SaveWaysRequest(request_id=request_id)),
    ):
        assert (await refused(call(request, timeout=TIMEOUT_S))).reason == "NOT_ALLOWED"
