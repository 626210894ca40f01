"""Help requests, the steps taken with them, the desk that answers, its templates."""

from kit import schema

revision = "0012"
down_revision = "0011"

TABLES = ("help_requests", "help_steps", "help_desks", "help_templates")


def upgrade() -> None:
    """Makes the tables."""
    schema.execute(
        """
        create table help_requests (
            area text not null,
            help_id uuid not null,
            -- Of the secret the visitor's phone made; the secret itself is nowhere.
            secret_sha256 bytea not null,
            topic smallint not null,
            text text not null,
            contact text not null,
            stop_code text not null,
            receipt_number text not null,
            locale text not null,
            write_time timestamptz not null,
            arrive_time timestamptz not null,
            state smallint not null,
            owner text not null,
            due_time timestamptz not null,
            version bigint not null,
            answer_time timestamptz,
            close_time timestamptz,
            primary key (area, help_id)
        );
        create unique index help_requests_by_secret on help_requests (area, secret_sha256);
        create index help_requests_open on help_requests (area, state, due_time);
        create index help_requests_closed on help_requests (area, close_time)
            where close_time is not null;
        create table help_steps (
            area text not null,
            help_id uuid not null,
            number bigint not null,
            act smallint not null,
            author text not null,
            step_time timestamptz not null,
            text text not null,
            locale text not null,
            machine_draft boolean not null,
            owner text not null,
            due_time timestamptz,
            primary key (area, help_id, number),
            foreign key (area, help_id) references help_requests on delete cascade
        );
        create table help_desks (
            area text not null,
            weekdays smallint[] not null,
            from_minute integer not null,
            until_minute integer not null,
            answer_days integer not null,
            keep_days integer not null,
            version bigint not null,
            author text not null,
            change_time timestamptz not null,
            primary key (area)
        );
        create table help_templates (
            area text not null,
            template_id text not null,
            texts jsonb not null,
            drafts text[] not null,
            version bigint not null,
            author text not null,
            change_time timestamptz not null,
            primary key (area, template_id)
        );
        """
    )
    for table in TABLES:
        schema.execute(schema.secure(table))
