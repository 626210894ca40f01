"""Which kept days belong together."""

from kit import schema

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Adds the column; days that were kept before are days by themselves."""
    schema.execute(
        """
        alter table itineraries add column sojourn_id uuid;
        create index itineraries_by_sojourn on itineraries (area, sojourn_id)
            where sojourn_id is not null;
        """
    )
