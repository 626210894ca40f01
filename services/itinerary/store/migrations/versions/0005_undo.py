"""A kept day as it was before its latest change, so that the change can be taken back."""

from kit import schema

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Adds the column; days that were changed before cannot be taken back."""
    schema.execute("alter table itineraries add column earlier_body jsonb")
