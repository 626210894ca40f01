"""Databases with rows from before a revision: what was booked waits for its close and its seal."""

from collections.abc import Iterator

import psycopg
import pytest

from kit.ids import new_id
from kit.migrate import migrate
from tests import servers

ENTRY = (
    "insert into journal_entries (area, entry_id, kind, payment_id, source_id, shop_place_id,"
    " tender, practice, amount_yen, business_date, create_time)"
    " values (%s, %s, %s, null, %s, 'shop-a', 'cash_record', %s, 500, '2026-11-01', now())"
)

FACT = (
    "insert into facts values ('mine', gen_random_uuid(), 'payments', 'payment_captured', false,"
    " now(), null, '2026-11-01', 9, false, now(), 500, 0, '{}')"
)


@pytest.fixture
def databases(service_databases: servers.ServiceDatabases) -> Iterator[servers.ServiceDatabases]:
    """Databases that are gone after the test."""
    yield service_databases
    service_databases.drop_made()


def book(url: str, *entries: tuple[str, str, bool]) -> list[str]:
    """Books entries (area, kind, practice) as a release did that knew no close; returns ids."""
    ids = [new_id() for _ in entries]
    with psycopg.connect(url) as connection:
        connection.execute("set local meguri.area = '*'")
        # What revision 0004 does: an entry can stand here without a whole payment behind it.
        connection.execute("alter table journal_entries alter column payment_id drop not null")
        for (area, kind, practice), entry_id in zip(entries, ids, strict=True):
            connection.execute(ENTRY, (area, entry_id, kind, new_id(), practice))
    return ids


def rows(url: str, statement: str) -> set[str]:
    """Returns the first column of all areas' rows."""
    with psycopg.connect(url) as connection:
        connection.execute("set local meguri.area = '*'")
        return {str(row[0]) for row in connection.execute(statement.encode())}


def waiting(url: str) -> tuple[set[str], set[str]]:
    """Returns what waits for a close, and for a seal."""
    seals = rows(url, "select row_id from audit_waiting")
    return rows(url, "select entry_id from open_entries"), seals


def test_sales_of_the_release_before_wait_for_close_and_seal(
    databases: servers.ServiceDatabases,
) -> None:
    url = databases.make_at("payments", "0003")
    one, two, practice = book(
        url, ("mine", "capture", False), ("other", "refund", False), ("mine", "capture", True)
    )
    assert migrate("payments", url)
    assert waiting(url) == ({one, two}, {one, two, practice})
    assert not migrate("payments", url)


def test_what_an_earlier_upgrade_forgot_is_caught_up_and_nothing_else(
    databases: servers.ServiceDatabases,
) -> None:
    url = databases.make_at("payments", "0008")
    older, fee = book(url, ("mine", "capture", False), ("mine", "fee", False))
    closed, smuggled = book(url, ("mine", "capture", False), ("mine", "capture", False))
    close_id = new_id()
    with psycopg.connect(url) as connection:
        connection.execute("set local meguri.area = '*'")
        connection.execute(
            "insert into closes values ('mine', %s, 'shop-a', 1, '2026-11-01', '{}', 0, 0, 0, '',"
            " 0, 'owner', now())", (close_id,),
        )  # fmt: skip
        connection.execute("insert into closed_entries values ('mine', %s, %s)", (closed, close_id))
        connection.execute(
            "insert into audit_chain values ('mine', 1, 'entry', %s, '', '')", (closed,)
        )
    assert migrate("payments", url)
    # A sale nobody sealed although the chain had begun: it still shows in a verification.
    assert waiting(url) == ({older, smuggled}, {older, fee})


def test_facts_of_the_release_before_keep_when_they_were_said(
    databases: servers.ServiceDatabases,
) -> None:
    url = databases.make_at("insights", "0001")
    with psycopg.connect(url) as connection:
        connection.execute("set local meguri.area = '*'")
        connection.execute(FACT)
    assert migrate("insights", url)
    assert rows(url, "select said_time = heard_time from facts") == {"True"}
