"""A platform is started, asked, refused a second time, and stopped without a trace."""

import json
import stat
from pathlib import Path

import pytest

from infra.local.table import SERVICES
from tests.platform import Platform

pytestmark = pytest.mark.platform


def test_up_answers_with_everything_a_program_needs(platform: Platform) -> None:
    state = platform.state
    assert state["url"].startswith("http://127.0.0.1:")
    assert set(state["grpc"]) == set(SERVICES)
    assert state["nats"].startswith("nats://127.0.0.1:")
    names = {component["name"] for component in state["components"]}
    assert names >= {"nats", "postgres", "valkey", "edge", *SERVICES}
    for component in state["components"]:
        assert component["health"] == "ok", component
        assert component["pid"] > 0
        assert component["port"] > 0
        assert component["start_ms"] > 0
        assert "version" in component


def test_the_first_logins_are_random_one_per_role_and_shown_once(platform: Platform) -> None:
    logins = platform.state["first_logins"]
    roles = {"clerk", "shop_owner", "editor", "reviewer", "analyst", "accountant", "admin"}
    assert set(logins) == roles
    passwords = {login["password"] for login in logins.values()}
    assert len(passwords) == len(roles)
    assert all(len(password) >= 16 for password in passwords)
    shown_again = platform.run("status", "--json").stdout
    assert not any(password in shown_again for password in passwords)
    for log in (platform.data / "log").glob("*.jsonl"):
        text = log.read_text()
        assert not any(password in text for password in passwords), log


def test_terminal_and_sensor_have_files_with_keys(platform: Platform) -> None:
    for file in (
        platform.state["terminal"]["key_file"],
        platform.state["sensor"]["credential_file"],
        platform.state["tls"]["key"],
        platform.state["nats_credentials"]["password_file"],
    ):
        assert Path(file).is_relative_to(platform.data)
        assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600, file


def test_no_secret_can_be_read_by_others(platform: Platform) -> None:
    # PostgreSQL may run as somebody else here, who has to get through and sees nothing.
    assert stat.S_IMODE(platform.data.stat().st_mode) in {0o700, 0o711}
    for name in ("secrets", "log", "run", "nats", "postgres"):
        assert stat.S_IMODE((platform.data / name).stat().st_mode) == 0o700, name
    for books in platform.data.glob("*.sqlite3*"):
        assert stat.S_IMODE(books.stat().st_mode) == 0o600, books
    for folder in (platform.data / "nats", platform.data / "valkey"):
        for config in folder.glob("*.conf"):
            assert stat.S_IMODE(config.stat().st_mode) == 0o600, config


def test_the_pages_open(platform: Platform) -> None:
    for path in ("/healthz", "/readyz", "/"):
        assert platform.get(path), path


def test_status_is_what_up_said(platform: Platform) -> None:
    status = json.loads(platform.run("status", "--json").stdout)
    for name in ("url", "grpc", "nats", "tls", "terminal", "sensor", "nats_credentials"):
        assert status[name] == platform.state[name]


def test_a_second_up_on_the_same_data_is_refused(platform: Platform) -> None:
    refused = platform.run("up", "--detach", check=False)
    assert refused.returncode == 1
    assert str(platform.supervisor) in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_only_the_machine_itself_is_listened_to(platform: Platform) -> None:
    ports = {component["port"] for component in platform.state["components"]}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        address, port = line.split()[1].split(":")
        if int(port, 16) in ports and line.split()[3] == "0A":
            assert address == "0100007F", line


def test_a_port_that_was_asked_for_and_is_taken_is_refused(
    platform: Platform, tmp_path: Path
) -> None:
    edge = platform.state["url"].rsplit(":", 1)[1]
    other = Platform(tmp_path / "data")
    refused = other.run("up", "--detach", "--port", edge, check=False)
    assert refused.returncode == 1
    assert edge in refused.stderr
    assert not (tmp_path / "data" / "postgres").exists()


def test_wrong_usage_is_one_line_and_code_2(platform: Platform) -> None:
    for words in (
        ["up", "--port", "many"],
        ["fly"],
        ["status", "--nonsense"],
        ["up", "--only", "x"],
    ):
        refused = platform.run(*words, check=False)
        assert refused.returncode == 2, words
        assert refused.stdout == ""
        assert refused.stderr.count("\n") == 1, refused.stderr


def test_logs_are_json_lines_with_component_and_time(platform: Platform) -> None:
    lines = platform.run("logs", "directory", "--no-follow", "--json").stdout.splitlines()
    records = [json.loads(line) for line in lines]
    assert records
    assert all(record["component"] == "directory" and record["time"] for record in records)
    # Its first words may lie before the last lines: whoever signs in is noted there, too.
    kept = (platform.data / "log" / "directory.jsonl").read_text(encoding="utf-8").splitlines()
    assert any(json.loads(line).get("event") == "serving" for line in kept)
