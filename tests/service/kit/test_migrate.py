"""A new database and one that was upgraded step by step are the same database."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from infra.local.table import SERVICES
from kit import migrate as migrations
from kit.migrate import RevisionUnclear, migrate, newest_revision
from tests.servers import ServiceDatabases

# Everything a schema is made of, as PostgreSQL itself tells it.
SCHEMA = """
select 'column', attrelid::regclass::text,
    concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
        pg_get_expr(adbin, adrelid))
    from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
    join pg_class on pg_class.oid = attrelid
    where relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped
union all select 'index', indrelid::regclass::text, pg_get_indexdef(indexrelid)
    from pg_index join pg_class on pg_class.oid = indrelid
    where relnamespace = 'public'::regnamespace
union all select 'constraint', conrelid::regclass::text,
    concat_ws(' ', conname, pg_get_constraintdef(oid))
    from pg_constraint where connamespace = 'public'::regnamespace
union all select 'policy', polrelid::regclass::text,
    concat_ws(' ', polname, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
    from pg_policy
union all select 'secured', oid::regclass::text,
    concat_ws(' ', relrowsecurity, relforcerowsecurity)
    from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
union all select 'trigger', tgrelid::regclass::text, pg_get_triggerdef(oid)
    from pg_trigger where not tgisinternal
union all select 'function', proname::text, pg_get_functiondef(oid)
    from pg_proc where pronamespace = 'public'::regnamespace
union all select 'revision', version_num::text, '' from alembic_version
"""


def schema_of(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return sorted(connection.execute(SCHEMA).fetchall(), key=repr)


@pytest.mark.parametrize("service", SERVICES)
def test_both_ways_give_one_schema(service_databases: ServiceDatabases, service: str) -> None:
    try:
        new = schema_of(service_databases.make(service))
        upgraded = service_databases.make_at(service, "0001")
        assert migrate(service, upgraded) is (newest_revision(service) != "0001")
        assert schema_of(upgraded) == new
        assert ("revision", newest_revision(service), "") in new
        assert not migrate(service, upgraded)
    finally:
        service_databases.drop_made()


def test_two_at_once_are_one_after_the_other(service_databases: ServiceDatabases) -> None:
    """On a new database, and on one of an earlier release."""
    try:
        upgraded = service_databases.make_at("payments", "0008")
        new = service_databases.make_bare("payments")
        for url in (new, upgraded):
            with ThreadPoolExecutor(3) as threads:
                done = list(threads.map(lambda _, url=url: migrate("payments", url), range(3)))
            assert sorted(done) == [False, False, True]
        assert schema_of(new) == schema_of(upgraded)
    finally:
        service_databases.drop_made()


def test_a_broken_chain_makes_nothing(
    service_databases: ServiceDatabases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "versions").mkdir()
    text = "from kit import schema\nrevision, down_revision = {!r}, {!r}\n"
    act = "def upgrade():\n    schema.execute('create table made_{} (n int)')\n"
    for revision, down in (("0001", None), ("0003", "0002")):
        path = tmp_path / "versions" / f"{revision}_what.py"
        path.write_text(text.format(revision, down) + act.format(revision))
    url = service_databases.make_bare("directory")
    try:
        monkeypatch.setattr(migrations, "VERSIONS", str(tmp_path))
        with pytest.raises(LookupError, match=r"0003_what\.py does not follow revision 0001"):
            migrate("directory", url)
        with psycopg.connect(url) as connection:
            assert connection.execute("select to_regclass('made_0001')").fetchone() == (None,)
    finally:
        service_databases.drop_made()


def test_an_unknown_revision_makes_nothing(service_databases: ServiceDatabases) -> None:
    with pytest.raises(LookupError, match="directory has no revision 9999"):
        service_databases.make_at("directory", "9999")
    service_databases.drop_made()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("delete from alembic_version", "0 rows.*restore it from a backup, or name the revision"),
        ("drop table alembic_version", "0 rows.*restore it from a backup, or name the revision"),
        ("insert into alembic_version values ('0001')", "2 rows"),
        ("update alembic_version set version_num = '9999'", "9999, which this release does not"),
    ],
)
def test_tables_of_an_unclear_revision_are_left_alone(
    service_databases: ServiceDatabases, damage: str, told: str
) -> None:
    url = service_databases.make("payments")
    try:
        with psycopg.connect(url) as connection:
            connection.execute(damage.encode())
            connection.execute("create table if not exists alembic_version (version_num text)")
        before = schema_of(url)
        with pytest.raises(RevisionUnclear, match=told):
            migrate("payments", url)
        assert schema_of(url) == before
    finally:
        service_databases.drop_made()
