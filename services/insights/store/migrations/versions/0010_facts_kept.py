"""Single facts are kept for some months, what they add up to for good."""

from kit import schema

revision = "0010"
down_revision = "0009"

TABLES = ("keeping", "told_months", "late_counts")


def upgrade() -> None:
    """Makes room for what stays of facts that are gone.

    areas.sealed: kind -> first date of which single facts are still there; sums of earlier dates
    are final but for late events. keeping: what an area chose. told_months: what people's answers
    of a month told. late_counts: how many facts that are gone had come late.
    """
    schema.execute(
        """
        alter table areas add column sealed jsonb not null default '{}';
        create table keeping (
            area text primary key,
            settings jsonb not null,
            version bigint not null,
            said_time timestamptz not null
        );
        create table told_months (
            area text not null,
            month date not null,
            told jsonb not null,
            primary key (area, month)
        );
        create table late_counts (
            area text not null,
            occur_date date not null,
            count bigint not null,
            primary key (area, occur_date)
        );
        """
    )
    for table in TABLES:
        schema.execute(schema.secure(table))


def downgrade() -> None:
    """Not supported: a released database only moves forward."""
    raise NotImplementedError("migrations only move forward")
