"""Attempts to sign in as keyed hashes; login names tried are kept no longer.

sign_in_attempts stays, empty, for a process of the release before; the next release drops it.
"""

from kit import schema

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the new table and empties the old one."""
    schema.execute(
        """
        create table sign_in_tries (
            area text not null references areas on delete cascade,
            key bytea not null,
            try_time timestamptz not null
        );
        create index tries_of_key on sign_in_tries (area, key, try_time);
        create index tries_by_time on sign_in_tries (area, try_time);
        truncate sign_in_attempts;
        """
    )
    schema.execute(schema.secure("sign_in_tries"))
