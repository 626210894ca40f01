"""`./meguri guide …`: negotiation line by line, codes for a file, reading an area's folder."""

import argparse
import csv
import io
import json
from pathlib import Path

import pytest

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.multilingual import cli
from services.multilingual.domain import stop_code as codes

DATA = Path(__file__).resolve().parents[3] / "data" / "mine"


def ask(*lines: str) -> tuple[int, list[dict[str, object]]]:
    out = io.StringIO()
    exit_code = cli.negotiate_lines(lines, out)
    return exit_code, [json.loads(line) for line in out.getvalue().splitlines()]


def test_negotiate_answers_each_line() -> None:
    exit_code, answers = ask(
        '{"supported": ["ja", "zh-Hant"], "accept_language": "zh-TW,zh;q=0.9"}\n',
        "\n",
        '{"supported": ["ja", "en"], "accept_language": "th"}\n',
        '{"supported": [], "accept_language": "th"}\n',
    )
    assert exit_code == 0
    assert [(each["locale"], each["matched"]) for each in answers] == [
        ("zh-Hant", True), ("en", False), (None, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"supported": ["ja"]}', '{"supported": 1, "accept_language": 2}']
)
def test_negotiate_says_which_line_is_wrong_and_goes_on(line: str) -> None:
    exit_code, answers = ask(line, '{"supported": ["ja"], "accept_language": "ja"}')
    assert exit_code == 1
    assert "error" in answers[0]
    assert answers[1]["locale"] == "ja"


def test_codes_are_added_once_and_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "stops.csv"
    kept = codes.make("elsewhere", "x", 3)
    file.write_text(f"stop_code,stop_id,place_id\n{kept},a,cave/a\n,b,cave/b\n", encoding="utf-8")
    for _ in range(2):
        cli._add_codes(argparse.Namespace(file=file, json=True))
    with file.open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["stop_code"] for row in rows] == [kept, codes.make("mine", "cave/b", 0)]
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["codes_made"], second["codes_made"]) == (1, 0)


def test_the_default_area_is_complete() -> None:
    """57 stops; the 36 of the tour in five languages, all others at least in Japanese, English."""
    request = cli.read_seeds(DATA, "mine")
    route = [each for each in request.stops if each.group == pb.STOP_GROUP_ROUTE]
    assert (len(request.stops), len(route)) == (57, 36)
    assert len({each.stop_code for each in request.stops}) == 57
    for stop in request.stops:
        assert codes.read(stop.stop_code) == stop.stop_code
        assert stop.sources
        texts = {each.locale: each.text for each in stop.narrations}
        assert {"ja", "en"} <= set(texts)
        source = [each.paragraph_id for each in texts["ja"].paragraphs]
        assert [each.paragraph_id for each in texts["en"].paragraphs] == source
        if stop in route:
            assert {"ko", "zh-Hans", "zh-Hant"} <= set(texts)
        assert all(each.machine_draft for each in stop.narrations)


@pytest.mark.parametrize("place", ["senjojiki", "koganebashira"])
def test_conflicting_figures_are_said_in_every_language(place: str) -> None:
    request = cli.read_seeds(DATA, "mine")
    [stop] = [each for each in request.stops if each.place_id == f"akiyoshido/{place}"]
    for narration in stop.narrations:
        topics = {each.topic for each in narration.text.paragraphs}
        assert pb.PARAGRAPH_TOPIC_DOUBT in topics, narration.locale
