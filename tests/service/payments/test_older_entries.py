"""Databases with rows from before a revision: what was booked waits for its close and its seal."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import dict_row

from kit.ids import new_id
from kit.migrate import migrate
from services.payments.domain.audit import canonical_row
from services.payments.store import audit
from tests import servers

ENTRY = (
    "insert into journal_entries (area, entry_id, kind, payment_id, source_id, shop_place_id,"
    " tender, practice, amount_yen, business_date, create_time)"
    " values (%s, %s, %s, null, %s, 'shop-a', 'cash_record', %s, 500, '2026-11-01', now())"
)
POSTINGS = (
    "insert into postings (area, entry_id, line, practice, account, amount_yen)"
    " select area, entry_id, line, practice, account, amount_yen * (1 - 2 * line)"
    " from journal_entries, (values (0, 'cash_record/shop-a'), (1, 'own_takings/shop-a'))"
    " as sides(line, account) where entry_id = %s"
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
            connection.execute(POSTINGS, (entry_id,))
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


def seals(url: str) -> set[bytes]:
    """Returns what the audit chain seals of every entry, however its postings are kept."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        connection.execute("set local meguri.area = '*'")
        return {
            canonical_row({"what": "entry", **row})
            for row in connection.execute(
                "select e.entry_id::text as row_id, e.kind, e.payment_id::text as payment_id,"
                " e.source_id::text as source_id, e.shop_place_id, e.tender, e.practice,"
                " e.amount_yen, e.business_date, e.create_time, e.area,"
                " (select json_agg(json_build_array(l.line, l.account, l.amount_yen, l.practice)"
                "   order by l.line) from postings l"
                "   where l.area = e.area and l.entry_id = e.entry_id) as postings"
                " from journal_entries e"
            )
        }


def seals_now(url: str) -> set[bytes]:
    """Returns what the chain of today seals of every entry."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        connection.execute("set local meguri.area = '*'")
        ids = connection.execute("select area, entry_id from journal_entries").fetchall()
        return {
            audit._spelled("entry", row)
            for each in ids
            for row in connection.execute(
                audit._ENTRIES.encode(), (each["area"], [each["entry_id"]])
            )
        }


def test_postings_move_into_their_entries_and_every_seal_still_fits(
    databases: servers.ServiceDatabases,
) -> None:
    url = databases.make_at("payments", "0015")
    book(url, ("mine", "capture", False), ("other", "void", True), ("mine", "fee", False))
    with psycopg.connect(url) as connection:  # a fee that was given back
        connection.execute("set local meguri.area = '*'")
        connection.execute("alter table postings disable trigger postings_stay")
        connection.execute(
            "update postings set amount_yen = -amount_yen where entry_id ="
            " (select entry_id from journal_entries where kind = 'fee')"
        )
        connection.execute("alter table postings enable trigger postings_stay")
    before = seals(url)
    assert migrate("payments", url)
    assert len(before) == 3
    assert seals(url) == before
    assert seals_now(url) == before
    assert rows(url, "select into_yen from journal_entries where kind = 'fee'") == {"-500"}
    with pytest.raises(psycopg.errors.RaiseException, match="never edited"):
        rows(url, "delete from journal_entries returning 1")


@pytest.mark.parametrize(
    "breakage",
    [
        "delete from postings where line = 1",
        "update postings set amount_yen = 499 where line = 0",
        "update postings set practice = true where line = 0",
        "insert into postings select area, entry_id, 2, practice, 'fees/x', 1 from journal_entries",
    ],
)
def test_a_journal_that_was_tampered_with_is_not_moved(
    databases: servers.ServiceDatabases, breakage: str
) -> None:
    url = databases.make_at("payments", "0015")
    book(url, ("mine", "capture", False))
    with psycopg.connect(url) as connection:
        connection.execute("set local meguri.area = '*'")
        connection.execute("alter table postings disable trigger postings_stay")
        connection.execute(breakage.encode())
    before = rows(url, "select count(*) from postings")
    with pytest.raises(psycopg.errors.RaiseException, match="does not have two postings"):
        migrate("payments", url)
    assert rows(url, "select count(*) from postings") == before
    assert rows(url, "select version_num from alembic_version") == {"0015"}


OLDER_FINDING = (
    "insert into findings (area, finding_id, reconciliation_id, kind, shop_place_id, tender,"
    " is_refund, row_number, line_number, expected_yen, found_yen, settled_by, note, settle_time)"
    " values ('mine', gen_random_uuid(), %s, 'duplicate', 'shop-a', 'card', false, 2, '1', 0, 500,"
    " %s, %s, %s)"
)


def test_how_a_finding_ended_is_read_out_of_its_note_once(
    databases: servers.ServiceDatabases,
) -> None:
    url = databases.make_at("payments", "0019")
    file_id, then = new_id(), "2026-11-01T00:00:00Z"
    with psycopg.connect(url) as connection:
        connection.execute("set local meguri.area = '*'")
        connection.execute(
            "insert into reconciliations (area, reconciliation_id, file_sha256, file_name,"
            " mapping_name, gateway, line_count, matched_count, skipped_count, rejected, fee_yen,"
            " payout_yen, reconciled_by, reconcile_time) values ('mine', %s, '', 'b.csv', 'x',"
            " 'other_device', 1, 0, 0, '[]', 0, 0, 'owner', now())",
            (file_id,),
        )
        for by, note, when in (
            ("reconciliation", "matched by an earlier file: a: 1.csv", then),
            ("reconciliation", "found in a later file", then),
            ("reconciliation", "corrected in a later file", then),
            ("owner-a", "matched by an earlier file: says I", then),
            ("", "", None),
        ):
            connection.execute(OLDER_FINDING, (file_id, by, note, when))
    assert migrate("payments", url)
    assert rows(url, "select ended || '|' || earlier_file from findings") == {
        "matched_before|a: 1.csv", "found_later|", "corrected_later|", "person|", "|",
    }  # fmt: skip
