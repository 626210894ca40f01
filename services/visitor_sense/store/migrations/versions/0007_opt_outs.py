"""Addresses whose owners do not want to be counted, sealed (decision 0053)."""

from kit import schema

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Makes the list. sealed: nonce, ciphertext and tag of six bytes; the secret is elsewhere."""
    schema.execute(
        """
        create table opt_outs (
            area text not null,
            entry_id text not null,
            sealed bytea not null,
            add_time timestamptz not null,
            primary key (area, entry_id)
        );
        """
        + schema.secure("opt_outs")
    )
