"""What a pod waits for, asked of real servers."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from infra import wait
from infra.local.ports import PortChooser
from kit.migrate import newest_revision
from tests.servers import PostgresServer, ServiceDatabases

ROOT = Path(__file__).resolve().parents[3]


def test_tables_are_there_once_they_are_those_of_this_release(
    service_databases: ServiceDatabases, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = service_databases.make_bare("payments")
    try:
        # Its database is called after the service in an installation; here it is one of many.
        monkeypatch.setattr(
            "kit.migrate.newest_revision", lambda _name: newest_revision("payments")
        )
        for url, is_there in (
            (bare, False),
            (service_databases.make_at("payments", "0001"), False),
            (service_databases.make("payments"), True),
            (bare.replace("payments_", "nobody_"), False),
        ):
            monkeypatch.setenv("MEGURI_DATABASE_URL", url)
            assert wait.is_there("tables") is is_there
        newer = service_databases.make("payments")
        with psycopg.connect(newer) as connection:
            connection.execute("update alembic_version set version_num = '9999'")
        monkeypatch.setenv("MEGURI_DATABASE_URL", newer)
        assert wait.is_there("tables"), "a pod of the release before ends its work"
    finally:
        service_databases.drop_made()


def test_a_port(postgres_server: PostgresServer) -> None:
    assert wait.is_there(f"port:127.0.0.1:{postgres_server.port}")
    assert not wait.is_there(f"port:127.0.0.1:{PortChooser().choose(0)}")


def test_the_program_ends_when_all_is_there(postgres_server: PostgresServer) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.wait", f"port:127.0.0.1:{postgres_server.port}"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0
