"""Preparing makes what is missing, corrects what differs, and run again changes nothing."""

import dataclasses

import nats
import psycopg
import pytest
from psycopg import sql

from infra.local import prepare
from infra.local.bus_layout import Stream
from tests.servers import PostgresServer

STREAM = Stream("PREPARE_TEST", ("prepare_test.>",), max_age_s=3600)


def url(server: PostgresServer, password: str) -> str:
    """The address of a service's database as its role."""
    return f"postgresql://multilingual:{password}@127.0.0.1:{server.port}/multilingual"


@pytest.fixture
def clean(postgres_server: PostgresServer) -> PostgresServer:
    """A server on which the role of one service is as another test may have left it."""
    postgres_server.execute(
        sql.SQL("drop database if exists multilingual with (force)").format(),
    )
    return postgres_server


def test_role_database_and_tables_are_made_and_a_changed_password_is_set(
    clean: PostgresServer,
) -> None:
    for password in ("first", "first", "second"):
        prepare.prepare_databases(clean.url(), {"multilingual": url(clean, password)})
        with psycopg.connect(url(clean, password)) as connection:
            row = connection.execute("select to_regclass('outbox') is not null").fetchone()
        assert row == (True,)
    # Other tests sign in as this role with the password of all test roles.
    clean.execute(sql.SQL("alter role multilingual password 'for-tests-only'").format())


def test_a_stranger_may_not_even_connect(clean: PostgresServer) -> None:
    prepare.prepare_databases(clean.url(), {"multilingual": url(clean, "for-tests-only")})
    clean.execute(
        sql.SQL("drop role if exists stranger").format(),
        sql.SQL("create role stranger login password 'x'").format(),
    )
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(clean.url("multilingual", user="stranger").replace("for-tests-only", "x"))


async def test_streams_are_made_and_corrected(nats_url: str) -> None:
    for wanted in (STREAM, STREAM, dataclasses.replace(STREAM, max_age_s=600)):
        await prepare.prepare_streams(nats_url, "", "", [wanted])
        client = await nats.connect(nats_url)
        config = (await client.jetstream().stream_info(STREAM.name)).config
        await client.close()
        assert config.max_age == wanted.max_age_s
        assert config.subjects == list(wanted.subjects)


def test_up_is_told_in_one_sentence_what_a_database_lacks(
    clean: PostgresServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = url(clean, "for-tests-only")
    prepare.prepare_databases(clean.url(), {"multilingual": own})
    with psycopg.connect(own) as connection:
        connection.execute("delete from alembic_version")

    async def databases_only(_env: dict[str, str]) -> None:
        prepare.prepare_databases(clean.url(), {"multilingual": own})

    monkeypatch.setattr(prepare, "_prepare_all", databases_only)
    assert prepare.main() == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.startswith("The database of multilingual holds tables but does not say")
