"""Why voices were erased; answers kept for repeats hold no words of whoever spoke."""

from kit import schema

revision = "0018"
down_revision = "0017"

# Of a recording that was put in, a repeat is told by its id.
ANSWERS = """
    update requests set answer = jsonb_build_object(
        'recording_id', answer->'recording'->>'recording_id',
        'change_number', answer->'change_number'
    ) where answer ? 'recording'
"""


def upgrade() -> None:
    """Widens what is kept of an erasure; takes words out of old answers."""
    # domain/recording.py: ErasureReason; 0 of photos and videos
    schema.execute("alter table erased_media add column reason smallint not null default 0")
    schema.execute(ANSWERS)
