"""Brings a service's database to its newest revision: `python -m kit.migrate SERVICE…`.

Alembic keeps the order of revisions; the revisions themselves are raw SQL. Each service has
`services/<service>/store/migrations/versions/NNNN_<what>.py`.
"""

import os
import runpy
import sys
import threading
from pathlib import Path

import psycopg

from kit import schema
from kit.db import ALL_AREAS

VERSIONS = "services/{service}/store/migrations"
HEAD = "head"
MIGRATION_LOCK = 0x6D68  # one migration per database; whoever comes second finds it done
# As Alembic itself would make it.
VERSION_TABLE = """
create table alembic_version (
    version_num varchar(32) not null,
    constraint alembic_version_pkc primary key (version_num)
)
"""
_TABLES = """
select count(*) from pg_class
where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
    and relname <> 'alembic_version'
"""
_ALEMBIC = threading.Lock()  # it keeps what it works on in global names
ROOT = Path(__file__).resolve().parent.parent


class RevisionUnclear(Exception):
    """A database does not say which revision its tables are of, or one that is not known here.

    Nothing was changed; the text says what to do.
    """


def newest_revision(service: str) -> str:
    """Returns the revision of the newest migration file: the part of its name before the dash.

    Files are named NNNN_what.py and their revision is NNNN, so no import is needed to know it.
    """
    return _revisions(service)[-1].name.split("_", 1)[0]


def _revisions(service: str) -> list[Path]:
    folder = ROOT / VERSIONS.format(service=service) / "versions"
    if paths := sorted(folder.glob("[0-9]*.py")):
        return paths
    raise FileNotFoundError(f"{service} has no migrations")


def migrate(service: str, database_url: str, revision: str = HEAD) -> bool:
    """Upgrades one database to a revision. Returns False when it was at the newest already.

    A new database gets the revisions in their order; one that lives is Alembic's, which knows what
    is missing. Loading Alembic takes longer than making all tables, so a first start does without.

    Revisions see the rows of all areas: row-level security binds the owner of the tables too, and
    without an area a statement that moves rows would find none and say nothing.

    Errors: RevisionUnclear.
    """
    with psycopg.connect(database_url) as connection:
        # Of the session, not the transaction: SQLAlchemy rolls one back. The end of both frees it.
        connection.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
        present = _present(service, connection)
        if present == newest_revision(service):
            return False
        if present:
            _upgrade(service, connection, revision)
        else:
            _make(service, connection, revision)
    return True


def _present(service: str, connection: psycopg.Connection) -> str:
    """Returns the revision a database is at, empty for a new one. Errors: RevisionUnclear."""
    known = connection.execute("select to_regclass('alembic_version') is not null").fetchone()
    rows = (
        connection.execute("select version_num from alembic_version").fetchall()
        if known and known[0]
        else []
    )
    named = [path.name.split("_", 1)[0] for path in _revisions(service)]
    if len(rows) == 1 and rows[0][0] in named:
        return str(rows[0][0])
    if len(rows) == 1:
        raise RevisionUnclear(
            f"The tables of {service} are of revision {rows[0][0]}, which this release does not"
            f" know (it knows {named[0]} to {named[-1]}): install the release that made them, or"
            f" restore a backup of before. Nothing was changed."
        )
    tables = connection.execute(_TABLES).fetchone()
    if rows or (tables and tables[0]):
        raise RevisionUnclear(
            f"The database of {service} holds tables but does not say which revision they are of"
            f" (alembic_version has {len(rows)} rows): restore it from a backup, or name the"
            f" revision, {named[0]} to {named[-1]}, in its one row. Nothing was changed."
        )
    return ""


def _make(service: str, connection: psycopg.Connection, revision: str) -> None:
    """Runs the revisions from the first on. Errors: LookupError when their chain is broken."""
    previous = None
    _see_all_areas(connection)
    with schema.changing(connection):
        for path in _revisions(service):
            module = runpy.run_path(str(path))
            if module["down_revision"] != previous:
                raise LookupError(f"{path.name} does not follow revision {previous}")
            module["upgrade"]()
            previous = module["revision"]
            if previous == revision:
                break
    if revision not in (HEAD, previous):
        raise LookupError(f"{service} has no revision {revision}")
    connection.execute(VERSION_TABLE)
    connection.execute("insert into alembic_version values (%s)", [previous])


def _see_all_areas(connection: psycopg.Connection) -> None:
    connection.execute("select set_config('meguri.area', %s, true)", [ALL_AREAS])


def _upgrade(service: str, connection: psycopg.Connection, revision: str) -> None:
    from alembic.config import Config  # noqa: PLC0415 - 0.8 s that only an upgrade pays
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415 - as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above
    from sqlalchemy import create_engine, pool  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(ROOT / VERSIONS.format(service=service)))
    script = ScriptDirectory(str(ROOT / VERSIONS.format(service=service)))
    # Alembic's statements and the revisions' go through the one transaction that is open already.
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: connection, poolclass=pool.StaticPool
    )
    with (
        _ALEMBIC,
        schema.changing(connection),
        engine.connect() as wrapped,
        EnvironmentContext(
            config,
            script,
            fn=lambda present, _context: script._upgrade_revs(revision, present),  # noqa: SLF001 - what alembic's own upgrade calls
        ) as environment,
    ):
        _see_all_areas(connection)  # after SQLAlchemy's first look around, which it rolls back
        environment.configure(connection=wrapped)
        environment.run_migrations()
        wrapped.commit()


def main() -> None:
    """Migrates the services named on the command line, each by its own database address."""
    for service in sys.argv[1:]:
        url = os.environ.get(f"MEGURI_{service.upper()}_DATABASE_URL") or os.environ.get(
            "MEGURI_DATABASE_URL", ""
        )
        migrate(service, url)


if __name__ == "__main__":
    main()
