"""The command that looks at a feed: what is told, in words and as JSON."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from services.itinerary.cli.timetable import BAD_FEEDS, REASONS
from services.itinerary.gateways.gtfs import archive as archives
from services.itinerary.gateways.gtfs import calls, reader
from tests.unit.itinerary.transit.feeds import archive, plus


def asked(
    capsys: pytest.CaptureFixture[str], path: Path, *more: str, data: Path
) -> tuple[int, str, str]:
    code = main(["itinerary", "timetable", str(path), "--data", str(data), *more])
    out, err = capsys.readouterr()
    return code, out, err


def told(capsys: pytest.CaptureFixture[str], path: Path, *more: str) -> dict[str, Any]:
    code, out, _ = asked(capsys, path, "--json", *more, data=path.parent)
    answer: dict[str, Any] = json.loads(out)
    return answer | {"exit": code}


def test_a_feed_is_told_in_words(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = archive(tmp_path)
    code, out, _ = asked(capsys, path, "--date", "2026-10-06", "--from", "秋芳洞", "--to", "弁天池",
                         "--at", "08:30", data=tmp_path)  # fmt: skip
    assert code == 0
    assert out.splitlines() == [
        "1 lines, 2 runs, 2 transit stops; something runs until 2027-03-31",
        "no row was left out",
        "1 runs on 2026-10-06",
        "  09:00 秋芳洞 → 09:21 弁天池  (10 弁天線 弁天池)",
    ]


def test_what_was_left_out_is_told_and_fails(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = archive(tmp_path, plus("trips.txt", *(f"9,Tue,x{n}," for n in range(25))))
    code, out, _ = asked(capsys, path, "--date", "2026-10-06", data=tmp_path)
    assert code == 1
    lines = out.splitlines()
    assert lines[1] == "25 rows were left out:"
    first = "  left out: trips.txt, row 4: its line is not in routes.txt [UNKNOWN_LINE]"
    assert lines[2] == first
    assert lines[22] == "  and 5 more; all are counted in --json"
    answer = told(capsys, path)
    assert answer["exit"] == 1
    assert answer["problem_counts"] == [{"table": "trips", "reason": "UNKNOWN_LINE", "rows": 25}]
    assert answer["problems"][0]["text"] == "line 9 is not in routes.txt"


def test_a_program_is_told_rides_and_that_there_is_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = archive(tmp_path)
    ends = ("--from", "秋芳洞", "--to", "弁天池")
    late = told(capsys, path, "--date", "2026-11-29", *ends, "--at", "21:00")["way"]
    assert (late["leave"], late["arrive"]) == ("24:50", "25:10")
    [ride] = late["rides"]
    assert (ride["run_id"], ride["from"], ride["to"]) == ("late", "hub_1", "pond")
    after = told(capsys, path, "--date", "2026-11-30", *ends, "--at", "00:30")["way"]
    assert after["leave"] == "00:50"
    assert told(capsys, path, "--date", "2026-10-06", *ends, "--at", "09:01")["way"] is None
    code, out, _ = asked(capsys, path, *ends, "--date", "2026-10-07", data=tmp_path)
    assert (code, out.splitlines()[-1]) == (
        0, "There is no way on that date, at that time or later.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (["--date", "tomorrow"], "a day is written like 2026-11-28 [BAD_DATE]"),
        (["--from", "秋芳洞", "--to", "弁天"],
         "there is no transit stop 弁天; there are 弁天池 [UNKNOWN_STOP]"),
        (["--from", "月", "--to", "弁天池"], "there is no transit stop 月 [UNKNOWN_STOP]"),
        (["--from", "秋芳洞"], "give both --from and --to [NO_STOP]"),
        (["--from", "秋芳洞", "--to", "弁天池", "--at", "noon"],
         "a time is written like 09:00 [BAD_TIME]"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_says_what_to_do(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, more: list[str], text: str
) -> None:
    code, out, err = asked(capsys, archive(tmp_path), *more, data=tmp_path)
    assert (code, out, err) == (1, "", f"meguri: {text}\n")


def test_what_is_no_feed_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = tmp_path / "feed.zip"
    text.write_text("stop_id,stop_name\n")
    code, _, err = asked(capsys, text, "--json", data=tmp_path)
    assert code == 1
    assert err.endswith("give the feed as it was published [NO_ARCHIVE]\n")
    _, _, err = asked(capsys, tmp_path / "none.zip", data=tmp_path)
    assert err == f"meguri: {tmp_path / 'none.zip'} is not a file\n"


def test_every_reason_has_its_words() -> None:
    written = "".join(Path(str(each.__file__)).read_text() for each in (calls, reader))
    assert set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', written)) <= REASONS.keys() | BAD_FEEDS.keys()
    raised = re.findall(r'BadFeed\(\s*"([A-Z_]+)"', written + Path(archives.__file__).read_text())
    assert set(raised) == BAD_FEEDS.keys()
