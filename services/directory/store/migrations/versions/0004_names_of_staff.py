"""Which names of places people of the staff gave: loading a file anew does not undo them."""

from kit import schema

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds when staff named a place last, and in which languages."""
    schema.execute(
        """
        create table staff_names (
            area text not null,
            place_id text not null,
            name_time timestamptz not null,
            locales text[] not null,
            kana boolean not null,
            primary key (area, place_id),
            foreign key (area, place_id) references places on delete cascade
        );
        """
    )
    schema.execute(schema.secure("staff_names"))
