"""A Japanese terminal is spoken to in Japanese, any other in English; JSON is the same in both."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from cli import build, connection, present, words
from cli import up as up_command
from cli.__main__ import main
from infra.local.home import AlreadyRunning
from infra.local.machine import PortTaken
from services.multilingual.domain.sign import AddressNotPublic, check_address
from services.visitor_sense.sensor.captures import CaptureError

CLI = Path(words.__file__).parent
LANGUAGE_NAMES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def _catalog() -> None:
    build.build_catalog(words.CATALOG)
    words.prepare()
    words.speak_of("")  # what a command of the test before was given


@pytest.fixture
def japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LANGUAGE_NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LANGUAGE_NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")


def known() -> set[str]:
    with words.CATALOG.open("rb") as file:
        return {str(entry.id) for entry in read_po(file, locale="ja") if entry.string}


def test_every_text_of_the_command_line_is_translated() -> None:
    found = {
        str(message)
        for path in CLI.glob("*.py")
        for _, message, _, _ in extract(
            "python", io.BytesIO(path.read_bytes()), keywords={"_": None, "N_": None}
        )
    }
    assert len(found) > 60
    assert found - known() == set()
    # What is in the catalog besides is argparse's.
    assert {"usage: ", "options"} <= known() - found


def not_public(url: str) -> str:
    """What the command that prints signs is told of an address."""
    with pytest.raises(AddressNotPublic) as refused:
        check_address(url)
    return f"{refused.value} [ADDRESS_NOT_PUBLIC]"


REFUSALS = [
    f"{AlreadyRunning(Path('/data/x'), 12)}; see ./meguri status, end it with ./meguri down",
    str(connection.NotRunning("var")),
    str(PortTaken("Port 8080 is used by another program; choose one with --port")),
    "edge does not start; see /data/log/edge.jsonl",
    (
        "edge has started but does not get to work within 60 s; see /data/log/edge.jsonl, "
        "then try again, or start it alone with ./meguri up --only edge"
    ),
    "there is no area 'hagi'; make one with ./meguri area create",
    "there is no component x; there are nats, edge",
    *(not_public(url) for url in (
        "https://cave.lan", "https://guide.jpp", "https://co.jp", "https://cave.ts.net", "https://[::1",
    )),
    *(f"{text} Batches already made wait on disk." for text in (
        "NATS does not answer.", "NATS does not store.", "The service does not answer.",
    )),
    str(CaptureError("CAPTURE_EMPTY", "The file holds no frame.")),
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSALS)
def test_refusals_made_elsewhere_are_told_in_japanese(japanese: None, text: str) -> None:
    told = words.told(text)
    assert told != text
    assert any("\u3040" <= letter <= "\u30ff" for letter in told)
    # What the sentence is about is kept.
    for value in ("/data/x", "12", "8080", "edge.jsonl", "hagi"):
        assert (value in text) == (value in told)


@pytest.mark.parametrize("text", REFUSALS)
def test_elsewhere_nothing_changes(english: None, text: str) -> None:
    assert words.told(text) == text


def test_a_sentence_nobody_knows_stays_as_it_is(japanese: None) -> None:
    assert words.told("disk on fire: 100% lost %(x)s") == "disk on fire: 100% lost %(x)s"


def test_json_is_the_same_in_both_languages(
    japanese: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["area", "load", "--data", str(tmp_path), "--json"]) == 1
    out, told = capsys.readouterr()
    assert json.loads(out) == {"error": words.hinted(str(connection.NotRunning(str(tmp_path))))}
    assert "起動してください" in told
    assert main(["down", "--data", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"stopped": False}


def test_wrong_usage_is_one_japanese_line(
    japanese: None, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in (["area", "create"], ["up", "--port", "x"], ["down", "--fast"]):
        with pytest.raises(SystemExit) as ended:
            main(wrong)
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "をご覧ください" in said


def test_the_table_stands_in_columns_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, japanese: None
) -> None:
    state = {
        "components": [
            {"name": "nats", "version": "2", "pid": 7, "port": 4222, "health": "ok",
             "start_ms": 3, "restarts": 2},
            {"name": "edge", "version": "", "pid": 0, "port": 0, "health": "unheard-of",
             "start_ms": 0, "restarts": 0},
        ]
    }  # fmt: skip
    shown = io.StringIO()
    present.table(state, shown)
    assert "正常 （再起動 2 回）" in shown.getvalue()
    assert "unheard-of" in shown.getvalue()
    monkeypatch.setenv("LANG", "C")
    plain = io.StringIO()
    present.table(state, plain)
    assert "ok (restarted 2×)" in plain.getvalue()


def test_up_refuses_in_japanese(
    japanese: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wrong = ["up", "--data", str(tmp_path), "--only", "nothing", "--json"]
    assert main(wrong) == 2
    assert "部品 nothing はありません" in capsys.readouterr().err
    assert up_command._refuse("it was stopped", as_json=True) == 1
    out, told = capsys.readouterr()
    assert (json.loads(out), told) == ({"error": "it was stopped"}, "meguri up: 停止されました\n")


@pytest.fixture
def elsewhere() -> Iterator[None]:
    words.speak_of("/srv/two words")
    yield
    words.speak_of("")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("see ./meguri status; ./meguri down",
         "see ./meguri status --data '/srv/two words'; ./meguri down --data '/srv/two words'"),
        ("make one with ./meguri area create",
         "make one with ./meguri area create --data '/srv/two words'"),
        ("or with ./meguri payments clerk --shop a",
         "or with ./meguri payments clerk --data '/srv/two words' --shop a"),
        ("start it alone with ./meguri up --only nats",
         "start it alone with ./meguri up --data '/srv/two words' --only nats"),
        ("no command here", "no command here"),
    ],
)  # fmt: skip
def test_commands_that_are_advised_name_the_data_folder(
    english: None, elsewhere: None, said: str, told: str
) -> None:
    assert words.told(said) == told


def test_a_command_on_another_folder_advises_that_folder(
    english: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        assert main(["status", "--data", str(tmp_path / "d")]) == 1
        assert f"./meguri up --data {tmp_path / 'd'}" in capsys.readouterr().err
    finally:
        words.speak_of("")


def test_up_says_which_port_was_taken_and_which_is_used(english: None) -> None:
    state = {"url": "http://127.0.0.1:41234", "evaded": {"edge": 8080}, "ports": {"edge": 41234}}
    out = io.StringIO()
    present.welcome(state, out)
    assert "Port 8080 was used by another program, so the pages are on port 41234." in (
        out.getvalue()
    )
    present.welcome(state | {"evaded": {}}, quiet := io.StringIO())
    assert "another program" not in quiet.getvalue()
    present.welcome(state | {"evaded": {}, "kept_port": 41234}, kept := io.StringIO())
    assert "stay on port 41234, as at the last start" in kept.getvalue()


@pytest.mark.parametrize("group", ["payments", "sense"])
def test_the_help_of_a_service_is_japanese_too(
    japanese: None, capsys: pytest.CaptureFixture[str], group: str
) -> None:
    with pytest.raises(SystemExit):
        main([group, "--help"])
    lines = capsys.readouterr().out.splitlines()
    listed = [line for line in lines if line.startswith("    ") and len(line.split()) > 1]
    assert len(listed) > 3
    for line in listed:
        assert any("\u3040" <= letter <= "\u9fff" for letter in line), line


def test_first_logins_name_their_roles_in_japanese(japanese: None) -> None:
    shown = io.StringIO()
    logins = {role: {"user": role, "password": "abc"} for role in present.ROLE_NAMES}
    present.first_logins(logins, shown)
    assert "accountant   abc" in shown.getvalue()
    assert "経理" in shown.getvalue()
    for line in shown.getvalue().strip().splitlines():
        assert any("\u3040" <= letter <= "\u9fff" for letter in line), line


def test_people_of_an_area_are_named_in_its_language_whatever_the_terminal_speaks(
    english: None,
) -> None:
    assert words.in_language("ja", present.ROLE_NAMES["accountant"]) == "経理"
    assert words.in_language("fr", present.ROLE_NAMES["accountant"]) == "Accountant"


def test_a_taken_port_stands_in_the_table(japanese: None) -> None:
    shown = io.StringIO()
    one = {"name": "nats", "version": "", "pid": 7, "port": 4300, "health": "ok", "start_ms": 3,
           "restarts": 0}  # fmt: skip
    present.table({"components": [one], "evaded": {"nats": 4222}}, shown)
    assert "4300 （4222 は使用中）" in shown.getvalue()
