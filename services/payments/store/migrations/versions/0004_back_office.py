"""The back office: closes, reconciliation, the audit chain, products and clerks."""

from kit import schema

revision = "0004"
down_revision = "0003"

# Fees, payouts and cash differences belong to no payment.
OFFICE_ENTRIES = "alter table journal_entries alter column payment_id drop not null;"

CLOSES = """
create table open_entries (
    area text not null,
    shop_place_id text not null,
    business_date date not null,
    entry_id uuid not null,
    primary key (area, shop_place_id, business_date, entry_id)
);
create table closes (
    area text not null,
    close_id uuid not null,
    shop_place_id text not null,
    number bigint not null,
    business_date date not null,
    figures jsonb not null,
    float_yen bigint not null,
    counted_yen bigint not null,
    expected_yen bigint not null,
    reason text not null,
    unresolved_count bigint not null,
    closed_by text not null,
    close_time timestamptz not null,
    primary key (area, close_id),
    unique (area, shop_place_id, number)
);
create table closed_entries (
    area text not null,
    entry_id uuid not null,
    close_id uuid not null,
    primary key (area, entry_id),
    foreign key (area, close_id) references closes (area, close_id)
);
create index closed_entries_of_close on closed_entries (area, close_id);
create table day_totals (
    area text not null,
    business_date date not null,
    version bigint not null,
    totals jsonb not null,
    primary key (area, business_date)
);
"""

RECONCILIATION = """
create table reconciliations (
    area text not null,
    reconciliation_id uuid not null,
    file_sha256 bytea not null,
    file_name text not null,
    mapping_name text not null,
    gateway text not null,
    first_date date,
    last_date date,
    line_count bigint not null,
    matched_count bigint not null,
    skipped_count bigint not null,
    rejected jsonb not null,
    fee_yen bigint not null,
    payout_yen bigint not null,
    reconciled_by text not null,
    reconcile_time timestamptz not null,
    primary key (area, reconciliation_id),
    unique (area, file_sha256)
);
create table provider_lines (
    area text not null,
    gateway text not null,
    line_key text not null,
    reconciliation_id uuid not null,
    primary key (area, gateway, line_key)
);
create table matched_entries (
    area text not null,
    entry_id uuid not null,
    reconciliation_id uuid not null,
    primary key (area, entry_id)
);
create table findings (
    area text not null,
    finding_id uuid not null,
    reconciliation_id uuid not null,
    kind text not null,
    shop_place_id text not null,
    tender text not null,
    is_refund boolean not null,
    row_number bigint not null,
    line_number text not null,
    entry_id uuid,
    payment_id uuid,
    expected_yen bigint not null,
    found_yen bigint not null,
    expected_date date,
    found_date date,
    settled_by text not null default '',
    note text not null default '',
    settle_time timestamptz,
    primary key (area, finding_id),
    foreign key (area, reconciliation_id) references reconciliations (area, reconciliation_id)
);
create index findings_open on findings (area, shop_place_id) where settle_time is null;
create index findings_of_entry on findings (area, entry_id);
"""

AUDIT = """
create table audit_waiting (
    area text not null,
    kind text not null,
    row_id uuid not null,
    primary key (area, kind, row_id)
);
create table audit_chain (
    area text not null,
    number bigint not null,
    kind text not null,
    row_id uuid not null,
    row_sha256 bytea not null,
    hash bytea not null,
    primary key (area, number),
    unique (area, kind, row_id)
);
create table audit_heads (
    area text not null,
    business_date date not null,
    number bigint not null,
    hash bytea not null,
    key_id text not null,
    signature bytea not null,
    sign_time timestamptz not null,
    primary key (area, business_date)
);
"""

SHOPS = """
create table products (
    area text not null,
    shop_place_id text not null,
    code text not null,
    names jsonb not null,
    unit_amount_yen bigint not null check (unit_amount_yen > 0),
    tax_rate_percent int not null,
    button int not null,
    line int not null,
    primary key (area, shop_place_id, code)
);
create table clerks (
    area text not null,
    shop_place_id text not null,
    clerk_id uuid not null,
    display_name text not null,
    pin_hash text not null,
    disabled boolean not null,
    wrong_count int not null default 0,
    rest_until timestamptz,
    primary key (area, shop_place_id, clerk_id)
);
"""

# What was there before waits for its first close and its seal like all that comes.
BACKFILL = """
insert into open_entries (area, shop_place_id, business_date, entry_id)
    select area, shop_place_id, business_date, entry_id from journal_entries where not practice;
insert into audit_waiting (area, kind, row_id)
    select area, 'entry', entry_id from journal_entries;
"""

STAYING = ("closes", "closed_entries", "audit_chain", "audit_heads")
OWN_TABLES = (
    "open_entries", "closes", "closed_entries", "day_totals", "reconciliations", "provider_lines",
    "matched_entries", "findings", "audit_waiting", "audit_chain", "audit_heads", "products",
    "clerks",
)  # fmt: skip


def upgrade() -> None:
    """Makes all tables."""
    for statements in (OFFICE_ENTRIES, CLOSES, RECONCILIATION, AUDIT, SHOPS, BACKFILL):
        schema.execute(statements)
    for table in STAYING:
        schema.execute(
            f"create trigger {table}_stay before update or delete on {table}"
            " for each row execute function refuse_edit()"
        )
    for table in OWN_TABLES:
        schema.execute(schema.secure(table))
