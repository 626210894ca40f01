"""Customer displays that follow a till."""

from kit import schema

revision = "0011"
down_revision = "0010"

# Of a code only a keyed hash, and that only until it was used; of a display's secret nothing.
TABLE = """
create table displays (
    area text not null,
    display_id uuid not null,
    shop_place_id text not null,
    counter_id text not null,
    code_hash bytea,
    code_expire_time timestamptz not null,
    made_by text not null,
    make_time timestamptz not null default now(),
    pair_time timestamptz,
    remove_time timestamptz,
    primary key (area, display_id)
);
create index displays_of_shop on displays (area, shop_place_id) where remove_time is null;
create index displays_waiting on displays (area, code_hash) where pair_time is null;
"""


def upgrade() -> None:
    """Makes the table."""
    schema.execute(TABLE)
    schema.execute(schema.secure("displays"))
