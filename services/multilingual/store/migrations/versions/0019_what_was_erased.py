"""What an erasure was of: photos and videos are erased for a reason too."""

from kit import schema

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Says of each erased file what it was of; of those before, voices alone had a reason."""
    # domain/recording.py: ErasedKind; 0 of photos and videos that were erased before
    schema.execute("alter table erased_media add column kind smallint not null default 0")
    schema.execute("update erased_media set kind = 1 where reason > 0")
