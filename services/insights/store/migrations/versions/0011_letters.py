"""Letters with what was decided about their proposals, and effects."""

from kit import schema

revision = "0011"
down_revision = "0008"

TABLES = ("letters", "letter_decisions", "letter_effects")


def upgrade() -> None:
    """Makes the tables. A letter is written once; decisions are only added to."""
    schema.execute(
        """
        create table letters (
            area text not null,
            number integer not null,
            kind text not null,
            first_date date not null,
            letter text not null,
            digest text not null,
            said_time timestamptz not null,
            primary key (area, number),
            unique (area, kind, first_date)
        );
        create table letter_decisions (
            area text not null,
            letter_number integer not null,
            proposal_key text not null,
            version integer not null,
            step text not null,
            owner text not null,
            on_date date,
            reason text not null,
            signed_as text not null,
            principal text not null,
            said_time timestamptz not null,
            primary key (area, letter_number, proposal_key, version)
        );
        create table letter_effects (
            area text not null,
            letter_number integer not null,
            proposal_key text not null,
            done_date date not null,
            as_of_date date not null,
            effect jsonb not null,
            said_time timestamptz not null,
            primary key (area, letter_number, proposal_key)
        );
        """
    )
    for table in TABLES:
        schema.execute(schema.secure(table))


def downgrade() -> None:
    """Not supported: a released database only moves forward."""
    raise NotImplementedError("migrations only move forward")
