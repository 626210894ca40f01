"""A power cut or a careless hand leaves files cut, empty or of another kind: people are told which
one it is and what to do, and what can be made again is made again."""

import json
from pathlib import Path

import pytest

from cli import up, words
from cli.__main__ import main
from infra.local import home as homes
from infra.local.home import FileDamaged, Home, Settings

WRONG = ['{"area": "mi', "", "[1, 2]", '"x"', "7", "null", '{"area": 7}', "\x00\x00", "[" * 5000]


@pytest.fixture(autouse=True)
def _usual_folder() -> object:
    yield
    words.speak_of("")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.make()
    return made


def told(capsys: pytest.CaptureFixture[str], *typed: str) -> tuple[int, str]:
    """The exit code and the one line of a command."""
    code = main(typed)
    return code, capsys.readouterr().err


@pytest.mark.parametrize("content", WRONG)
def test_damaged_settings_are_named_and_nothing_starts(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setattr(up, "supervise", lambda *_: pytest.fail("it started"))
    monkeypatch.setattr(up, "_detach", lambda *_: pytest.fail("it started"))
    file = home.data / "settings.json"
    file.write_text(content)
    for more in ([], ["--detach"], ["--detach", "--json"]):
        code = main(["up", "--data", str(home.data), *more])
        out, err = capsys.readouterr()
        assert code == 1
        assert err.count("\n") == 1
        assert str(file) in err
        assert "put it back from a backup" in err
        if "--json" in more:
            assert json.loads(out)["reason"] == "file_damaged"
    assert file.read_text() == content
    # What does without them still does its work.
    assert told(capsys, "down", "--data", str(home.data))[0] == 0
    (home.log / "edge.jsonl").write_text("{}\n")
    assert told(capsys, "logs", "--no-follow", "--data", str(home.data)) == (0, "")
    code, err = told(capsys, "status", "--data", str(home.data))
    assert (code, err.count("\n")) == (1, 1)


@pytest.mark.parametrize("content", [*WRONG, '{"first_logins": {"admin": "x"}}'])
def test_damaged_first_passwords_are_named_before_anything_starts(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setattr(up, "_detach", lambda *_: pytest.fail("it started"))
    home.first_file.write_text(content)
    code, err = told(capsys, "up", "--detach", "--data", str(home.data))
    assert (code, err.count("\n")) == (1, 1)
    assert str(home.first_file) in err
    assert "./meguri area password" in err
    assert home.first_file.read_text() == content


@pytest.mark.parametrize("content", WRONG)
def test_what_can_be_made_again_says_nothing(
    home: Home, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    for path in (home.loaded_file, home.port_file, home.state_file):
        path.write_text(content)
    assert not home.is_loaded("mine", "")
    assert home.last_port() in {0, 7}
    assert homes.read_state(home) == {}
    assert main(["status", "--json", "--data", str(home.data)]) == 1
    out, err = capsys.readouterr()
    assert (json.loads(out)["phase"], err) == ("stopped", "")


def test_a_port_that_none_is_is_forgotten(home: Home) -> None:
    for text in ("99999", "-1", "1e300", "true", "[8080]", str(10**30)):
        home.port_file.write_text(text)
        assert home.last_port() in {0, 1}, text


@pytest.mark.parametrize("content", [*WRONG, '{"terminal": "x"}'])
def test_terminal_and_sensor_are_found_again_by_their_keys(home: Home, content: str) -> None:
    key = home.secrets / "terminals" / "mine.t-1.pem"
    credential = home.data / "visitor_sense" / "sensors" / "mine.gate-1.json"
    for path in (key, credential, key.with_name("other.t-2.pem")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (credential.with_suffix(".spool")).mkdir()
    home.enrolled_file.write_text(content)
    found = {"terminal": {"id": "t-1", "key_file": str(key)},
             "sensor": {"id": "gate-1", "credential_file": str(credential)}}  # fmt: skip
    assert homes.read_enrolled(home, "mine") == found
    assert json.loads(home.enrolled_file.read_text()) == found


def test_what_is_whole_is_taken_as_it_is(home: Home) -> None:
    Settings(area="hagi", domain="guide.example.jp").save(home)
    assert Settings.load(home) == Settings(area="hagi", domain="guide.example.jp")
    home.keep_loaded("hagi", "", {"first_logins": {"admin": {"user": "admin", "password": "p"}}})
    assert home.is_loaded("hagi", "")
    assert homes.read_first(home)["first_logins"]["admin"]["password"] == "p"
    known = {"terminal": {"id": "1", "key_file": "x", "place_id": "gate"}}
    home.enrolled_file.write_text(json.dumps(known))
    assert homes.read_enrolled(home, "hagi") == known


@pytest.mark.parametrize("content", [*WRONG[:6], '{"databases": [1]}', '{"cookie": 7}'])
def test_damaged_passwords_are_never_made_anew(home: Home, content: str) -> None:
    file = home.secrets / "passwords.json"
    file.write_text(content)
    with pytest.raises(FileDamaged, match="put it back from a backup"):
        homes.ensure_passwords(home)
    assert file.read_text() == content
