"""Notices to registers, and sales a register kept by itself."""

from kit import schema

revision = "0007"
down_revision = "0006"

TABLES = """
create table notice_addresses (
    area text not null,
    address_id uuid not null,
    shop_place_id text not null,
    url text not null,
    types text[] not null,
    generation int not null,
    made_by text not null,
    make_time timestamptz not null default now(),
    remove_time timestamptz,
    primary key (area, address_id)
);
create index notice_addresses_of_shop on notice_addresses (area, shop_place_id);
create table notices (
    area text not null,
    notice_id uuid not null,
    address_id uuid not null,
    payment_id uuid not null,
    type text not null,
    body text not null,
    state text not null default 'waiting',
    tries int not null default 0,
    status int not null default 0,
    fault text not null default '',
    create_time timestamptz not null default now(),
    next_time timestamptz,
    primary key (area, notice_id),
    foreign key (area, address_id) references notice_addresses (area, address_id)
);
create index notices_due on notices (next_time) where state = 'waiting';
create index notices_of_address on notices (area, address_id, create_time desc);
create table register_sales (
    area text not null,
    shop_place_id text not null,
    register text not null,
    journal_number text not null,
    line_sha256 bytea not null,
    payment_id uuid not null,
    sale_time timestamptz not null,
    import_time timestamptz not null default now(),
    primary key (area, shop_place_id, register, journal_number)
);
"""


def upgrade() -> None:
    """Makes the tables."""
    schema.execute(TABLES)
    for table in ("notice_addresses", "notices", "register_sales"):
        schema.execute(schema.secure(table))
