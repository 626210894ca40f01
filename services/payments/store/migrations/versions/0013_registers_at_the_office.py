"""How an address for notices fares; which files of registers were taken, and what was undone."""

from kit import schema

revision = "0013"
down_revision = "0012"

TABLES = """
alter table notice_addresses add column turn_time timestamptz;
alter table notice_addresses add column old_until timestamptz;
alter table notice_addresses add column deliver_time timestamptz;
alter table notice_addresses add column failing_since timestamptz;
alter table notice_addresses add column off_time timestamptz;
alter table notice_addresses add column off_reason text not null default '';
alter table notices alter column payment_id drop not null;
alter table notices add column try_time timestamptz;
create table register_imports (
    area text not null,
    import_id uuid not null,
    shop_place_id text not null,
    register text not null,
    file_name text not null,
    mapping text not null,
    read_count int not null,
    loaded_count int not null,
    known_count int not null,
    skipped_count int not null,
    rejected_count int not null,
    sold_yen bigint not null,
    returned_yen bigint not null,
    made_by text not null,
    make_time timestamptz not null,
    undone_by text not null default '',
    undo_time timestamptz,
    undone_count int not null default 0,
    primary key (area, import_id)
);
create index register_imports_of_shop on register_imports (area, shop_place_id, make_time desc);
alter table register_sales add column import_id uuid;
create index register_sales_of_import on register_sales (area, import_id);
"""


def upgrade() -> None:
    """Adds the columns and the table."""
    schema.execute(TABLES)
    schema.execute(schema.secure("register_imports"))
