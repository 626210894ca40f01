"""Events that NATS refuses step aside, so that later ones need not wait behind them."""

from kit import schema

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Adds how often an event was refused, and when it is tried again."""
    schema.execute(schema.put_off_events())
