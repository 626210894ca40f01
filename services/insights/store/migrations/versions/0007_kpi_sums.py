"""The KPI book reads ten years at once: its sums lie apart from what days are split by."""

from kit import schema

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Makes the indexes: days have hundreds of rows, of which a book reads about ten."""
    schema.execute(
        """
        create index day_rollups_undivided on day_rollups (area, kind, occur_date)
            include (count, amount_yen, persons) where dimension = '' and not practice;
        create index day_rollups_origins on day_rollups (area, occur_date)
            where kind = 'ticket_admitted' and dimension in ('', 'origin') and not practice;
        """
    )


def downgrade() -> None:
    """Not supported: a released database only moves forward."""
    raise NotImplementedError("migrations only move forward")
