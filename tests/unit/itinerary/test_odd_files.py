"""What a newcomer gives the commands by mistake: each says what to do, and none hangs or breaks."""

import json
import os
from pathlib import Path

import pytest

from cli.__main__ import main
from kit import area_files
from services.itinerary.cli import run_pois, solve
from services.itinerary.domain.orienteering.toptw import MOST_VERTICES, parse
from services.itinerary.gateways import municipal_file
from tests.unit.bench.test_itinerary import TEXT

ZERO = Path("/dev/zero")  # states a size of 0 and never ends


def typed(tmp_path: Path, *words: str) -> int:
    return main(["itinerary", *words, "--data", str(tmp_path)])


def solving(tmp_path: Path, instance: Path, *more: str) -> int:
    # The last one of an option counts.
    return typed(
        tmp_path, "solve", "--instance", str(instance), "--out", str(tmp_path / "o"), *more
    )


@pytest.mark.parametrize("words", [("sights",), ("pois",), ("solve", "--out", "o", "--instance")])
def test_a_file_without_end_is_not_read_to_the_end(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert typed(tmp_path, *words, str(ZERO)) == 1
    assert " MB" in capsys.readouterr().err


def test_a_pipe_is_no_timetable(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (ZERO, tmp_path / "pipe"):
        assert typed(tmp_path, "timetable", str(path)) == 1
        assert f"{path} is not a file" in capsys.readouterr().err


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * 10)
    assert area_files.content(path, 10) == b"x" * 10
    with pytest.raises(area_files.BadFile, match="more than 0 MB"):
        area_files.content(path, 9)
    with path.open("wb") as file:
        file.truncate(municipal_file.FILE_BYTES + 1)
    with pytest.raises(municipal_file.BadMunicipalFile, match="20 MB") as told:
        municipal_file.read(path)
    assert told.value.reason == "TOO_LARGE"


def test_a_file_of_no_poi_is_told_before_anybody_is_asked(tmp_path: Path) -> None:
    (tmp_path / "pois.csv").write_text("poi_id\n")
    arguments = type("Arguments", (), {"file": tmp_path / "pois.csv"})()
    with pytest.raises(area_files.BadFile, match=r"pois\.csv is empty"):
        run_pois(arguments)


def test_drafts_go_into_a_folder_not_onto_a_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "sights.csv"
    path.write_text("名称,緯度,経度\n滝,34.2,131.3\n")
    for out in (path, path / "below"):
        assert typed(tmp_path, "sights", str(path), "--out", str(out)) == 1
        assert "[NO_FOLDER]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "missing"), (b"1 1\n", "missing"), ("石灰洞".encode("cp932"), "utf-8"),
        (TEXT.replace("45 68", "nan 68").encode(), "nan is no number"),
        (TEXT.replace("45 68", "1e300 68").encode(), "1e300 is no number"),
        (TEXT.replace("10 1", "inf 1").encode(), "inf is no number"),
        (TEXT.replace("4 1 2", "4 1 1e15").encode(), "1000000000000000 vertices"),
        (TEXT.replace("4 1 2", "4 1 nan").encode(), "cannot convert"),
        (TEXT.replace("4 1 2", "4 1 inf").encode(), "missing"),
        (TEXT.replace("4 1 2", "4 1 3").encode(), "it has 2 vertices"),
        (TEXT.replace("68 90", "68 -90").encode(), "from 0 on"),
    ],
)  # fmt: skip
def test_what_is_no_instance_is_told_as_such(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes, said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    path = tmp_path / "c0.txt"
    path.write_bytes(content)
    monkeypatch.setattr(solve, "_solved", of_the_program)
    assert solving(tmp_path, path, "--json") == 1
    told = capsys.readouterr()
    assert said in told.err
    assert "c0.txt is no instance" in told.err
    assert json.loads(told.out)["reason"] == "NO_INSTANCE"
    assert not (tmp_path / "o").exists()


def of_the_program(asked: dict[str, object], _: Path, name: str) -> dict[str, object]:
    """Answers as the compiled program does, without it."""
    from services.itinerary.gateways import toptw  # noqa: PLC0415 - the search is slow to load

    answer = toptw.solve({**asked, "iterations": 1, "seconds": 0})
    if "error" in answer:
        raise solve.SolveRefused("NO_INSTANCE", name, answer["error"])
    return answer


def test_numbers_and_places_are_looked_at_before_the_search(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solve, "_solved", of_the_program)
    path = tmp_path / "c0.txt"
    path.write_text(TEXT)
    for option, value in (("--m", "0"), ("--m", "100000000"), ("--budget-ms", "-5")):
        assert solving(tmp_path, path, option, value) == 1
        assert f"{option} is a number from 1 to" in capsys.readouterr().err
    for out in (tmp_path, tmp_path / "nowhere" / "o"):
        assert solving(tmp_path, path, "--out", str(out)) == 1
        assert "[NO_PLACE]" in capsys.readouterr().err
    assert solving(tmp_path, path) == 0
    assert json.loads((tmp_path / "o").read_text()) == [[2, 1]]


def test_a_search_that_ends_by_itself_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = type("Ended", (), {"returncode": -9, "stdout": ""})()
    monkeypatch.setattr("subprocess.run", lambda *_, **__: ended)
    path = tmp_path / "c0.txt"
    path.write_text(TEXT)
    assert solving(tmp_path, path) == 1
    assert "[SEARCH_FAILED]" in capsys.readouterr().err


def test_a_day_too_short_for_its_way_is_an_answer() -> None:
    late = TEXT.replace("0 0 0 0 0 1236", "0 0 0 0 900 1236")
    assert of_the_program({"text": late, "name": "c0", "tours": 1, "seed": 1}, Path(), "c0")
    before = TEXT.replace("0 0 0 0 0 1236", "0 0 0 0 900 800")
    with pytest.raises(solve.SolveRefused, match="too short"):
        of_the_program({"text": before, "name": "c0", "tours": 1, "seed": 1}, Path(), "c0")


def test_an_instance_has_not_more_vertices_than_can_be_laid_out() -> None:
    with pytest.raises(ValueError, match=f"1 to {MOST_VERTICES}"):
        parse(TEXT.replace("4 1 2", f"4 1 {MOST_VERTICES + 1}"), "c0", 1)
