"""Letters with what was decided about their proposals, effects, and mails."""

from kit import schema

revision = "0011"
down_revision = "0010"

TABLES = ("letters", "letter_decisions", "letter_effects", "letter_mail", "letter_mails")


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
        create table letter_mail (
            area text primary key,
            settings jsonb not null,
            version bigint not null,
            said_time timestamptz not null
        );
        create table letter_mails (
            area text not null,
            mail_id uuid not null,
            recipient text not null,
            letter_number integer not null,
            state text not null,
            attempts integer not null,
            next_time timestamptz not null,
            error text not null,
            said_time timestamptz not null,
            primary key (area, mail_id)
        );
        create unique index letter_mails_once on letter_mails (area, letter_number, recipient)
            where letter_number > 0;
        create index letter_mails_due on letter_mails (next_time)
            where state in ('waiting', 'sending');
        """
    )
    for table in TABLES:
        schema.execute(schema.secure(table))


def downgrade() -> None:
    """Not supported: a released database only moves forward."""
    raise NotImplementedError("migrations only move forward")
