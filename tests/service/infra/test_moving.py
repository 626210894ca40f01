"""A backup of one machine into a PostgreSQL elsewhere: the way to a cluster."""

import errno
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra.local import alone, dumps, postgres, restore
from infra.local import home as homes
from infra.local.archive import Refused
from infra.local.home import Home
from infra.local.moving import into_server
from infra.local.table import SERVICES
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


def test_only_what_is_needed_is_unpacked_beside_the_backup(
    made: Path, elsewhere: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, seen = dumps.load, list[Path]()

    def look(server: dumps.Server, folder: Path, *more: Any) -> None:
        home = folder.parent.parent
        seen.extend(path.relative_to(home) for path in home.rglob("*") if path.is_file())
        assert home.parent == made.parent
        load(server, folder, *more)

    monkeypatch.setattr(dumps, "load", look)
    before = set(made.parent.iterdir())
    into_server(made, elsewhere, quiet)
    assert set(made.parent.iterdir()) == before
    others = [path for path in seen if path.parts[:2] != ("run", "databases")]
    assert others == [Path("secrets/passwords.json")]
    assert len(seen) > len(SERVICES)


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_without_room_nothing_is_thrown_away(
    made: Path, elsewhere: int, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    into_server(made, elsewhere, quiet)
    before = set(made.parent.iterdir())
    with monkeypatch.context() as full:
        if when == "before":
            full.setattr(restore, "room", lambda _folder: 1024)
        else:
            full.setattr(restore, "_copy", _no_space)
        with pytest.raises(Refused, match="nothing was changed") as refused:
            into_server(made, elsewhere, quiet, really=True)
    assert refused.value.reason == "disk_full"
    assert set(made.parent.iterdir()) == before
    with pytest.raises(Refused) as refused:
        into_server(made, elsewhere, quiet)
    assert refused.value.reason == "data_present"


def _no_space(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_server_that_makes_no_databases_is_told_and_goes_on_later(
    stopped: Home, made: Path, elsewhere: int
) -> None:
    # While somebody is in the template PostgreSQL makes no database.
    template = postgres.url(
        elsewhere, homes.ensure_passwords(stopped).postgres, database="template1"
    )
    with psycopg.connect(template), pytest.raises(Refused) as refused:
        into_server(made, elsewhere, quiet)
    assert refused.value.reason == "database_failed"
    said = f"The databases at port {elsewhere} are not whole: .*template1.* --really"
    assert re.fullmatch(said, str(refused.value))
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
