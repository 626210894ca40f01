"""A small data folder with real databases, and its backup: for all tests of backups."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from cli.backup import _aparts
from infra.local import backup, files, postgres, restore
from infra.local import home as homes
from infra.local.alone import alone
from infra.local.archive import Refused
from infra.local.home import Home, Settings
from infra.local.prepare import prepare_databases
from infra.local.table import SERVICES
from services.visitor_sense.domain.sketch import Distinct

PSEUDONYMS = np.array([0x1122334455667788, 0x99AABBCCDDEEFF00], np.uint64)
ZONE_HOUR = """
    insert into zones (area, zone_id, place_id, names, normal_from, busy_from, crowded_from)
        values ('mine', 'gate', 'gate', '{}', 10, 20, 30);
    insert into zone_hours (area, zone_id, hour, frames, addresses, address_estimate, address_low,
        address_high, devices, device_estimate, device_low, device_high, key_epochs, holds_values,
        dirty)
        select 'mine', 'gate', now(), 7, decode('%(list)s', 'hex'), 2, 2, 2, decode('%(list)s',
            'hex'), 2, 2, 2, '{1}', true, true;
"""
SAID = """
    insert into outbox (area, event_id, type, aggregate_id, version, occur_time, traceparent, body,
        published_time)
        select 'mine', gen_random_uuid(), 'area_configured', 'mine', number, at, '', ''::bytea, at
        from (values (1, now() - interval '40 days'), (2, now() - interval '1 day'), (3, now()))
            as said (number, at);
"""


def quiet(_step: str) -> None:
    """Shows nothing."""


def _values() -> str:
    counted = Distinct()
    counted.add(PSEUDONYMS)
    return counted.to_bytes().hex()


def execute(home: Home, service: str, statement: str) -> list[Any]:
    """Runs SQL on a stopped platform's database; returns the rows of the last statement."""
    password = homes.ensure_passwords(home).postgres
    with (
        alone(home.postgres, password) as port,
        psycopg.connect(postgres.url(port, password, database=service)) as connection,
    ):
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def stopped(servers_folder: Path) -> Home:
    """The data folder of a platform that was stopped."""
    home = Home(servers_folder / "古い machine")
    home.make()
    passwords = homes.ensure_passwords(home)
    postgres.make(home.postgres, passwords.postgres)
    with alone(home.postgres, passwords.postgres, durable=False) as port:
        urls = {
            name: postgres.url(port, passwords.databases[name], user=name, database=name)
            for name in SERVICES
        }
        prepare_databases(postgres.url(port, passwords.postgres), urls)
        for service, statement in (
            ("visitor_sense", ZONE_HOUR % {"list": _values()}), ("directory", SAID),
        ):  # fmt: skip
            address = postgres.url(port, passwords.postgres, database=service)
            with psycopg.connect(address) as connection:
                connection.execute(statement.encode())
    key = home.secrets / "terminals" / "mine.1.pem"
    files.write_private(key, b"a key")
    files.write_json(home.enrolled_file, {"terminal": {"id": "1", "key_file": str(key)}})
    files.write_json(home.first_file, {"first_logins": {}})
    (home.log / "edge.jsonl").write_text("{}\n")
    (home.data / "providers.env").write_text("MEGURI_SQUARE_URL=simulator\n")
    Settings(area="hagi", domain="guide.example.jp").save(home)
    (home.data / "media").mkdir()
    (home.data / "media" / "音.mp3").write_bytes(os.urandom(5000))
    return home


@pytest.fixture(scope="session")
def made(stopped: Home, servers_folder: Path) -> Path:
    """A backup of it."""
    file = servers_folder / "a backup"
    backup.make(stopped, file, _aparts(), quiet)
    return file


@pytest.fixture
def empty(tmp_path: Path, servers_folder: Path) -> Home:
    """Where nothing is yet; PostgreSQL, perhaps as nobody, gets there."""
    return Home(servers_folder / f"new {tmp_path.name}")


def refusal(home: Home, file: Path, *, really: bool = True) -> str:
    """The reason why a restore is refused."""
    with pytest.raises(Refused) as refused:
        restore.restore(home, file, quiet, really=really)
    return refused.value.reason
