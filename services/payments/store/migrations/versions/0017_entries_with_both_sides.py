"""An entry is one row that names both of its accounts; indexes nobody asks are gone.

The postings of before become columns of their entries, and `postings` a view that tells them in the
same words: the seals of the audit chain fit as they did. Every entry ever made has two postings
that sum to zero; one that has not was tampered with, and then nothing is changed.
"""

from kit import schema

revision = "0017"
down_revision = "0015"

# into_yen has a sign: a fee that a provider gives back leaves the account it is entered into.
COLUMNS = """
alter table journal_entries
    add column into_account text,
    add column out_of_account text,
    add column into_yen bigint;
"""
SIDES = """
alter table journal_entries disable trigger journal_entries_stay;
update journal_entries e
    set into_account = l.into_account, out_of_account = l.out_of_account, into_yen = l.into_yen
    from (select area, entry_id, max(account) filter (where line = 0) as into_account,
            max(account) filter (where line = 1) as out_of_account,
            max(amount_yen) filter (where line = 0) as into_yen
        from postings p group by area, entry_id
        having count(*) = 2 and sum(amount_yen) = 0
            and bool_and(practice = (select practice from journal_entries j
                where j.area = p.area and j.entry_id = p.entry_id))) l
    where e.area = l.area and e.entry_id = l.entry_id;
alter table journal_entries enable trigger journal_entries_stay;
do $$
begin
    if exists (select 1 from journal_entries where into_yen is null) then
        raise exception 'an entry of the journal does not have two postings that sum to zero:'
            ' see ./meguri payments prove with the release that made it';
    end if;
end $$;
alter table journal_entries
    alter column into_account set not null,
    alter column out_of_account set not null,
    alter column into_yen set not null,
    add constraint journal_entries_both_sides check (abs(into_yen) = amount_yen);
"""
# Of the invoker: row-level security is that of the entries.
POSTINGS = """
drop table postings;
create view postings with (security_invoker = true) as
    select area, entry_id, 0::smallint as line, practice, into_account as account,
        into_yen as amount_yen from journal_entries
    union all
    select area, entry_id, 1::smallint, practice, out_of_account, -into_yen from journal_entries;
"""
# Request ids of money are never forgotten, so nobody looks for old ones; an area is dropped once in
# its life and may read the whole outbox then.
UNUSED = """
drop index requests_by_time;
drop index outbox_of_area;
"""


def upgrade() -> None:
    """Moves the postings into their entries."""
    schema.execute("set local meguri.area = '*'")
    for statements in (COLUMNS, SIDES, POSTINGS, UNUSED):
        schema.execute(statements)
