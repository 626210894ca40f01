"""When things were said: a late drop must not reach what belongs to an area made anew."""

from kit import schema

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the times; a dropped area keeps its row without a zone. No time counts as long ago."""
    schema.execute(
        """
        alter table areas
            alter column time_zone drop not null,
            add column said_time timestamptz,
            add column dropped_time timestamptz;
        alter table places add column said_time timestamptz;
        alter table closures add column said_time timestamptz;
        alter table pois add column said_time timestamptz;
        """
    )
