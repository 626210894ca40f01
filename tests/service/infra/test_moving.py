"""A backup of one machine into a PostgreSQL elsewhere: the way to a cluster."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from infra.local import alone, postgres
from infra.local import home as homes
from infra.local.archive import Refused
from infra.local.home import Home
from infra.local.moving import into_server
from tests.service.infra.conftest import quiet

pytestmark = pytest.mark.long


@pytest.fixture
def elsewhere(stopped: Home, servers_folder: Path, tmp_path: Path) -> Iterator[int]:
    """The port of an empty PostgreSQL that was given the superuser of the stopped installation."""
    password = homes.ensure_passwords(stopped).postgres
    folder = servers_folder / f"elsewhere {tmp_path.name}"
    postgres.make(folder, password)
    with alone.alone(folder, password, durable=False) as port:
        yield port


def test_all_is_there_belongs_to_its_service_and_is_said_again(
    stopped: Home, made: Path, elsewhere: int
) -> None:
    passwords = homes.ensure_passwords(stopped)
    done = into_server(made, elsewhere, quiet)
    assert done["port"] == elsewhere
    for _ in range(2):
        own = postgres.url(
            elsewhere, passwords.databases["directory"], user="directory", database="directory"
        )
        with psycopg.connect(own) as connection:
            connection.execute("select set_config('meguri.area', 'mine', false)")
            said = connection.execute(
                "select version, published_time is null from outbox order by version"
            ).fetchall()
            owners = connection.execute(
                "select distinct tableowner from pg_tables where schemaname = 'public'"
            ).fetchall()
        assert said == [(1, False), (2, True), (3, True)]
        assert owners == [("directory",)]
        counted = postgres.url(elsewhere, passwords.postgres, database="visitor_sense")
        with psycopg.connect(counted) as connection:
            rows = connection.execute("select frames, holds_values from zone_hours").fetchall()
        assert rows == [(7, False)], "without the list of pseudonyms"
        with pytest.raises(Refused) as refused:
            into_server(made, elsewhere, quiet)
        assert refused.value.reason == "data_present"
        into_server(made, elsewhere, quiet, really=True)


def test_nobody_there_and_another_password_are_told(
    made: Path, servers_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(Refused) as refused:
        into_server(made, 1, quiet)
    assert refused.value.reason == "no_database"
    folder = servers_folder / f"stranger {tmp_path.name}"
    postgres.make(folder, "another-password")
    with alone.alone(folder, "another-password", durable=False) as port:
        with pytest.raises(Refused) as refused:
            into_server(made, port, quiet, really=True)
        assert refused.value.reason == "no_database"
