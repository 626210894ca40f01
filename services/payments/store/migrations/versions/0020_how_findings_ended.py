"""A finding says how it came off the work list, and which earlier file had matched its line. Until
now only its note said so, in a sentence that pages took apart.
"""

from kit import schema

revision = "0020"
down_revision = "0019"

COLUMNS = """
alter table findings add column ended text not null default '',
    add column earlier_file text not null default '';
update findings set ended = case
        when settled_by <> 'reconciliation' then 'person'
        when note like 'matched by an earlier file: %' then 'matched_before'
        when note = 'corrected in a later file' then 'corrected_later'
        else 'found_later' end,
    earlier_file = case when settled_by = 'reconciliation'
        and note like 'matched by an earlier file: %'
        then substr(note, length('matched by an earlier file: ') + 1) else '' end
    where settle_time is not null;
"""


def upgrade() -> None:
    """Adds the columns and fills them from the notes."""
    schema.execute("set local meguri.area = '*'")
    schema.execute(COLUMNS)
