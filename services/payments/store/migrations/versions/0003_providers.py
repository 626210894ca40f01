"""What the provider calls a payment and its terminal; acquirer contracts; webhooks heard."""

from kit import schema

revision = "0003"
down_revision = "0002"

PAYMENTS = """
alter table payments
    add column terminal text not null default '',
    add column provider_ref text not null default '';
"""

# Changed by a newer line only, so that who moved real money on what ground stays readable.
CONTRACTS = """
create table acquirer_contracts (
    area text not null,
    contract_id uuid not null,
    shop_place_id text not null,
    tender text not null,
    gateway text not null,
    acquirer text not null,
    contract_number text not null,
    valid_from date not null,
    valid_until date,
    recorded_by text not null,
    record_time timestamptz not null,
    primary key (area, contract_id)
);
create index acquirer_contracts_of_shop
    on acquirer_contracts (area, shop_place_id, tender, gateway, record_time desc);
"""

# No body and no address of the sender: only that it came and what it did.
WEBHOOKS = """
create table webhooks (
    area text not null,
    provider text not null,
    event_id text not null,
    step_key uuid not null,
    receive_time timestamptz not null,
    primary key (area, provider, event_id)
);
"""


def upgrade() -> None:
    """Adds columns and tables."""
    schema.execute(PAYMENTS)
    schema.execute(CONTRACTS)
    schema.execute(WEBHOOKS)
    for table in ("acquirer_contracts", "webhooks"):
        schema.execute(schema.secure(table))
