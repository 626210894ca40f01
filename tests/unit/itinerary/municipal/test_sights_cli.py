"""The command that makes drafts: what is told and written, and that the drafts can be loaded."""

import csv
import json
import re
from pathlib import Path

import pytest

from cli.__main__ import main
from kit import area_files
from services.itinerary.cli import read_pois
from services.itinerary.cli.sights import BAD_FILES, PLACES, POIS, REASONS, places_of
from services.itinerary.domain import municipal
from services.itinerary.gateways import municipal_file
from tests.unit.itinerary.municipal.test_sights import HEADING, ROW, written


def test_a_file_is_told_by_reason(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = [ROW.replace("石灰洞", f"洞{n}").replace("34.2", "") for n in range(7)]
    path = written(tmp_path, HEADING, *rows, "1,,,,,,,,,,")
    assert main(["itinerary", "sights", str(path), "--data", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "8 rows, 7 can be used, 1 cannot", "columns not needed: 謎", "1 × no name [NAME_MISSING]",
        "  row 9:",
    ]  # fmt: skip
    assert lines[4] == "7 × its point is no number or not in Japan [POINT_UNUSABLE]"
    assert lines[-1] == "  and 2 more; all are in --json"


def test_drafts_hold_every_row_and_are_loaded_as_our_own_files_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    road, fall = (ROW.replace("石灰洞", name) for name in ("空港道路", "滝"))
    path = written(
        tmp_path, f"{HEADING},名称_英語", f"{ROW},Lime Cave!", f"{road},", f"{fall},Lime Cave!"
    )
    out = tmp_path / "drafts"
    typed = ["itinerary", "sights", str(path), "--out", str(out), "--json", "--data", str(tmp_path)]
    assert main(typed) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["written"] == [str(out / PLACES), str(out / POIS)]
    with (out / PLACES).open(encoding="utf-8-sig") as places:
        ids = [row["place_id"] for row in csv.DictReader(places)]
    assert ids == ["lime-cave", "sight-3", "sight-4"]
    with (out / POIS).open(encoding="utf-8-sig") as pois:
        rows = list(csv.DictReader(pois))
    assert rows[0]["opening"] == "09:00-17:00; Mo off; Su[3] off"
    assert rows[0]["estimated_fields"] == "category;stay_min_minutes;stay_max_minutes;score"
    assert [row["category"] for row in rows] == ["", "", "nature"]
    # A person says what the other two are; then all of them are POIs.
    with pytest.raises(area_files.BadFile, match="category"):
        read_pois(out / POIS)
    text = (out / POIS).read_text(encoding="utf-8-sig")
    text = text.replace("lime-cave,lime-cave,,,open,", "lime-cave,lime-cave,cave,,open,")
    text = text.replace("sight-3,sight-3,,,open,", "sight-3,sight-3,scenic_drive,,open,")
    text = re.sub(r"(?m)^((?:lime-cave|sight-3),.*?-60min|(?:lime-cave|sight-3),[^\n]*?off),,,,30",
                  r"\1,,10,20,30", text)  # fmt: skip
    (out / POIS).write_text(text, encoding="utf-8")
    assert [each.poi_id for each in read_pois(out / POIS)] == ids


def test_somebodys_work_is_never_written_over(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = written(tmp_path, HEADING, ROW)
    (tmp_path / POIS).write_text("mine")
    typed = ["itinerary", "sights", str(path), "--out", str(tmp_path), "--data", str(tmp_path)]
    assert main(typed) == 1
    assert "[DRAFT_EXISTS]" in capsys.readouterr().err
    assert (tmp_path / POIS).read_text() == "mine"
    assert not (tmp_path / PLACES).exists()


def test_what_is_no_such_file_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    assert main(["itinerary", "sights", str(path), "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err.endswith("one of them 名称 [NO_HEADING]\n")


def test_every_reason_has_its_words() -> None:
    folder = Path(str(municipal.__file__)).parent
    texts = [path.read_text() for path in (*folder.glob("*.py"), Path(municipal_file.__file__))]
    written_reasons = {
        each for text in texts for each in re.findall(r'"([A-Z]{2,}(?:_[A-Z]+)*)"', text)
    }
    known = REASONS.keys() | BAD_FILES.keys()
    assert written_reasons - {"URL", "NFKC", "PH", "NO", "ID"} <= known
    assert known - written_reasons == {"DRAFT_EXISTS", "NO_FOLDER"}


def test_every_row_has_an_id_of_its_own(tmp_path: Path) -> None:
    names = ["Sight 4", "Cave", "", "Cave", "cave!", "sight-3"]
    rows = [f"{number},洞{number},{name}" for number, name in enumerate(names)]
    found = municipal_file.read(written(tmp_path, "NO,名称,名称_英語", *rows))
    ids = [place["place_id"] for place in places_of(found)]
    assert ids == ["sight-2", "cave", "sight-4", "sight-5", "sight-6", "sight-7"]
