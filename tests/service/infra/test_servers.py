"""The servers that other tests stand on are real, durable where it counts, and separate."""

from collections.abc import Callable

import nats
import psycopg
import pytest
import redis

from tests.servers import PostgresServer


async def test_nats_syncs_every_acknowledged_message(nats_url: str) -> None:
    client = await nats.connect(nats_url)
    stream = client.jetstream()
    await stream.add_stream(name="INFRA_TEST", subjects=["infra_test.>"])
    answer = await stream.publish("infra_test.one", b"x")
    assert answer.seq == 1
    await stream.delete_stream("INFRA_TEST")
    await client.close()


def test_valkey_asks_for_a_password(valkey_server: str) -> None:
    with redis.Redis.from_url(valkey_server) as client:
        client.set("a", "b")
        assert client.get("a") == b"b"
    port = int(valkey_server.rsplit(":", 1)[1].split("/", maxsplit=1)[0])
    with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.get("a")


def test_postgres_asks_for_the_password_and_opens_no_unix_socket(
    postgres_server: PostgresServer,
) -> None:
    with psycopg.connect(postgres_server.url()) as connection:
        row = connection.execute(
            "select current_setting('unix_socket_directories'), current_setting('timezone')"
        ).fetchone()
    assert row == ("", "UTC")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres_server.url().replace("for-tests-only", "wrong"))


def test_postgres_listens_on_this_machine_only(postgres_server: PostgresServer) -> None:
    with psycopg.connect(postgres_server.url()) as connection:
        row = connection.execute("select current_setting('listen_addresses')").fetchone()
    assert row == ("127.0.0.1",)


def test_a_service_database_is_owned_by_a_role_that_row_security_binds(
    service_database: Callable[[str], str],
) -> None:
    with psycopg.connect(service_database("directory")) as connection:
        row = connection.execute(
            "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
        ).fetchone()
    assert row == (False,)


def test_service_databases_do_not_share_rows(service_database: Callable[[str], str]) -> None:
    first, second = service_database("directory"), service_database("directory")
    with psycopg.connect(first) as connection:
        connection.execute("create table only_here (a int)")
    with psycopg.connect(second) as connection:
        row = connection.execute("select to_regclass('only_here')").fetchone()
    assert row == (None,)
