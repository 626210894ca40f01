"""What the closes of a shop hold of each date, as payments says it with every close."""

from kit import schema

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Makes the table; closes heard before it say nothing of dates and are not in it."""
    schema.execute(
        """
        create table shop_closes (
            area text not null,
            shop_place_id text not null,
            business_date date not null,
            tender text not null,
            captured_yen bigint not null,
            voided_yen bigint not null,
            refunded_yen bigint not null,
            number bigint not null,
            close_time timestamptz not null,
            said_time timestamptz not null,
            primary key (area, business_date, shop_place_id, tender)
        );
        """
    )
    schema.execute(schema.secure("shop_closes"))


def downgrade() -> None:
    """Not supported: a released database only moves forward."""
    raise NotImplementedError("migrations only move forward")
