"""Photos that wait for a second look, who looked, and names of bytes that were erased for good."""

from kit import schema

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Widens photos and makes the table of erased bytes."""
    schema.execute(
        """
        alter table photos
            -- visitors do not see it yet: somebody else has to look at it
            add column waiting boolean not null default false,
            -- who wrote its words last
            add column writer text not null default '',
            -- how it was looked at before visitors saw it, by whom, and why by nobody else
            add column reading smallint not null default 1,
            add column looker text not null default '',
            add column reason text not null default '';
        update photos set writer = author;
        create table erased_media (
            area text not null,
            sha256 text not null,
            eraser text not null,
            erase_time timestamptz not null,
            change_number bigint not null,
            primary key (area, sha256)
        );
        """
    )
    schema.execute(schema.secure("erased_media"))
