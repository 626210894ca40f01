"""Shops, payments, refunds and the ledger."""

from kit import schema

revision = "0001"
down_revision = None

TABLES = """
create table areas (
    area text primary key,
    time_zone text not null
);
create table revoked_devices (
    area text not null,
    device_id text not null,
    primary key (area, device_id)
);
create table shops (
    area text not null,
    shop_place_id text not null,
    settings jsonb not null,
    version bigint not null,
    primary key (area, shop_place_id)
);
create table payments (
    area text not null,
    payment_id uuid not null,
    shop_place_id text not null,
    owner text not null,
    tender text not null,
    gateway text not null,
    custody text not null,
    practice boolean not null,
    channel text not null,
    taken_by text not null,
    amount_yen bigint not null check (amount_yen > 0),
    capture_at_once boolean not null,
    items jsonb not null,
    business_date date not null,
    create_time timestamptz not null,
    update_time timestamptz not null,
    state text not null,
    authorized_yen bigint not null,
    captured_yen bigint not null,
    captured_date date,
    refunded_yen bigint not null,
    reserved_yen bigint not null,
    decline_reason text not null,
    unconfirmed boolean not null,
    authorized_until timestamptz,
    pending_step text,
    pending_key uuid,
    pending_amount_yen bigint,
    pending_came_from text,
    pending_date date,
    ask_time timestamptz,
    asked_count int not null default 0,
    version bigint not null,
    primary key (area, payment_id),
    check (0 <= captured_yen and captured_yen <= authorized_yen and authorized_yen <= amount_yen),
    check (0 <= refunded_yen and 0 <= reserved_yen
           and refunded_yen + reserved_yen <= captured_yen)
);
create index payments_of_shop on payments (area, shop_place_id, payment_id desc);
create index payments_of_day on payments (area, business_date, payment_id desc);
create index payments_to_ask on payments (ask_time) where pending_step is not null;
create index payments_to_expire on payments (authorized_until) where authorized_until is not null;
create table refunds (
    area text not null,
    refund_id uuid not null,
    payment_id uuid not null,
    amount_yen bigint not null check (amount_yen > 0),
    channel text not null,
    reason text not null,
    refunded_by text not null,
    business_date date not null,
    create_time timestamptz not null,
    state text not null,
    decline_reason text not null,
    ask_time timestamptz,
    asked_count int not null default 0,
    primary key (area, refund_id),
    foreign key (area, payment_id) references payments (area, payment_id)
);
create index refunds_of_payment on refunds (area, payment_id, refund_id);
create index refunds_to_ask on refunds (ask_time) where state in ('created', 'unknown');
create table accounts (
    area text not null,
    practice boolean not null,
    account text not null,
    balance_yen bigint not null,
    primary key (area, practice, account)
) with (fillfactor = 50);
create table journal_entries (
    area text not null,
    entry_id uuid not null,
    kind text not null,
    payment_id uuid not null,
    source_id uuid not null,
    shop_place_id text not null,
    tender text not null,
    practice boolean not null,
    amount_yen bigint not null check (amount_yen > 0),
    business_date date not null,
    create_time timestamptz not null,
    primary key (area, entry_id),
    unique (area, source_id, kind),
    foreign key (area, payment_id) references payments (area, payment_id)
);
create index journal_entries_of_day on journal_entries (area, business_date, shop_place_id);
create index journal_entries_of_payment on journal_entries (area, payment_id);
create table postings (
    area text not null,
    entry_id uuid not null,
    line smallint not null,
    practice boolean not null,
    account text not null,
    amount_yen bigint not null check (amount_yen <> 0),
    primary key (area, entry_id, line),
    foreign key (area, entry_id) references journal_entries (area, entry_id)
);
create index postings_of_account on postings (area, practice, account);
"""

# Entries and postings are never edited, not even by a mistake of ours. Dropping a demonstration
# area is the one exception and says so in its own transaction.
NEVER_EDITED = """
create function refuse_edit() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and current_setting('meguri.dropping_area', true) = old.area then
        return old;
    end if;
    raise exception 'the journal is never edited';
end $$;
create trigger journal_entries_stay before update or delete on journal_entries
    for each row execute function refuse_edit();
create trigger postings_stay before update or delete on postings
    for each row execute function refuse_edit();
"""

OWN_TABLES = (
    "areas", "revoked_devices", "shops", "payments", "refunds", "accounts", "journal_entries",
    "postings",
)  # fmt: skip


def upgrade() -> None:
    """Makes all tables."""
    schema.execute(schema.kit_tables())
    schema.execute(TABLES)
    schema.execute(NEVER_EDITED)
    for table in OWN_TABLES:
        schema.execute(schema.secure(table))
