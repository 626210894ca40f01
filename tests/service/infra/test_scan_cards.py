"""The command finds what was planted in a real database and in files, and nothing beside it."""

import base64
import json
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from cli.scan_cards import run
from infra.card_scan import scan_stream

NUMBER = "4111111111111111"  # published for tests; no account has it


def _scan(capsys: pytest.CaptureFixture[str], **given: object) -> tuple[int, dict[str, int]]:
    usual = {"paths": [], "database": [], "valkey": [], "json": True}
    code = run(Namespace(**{**usual, **given}))
    return code, json.loads(capsys.readouterr().out)["hits"]


def test_every_table_is_read_whatever_area_its_rows_are_of(
    service_database: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    url = service_database("payments")
    assert _scan(capsys, database=[url]) == (0, {})
    with psycopg.connect(url) as connection:
        connection.execute("select set_config('meguri.area', 'elsewhere', false)")
        connection.execute(
            "insert into requests (area, principal, request_id, body_sha256, answer)"
            " values ('elsewhere', 'clerk', %s, %s, null)",
            (f"tap {NUMBER}", f"number {NUMBER}, track".encode()),
        )
    assert _scan(capsys, database=[url]) == (1, {"card_number": 2})


def test_folders_are_read_to_their_last_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = tmp_path / "nats" / "stream"
    inner.mkdir(parents=True)
    (inner / "1.blk").write_bytes(bytes(5_000) + b"taken 1300 yen" + bytes(5_000))
    assert _scan(capsys, paths=[tmp_path]) == (0, {})
    packed = base64.b64encode(f"reason: {NUMBER}.".encode())
    (inner / "2.blk").write_bytes(bytes(1_048_570) + packed + b" " + bytes(10))
    (tmp_path / "payments.log").write_text(f'{{"event": "taken {NUMBER}"}}\n')
    assert _scan(capsys, paths=[tmp_path]) == (1, {"card_number": 2})


def test_no_kind_of_value_hides_a_number_in_valkey(
    valkey_server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with redis.Redis.from_url(valkey_server) as valkey:
        valkey.flushdb()
        text = f"paid {NUMBER}, and again and again and again"  # long enough to be packed
        assert _scan(capsys, valkey=[valkey_server]) == (0, {})
        valkey.set("plain", text)
        valkey.hset("hash", "field", text)
        valkey.rpush("list", text)
        valkey.sadd("set", text)
        valkey.zadd("sorted", {text: 1.0})
        assert _scan(capsys, valkey=[valkey_server]) == (1, {"card_number": 5})
        valkey.flushdb()


def test_an_id_at_the_seam_of_two_rows_is_no_number() -> None:
    uid = b"aaaaaaaa-4111-4111-8111-111111111111"
    pieces = [b"x" * (2000 + shift) + uid + b"\n" + b"y" * (990 + shift) for shift in range(40)]
    assert list(scan_stream(iter(pieces))) == []


def test_nothing_to_read_is_no_all_clear(capsys: pytest.CaptureFixture[str]) -> None:
    assert _scan(capsys)[0] == 2


@pytest.mark.parametrize("as_json", [False, True])
def test_a_search_of_nothing_is_no_all_clear(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    given = {"database": [], "valkey": [], "json": as_json}
    assert run(Namespace(paths=[], **given)) == 2
    told = capsys.readouterr()
    assert "Nothing was searched" in told.err
    assert "0 hits" not in told.out
    assert run(Namespace(paths=[tmp_path], **given)) == 2
    assert f"nothing to read in {tmp_path}" in capsys.readouterr().err


def test_a_search_says_where_it_looked_and_no_password(
    tmp_path: Path, service_database: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.log").write_text("nothing")
    url = service_database("directory")
    run(Namespace(paths=[tmp_path], database=[url], valkey=[], json=False))
    told = capsys.readouterr().out
    assert f"in {tmp_path}, database directory_" in told
    assert "for-tests-only" not in told
