"""A finding says how many more it may be about; a file, how many of its rows could not be read,
also beyond the two hundred whose reasons are kept.
"""

from kit import schema

revision = "0019"
down_revision = "0018"

COLUMNS = """
alter table findings add column alike_count bigint not null default 0;
alter table reconciliations add column rejected_count bigint not null default 0;
update reconciliations set rejected_count = jsonb_array_length(rejected);
"""


def upgrade() -> None:
    """Adds the columns."""
    schema.execute("set local meguri.area = '*'")
    schema.execute(COLUMNS)
