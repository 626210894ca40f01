"""Tickets paid in parts: what a split sale will issue, and whose ticket it is."""

from kit import schema

revision = "0015"
down_revision = "0014"

TABLES = """
alter table split_sales add column tickets jsonb;
alter table tickets add column split_sale_id uuid;
alter table tickets add foreign key (area, split_sale_id)
    references split_sales (area, split_sale_id);
alter table tickets add check (payment_id is null or split_sale_id is null);
create unique index tickets_of_split_sale on tickets (area, split_sale_id)
    where split_sale_id is not null;
"""


def upgrade() -> None:
    """Makes the columns; the index is what lets no second ticket into a sale."""
    schema.execute(TABLES)
