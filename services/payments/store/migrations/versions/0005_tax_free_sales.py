"""Tax-free sales, whose tax goes back after customs saw the goods."""

from kit import schema

revision = "0005"
down_revision = "0004"

# Nothing of the person who bought: the tax authority's system holds that, under purchase_record_id.
TABLE = """
create table tax_free_sales (
    area text not null,
    tax_free_sale_id uuid not null,
    payment_id uuid not null,
    shop_place_id text not null,
    purchase_record_id text not null,
    sale_date date not null,
    confirm_until date not null,
    tax_yen bigint not null check (tax_yen > 0),
    recorded_by text not null,
    create_time timestamptz not null,
    serials jsonb not null,
    state text not null,
    confirm_date date,
    refund_id uuid,
    primary key (area, tax_free_sale_id),
    unique (area, payment_id),
    unique (area, purchase_record_id),
    foreign key (area, payment_id) references payments (area, payment_id),
    foreign key (area, refund_id) references refunds (area, refund_id)
);
create index tax_free_sales_of_shop on tax_free_sales (area, shop_place_id, tax_free_sale_id desc);
"""


def upgrade() -> None:
    """Makes the table."""
    schema.execute(TABLE)
    schema.execute(schema.secure("tax_free_sales"))
