"""Brings a service's database to its newest revision: `python -m kit.migrate SERVICE…`.

Alembic keeps the order of revisions; the revisions themselves are raw SQL. Each service has
`services/<service>/store/migrations/versions/NNNN_<what>.py`.
"""

import sys
from pathlib import Path

import psycopg

from kit.db import ALL_AREAS

VERSIONS = "services/{service}/store/migrations"
ROOT = Path(__file__).resolve().parent.parent


def newest_revision(service: str) -> str:
    """Returns the revision of the newest migration file: the part of its name before the dash.

    Files are named NNNN_what.py and their revision is NNNN, so no import is needed to know it.
    """
    folder = ROOT / VERSIONS.format(service=service) / "versions"
    names = sorted(path.name for path in folder.glob("[0-9]*.py"))
    if not names:
        raise FileNotFoundError(f"{service} has no migrations")
    return names[-1].split("_", 1)[0]


def is_current(service: str, database_url: str) -> bool:
    """Tells with one query whether nothing is to be done, without the cost of loading Alembic."""
    with psycopg.connect(database_url) as connection:
        known = connection.execute("select to_regclass('alembic_version') is not null").fetchone()
        if known is None or not known[0]:
            return False
        row = connection.execute("select version_num from alembic_version").fetchone()
    return row is not None and row[0] == newest_revision(service)


def migrate(service: str, database_url: str, revision: str = "head") -> bool:
    """Upgrades one database to a revision. Returns False when it was at the newest already.

    Revisions see the rows of all areas: row-level security binds the owner of the tables too, and
    without an area a statement that moves rows would find none and say nothing.
    """
    if is_current(service, database_url):
        return False
    from alembic.config import Config  # noqa: PLC0415 - 0.8 s that a warm start must not pay
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from sqlalchemy import create_engine, pool, text  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(ROOT / VERSIONS.format(service=service)))
    script = ScriptDirectory(str(ROOT / VERSIONS.format(service=service)))
    engine = create_engine(
        database_url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=pool.NullPool
    )
    with (
        engine.begin() as connection,
        EnvironmentContext(
            config,
            script,
            fn=lambda present, _context: script._upgrade_revs(revision, present),  # noqa: SLF001
        ) as environment,
    ):
        connection.execute(text("select set_config('meguri.area', :all, true)"), {"all": ALL_AREAS})
        environment.configure(connection=connection)
        environment.run_migrations()
    return True


def main() -> None:
    """Migrates the services named on the command line, each by its own database address."""
    import os  # noqa: PLC0415

    for service in sys.argv[1:]:
        url = os.environ.get(f"MEGURI_{service.upper()}_DATABASE_URL") or os.environ.get(
            "MEGURI_DATABASE_URL", ""
        )
        migrate(service, url)


if __name__ == "__main__":
    main()
