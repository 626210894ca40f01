"""Texts that visitors are to see from some time on."""

from kit import schema

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Makes the table: one plan of a text at most."""
    schema.execute(
        """
        create table planned_publications (
            area text not null,
            stop_code text not null,
            locale text not null,
            revision bigint not null,
            replaced_revision bigint not null,
            planner text not null,
            -- The planner was a reviewer, and why nobody else reads it.
            reviews boolean not null,
            reason text not null,
            due_time timestamptz not null,
            create_time timestamptz not null,
            -- Why it was not shown when its time came.
            problem text not null default '',
            primary key (area, stop_code, locale)
        );
        create index planned_publications_due on planned_publications (due_time)
            where problem = '';
        """
    )
    schema.execute(schema.secure("planned_publications"))
