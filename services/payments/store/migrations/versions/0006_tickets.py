"""Admission tickets: price classes, signing keys, tickets, printed batches, admissions."""

from kit import schema

revision = "0006"
down_revision = "0005"

TABLES = """
create table price_classes (
    area text not null,
    class_id text not null,
    number smallint not null check (number between 1 and 255),
    settings jsonb not null,
    version bigint not null,
    primary key (area, class_id),
    unique (area, number)
);
create table ticket_keys (
    area text not null,
    generation int not null,
    key_id bytea not null,
    public_key bytea not null,
    create_time timestamptz not null,
    revoke_time timestamptz,
    primary key (area, generation),
    unique (area, key_id)
);
create table ticket_batches (
    area text not null,
    batch_id uuid not null,
    gate_place_id text not null,
    class_id text not null,
    first_day date not null,
    last_day date not null,
    ticket_count int not null check (ticket_count > 0),
    printed_by text not null,
    create_time timestamptz not null,
    primary key (area, batch_id)
);
create table tickets (
    area text not null,
    ticket_id uuid not null,
    code text not null,
    kind text not null,
    payment_id uuid,
    site_place_id text not null,
    gate_place_id text not null,
    lines jsonb not null,
    persons int not null check (persons > 0),
    amount_yen bigint not null check (amount_yen >= 0),
    first_day date not null,
    last_day date not null,
    practice boolean not null,
    voucher text not null,
    batch_id uuid,
    batch_number int not null,
    withdrawn boolean not null,
    withdraw_reason text not null default '',
    create_time timestamptz not null,
    primary key (area, ticket_id),
    unique (area, code),
    foreign key (area, payment_id) references payments (area, payment_id),
    foreign key (area, batch_id) references ticket_batches (area, batch_id)
);
create unique index tickets_of_payment on tickets (area, payment_id) where payment_id is not null;
create unique index tickets_of_batch on tickets (area, batch_id, batch_number)
    where batch_id is not null;
create index tickets_of_gate on tickets (area, gate_place_id, last_day, ticket_id);
create table admissions (
    area text not null,
    scan_id uuid not null,
    ticket_id uuid not null,
    gate_place_id text not null,
    admitted_by text not null,
    scan_time timestamptz not null,
    receive_time timestamptz not null,
    persons int not null,
    origin text not null,
    offline boolean not null,
    first boolean not null,
    problem text not null,
    settle_time timestamptz,
    tell_time timestamptz,
    primary key (area, scan_id)
);
create unique index one_first_admission on admissions (area, ticket_id) where first;
create index admissions_to_tell on admissions (tell_time) where tell_time is not null;
create index admissions_to_settle on admissions (area, receive_time)
    where problem <> '' and settle_time is null;
"""

OWN_TABLES = ("price_classes", "ticket_keys", "ticket_batches", "tickets", "admissions")


def upgrade() -> None:
    """Makes the tables."""
    schema.execute(TABLES)
    for table in OWN_TABLES:
        schema.execute(schema.secure(table))
