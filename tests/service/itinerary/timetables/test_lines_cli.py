"""The commands that load lines and feeds, against the real service."""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from kit.client import Peers
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from meguri.itinerary.v1 import timetable_service_pb2_grpc as pb_grpc
from services.itinerary.cli import asking, feed, lines
from services.itinerary.cli.feed import ADDRESSES
from services.itinerary.cli.line_files import read
from tests.service.itinerary.conftest import MINE
from tests.service.itinerary.timetables.conftest import Desk, said
from tests.unit.itinerary.transit.feeds import archive, plus

FOLDER = MINE / "buses"


class Plain:
    """A stub for commands, which wait for each call: its calls go to the test's loop."""

    def __init__(self, stub: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._stub, self._loop = stub, loop

    def __getattr__(self, name: str) -> Any:
        async def ask(request: Any, timeout: float) -> Any:  # noqa: ASYNC109 - as stubs have it
            return await getattr(self._stub, name)(request, timeout=timeout)

        def wait(request: Any, timeout: float) -> Any:
            return asyncio.run_coroutine_threadsafe(ask(request, timeout), self._loop).result()

        return wait


@pytest.fixture
async def command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    plain = Plain(desk.staff, asyncio.get_running_loop())
    monkeypatch.setattr(asking, "timetables", lambda _area: plain)
    monkeypatch.setattr(pb_grpc, "TimetableServiceStub", lambda _channel: plain)
    return desk


class NoPeers(Peers):
    """Channels are not asked for: the stub above is taken."""

    def __init__(self) -> None:
        pass

    def channel(self, name: str) -> Any:
        return name


async def run(module: Any, capsys: pytest.CaptureFixture[str], **more: Any) -> tuple[int, Any]:
    usual = {"area": "", "json": True, "dry_run": False, "replace": False} | dict.fromkeys(
        ADDRESSES
    )
    asked = argparse.Namespace(**usual | more)
    code = await asyncio.to_thread(module.run, asked)
    out = capsys.readouterr().out
    return code, json.loads(out) if asked.json else out


def outcomes(answer: Any) -> dict[str, str]:
    return {each["id"]: each["outcome"] for each in answer["lines"]}


async def test_a_folder_is_loaded_once_and_left_as_people_made_it(
    command: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, tried = await run(lines, capsys, folder=FOLDER, dry_run=True)
    assert (code, set(outcomes(tried).values()), tried["dry_run"]) == (0, {"new"}, True)
    assert await command.listed() == {}
    code, first = await run(lines, capsys, folder=FOLDER)
    assert (code, set(outcomes(first).values()), len(first["lines"])) == (0, {"new"}, 10)
    _, again = await run(lines, capsys, folder=FOLDER)
    assert set(outcomes(again).values()) == {"unchanged"}

    await command.staff.ConfirmRuns(
        pb.ConfirmRunsRequest(
            request_id="confirmed-by-hand", timetable_id="mine-akiyoshido", expected_version=1,
            confirmation=said(),
        ),
        timeout=30,
    )  # fmt: skip
    _, later = await run(lines, capsys, folder=FOLDER)
    assert outcomes(later)["mine-akiyoshido"] == "differs"
    listed = await command.listed()
    assert listed["mine-akiyoshido"].confirmed_run_count == 6
    _, replaced = await run(lines, capsys, folder=FOLDER, replace=True)
    assert outcomes(replaced)["mine-akiyoshido"] == "changed"
    assert (await command.listed())["mine-akiyoshido"].confirmed_run_count == 0


async def test_an_area_is_loaded_with_its_lines_and_what_was_deleted_is_told(
    command: Desk,
) -> None:
    counts = await asyncio.to_thread(lines.load_folder, NoPeers(), FOLDER)
    assert counts == {"lines": 9, "lines_rejected": 0}
    assert await asyncio.to_thread(lines.load_folder, NoPeers(), FOLDER) == {
        "lines": 0, "lines_rejected": 0,
    }  # fmt: skip
    listed = await command.listed()
    assert listed["mine-line-north"].suspended
    assert listed["shin-yamaguchi-akiyoshido"].run_count == 7
    assert sum(each.confirmed_run_count for each in listed.values()) == 0


async def test_what_is_refused_is_told_row_by_row_and_the_rest_is_loaded(
    command: Desk, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("LANGUAGE", "en")
    for path in FOLDER.iterdir():
        text = path.read_text("utf-8").replace("10:00;10:45", "10:50;10:45")
        (tmp_path / path.name).write_text(text.replace("elevator,karst-observatory,10", "x,x,10"))
    code, out = await run(lines, capsys, folder=tmp_path, json=False)
    assert code == 1
    told = out.splitlines()
    assert told[0] == "shin-yamaguchi-akiyoshido: refused"
    assert told[1] == (
        "  runs.csv, row 3, column times: a run is earlier at a later stop [TIMES_GO_BACK]"
    )
    assert told[2] == "akiyoshido-shin-yamaguchi: new"
    assert len(await command.listed()) == 8
    assert told[-1] == "walks and taxis: new"
    draft = read(tmp_path)
    assert draft.ways is not None
    assert draft.ways.walks[1].from_place_id == "akiyoshido-x"


async def test_a_feed_is_sent_with_its_report(
    command: Desk, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("LANGUAGE", "en")
    path = archive(tmp_path, plus("trips.txt", "9,Tue,x,"))
    code, tried = await run(feed, capsys, file=path, id="town-bus", phone="", dry_run=True)
    assert (code, tried["runs"], tried["version"], tried["refused"]) == (1, 2, 0, 1)
    assert tried["notes"] == [{"table": "trips", "row": 4, "reason": "UNKNOWN_LINE",
                               "text": "line 9 is not in routes.txt"}]  # fmt: skip
    assert await command.listed() == {}
    code, out = await run(feed, capsys, file=path, id="town-bus", phone="", json=False)
    assert code == 1
    assert out.splitlines()[0] == "town-bus is kept: 2 runs until 2027-03-31 (version 1)"
    assert "  trips.txt: 3 rows read, 2 used, 1 left out" in out.splitlines()
    assert "  look at trips.txt, row 4: its line is not in routes.txt [UNKNOWN_LINE]" in out


@pytest.mark.parametrize(
    ("body", "timetable_id", "reason"),
    [
        (b"no archive", "town-bus", "NO_ARCHIVE"),
        (b"no archive", "Town bus", "BAD_ID"),
        (b"\0" * 3_200_000, "town-bus", "TOO_LARGE"),
    ],
)
async def test_a_feed_that_cannot_be_used_is_refused_in_words(
    command: Desk, capsys: pytest.CaptureFixture[str], tmp_path: Path, body: bytes,
    timetable_id: str, reason: str,
) -> None:  # fmt: skip
    path = tmp_path / "feed.zip"
    path.write_bytes(body)
    with pytest.raises(feed.FeedRefused) as refused:
        await run(feed, capsys, file=path, id=timetable_id, phone="")
    assert refused.value.reason == reason
    assert str(refused.value).endswith(f"[{reason}]")
