"""What shops let be told of their own takings, and their sales by day where they lie apart."""

from kit import schema

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Makes the table, which is only added to: of a shop the highest number holds. The index serves
    books of ten years; it has no sums in it, so that a sale changes none of its entries."""
    schema.execute(
        """
        create table shop_consents (
            area text not null,
            shop_place_id text not null,
            number bigint not null,
            consents boolean not null,
            principal text not null,
            signed_as text not null,
            said_time timestamptz not null,
            primary key (area, shop_place_id, number)
        );
        create index day_rollups_shops on day_rollups (area, occur_date)
            where dimension = 'shop' and not practice;
        """
    )
    schema.execute(schema.secure("shop_consents"))


def downgrade() -> None:
    """Not supported: a released database only moves forward."""
    raise NotImplementedError("migrations only move forward")
