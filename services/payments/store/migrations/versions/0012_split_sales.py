"""Sales paid by several tenders."""

from kit import schema

revision = "0012"
down_revision = "0011"

TABLES = """
create table split_sales (
    area text not null,
    split_sale_id uuid not null,
    shop_place_id text not null,
    total_yen bigint not null check (total_yen > 1),
    items jsonb not null,
    opened_by text not null,
    clerk_id text not null default '',
    business_date date not null,
    create_time timestamptz not null,
    give_back_time timestamptz,
    give_back_by text not null default '',
    give_back_clerk_id text not null default '',
    try_time timestamptz,
    try_count int not null default 0,
    primary key (area, split_sale_id)
);
create index split_sales_to_give_back on split_sales (try_time) where try_time is not null;
alter table payments add column split_sale_id uuid;
alter table payments add foreign key (area, split_sale_id)
    references split_sales (area, split_sale_id);
create index payments_of_split_sale on payments (area, split_sale_id)
    where split_sale_id is not null;
"""


def upgrade() -> None:
    """Makes the table and the column that makes a payment a part."""
    schema.execute(TABLES)
    schema.execute(schema.secure("split_sales"))
