"""When to try the release of an authorization again; when areas and shops were last set up."""

from kit import schema

revision = "0002"
down_revision = "0001"

# Apart from ask_time and asked_count, which every change of the payment sets anew: the pauses
# between attempts must grow over many steps that could not be sent.
RELEASE = """
alter table payments
    add column release_time timestamptz,
    add column release_count int not null default 0;
drop index payments_to_expire;
create index payments_to_release on payments (coalesce(release_time, authorized_until))
    where authorized_until is not null;
"""

AREAS = """
alter table areas
    add column version bigint not null default 0,
    add column configure_time timestamptz not null default 'epoch';
alter table shops
    add column configure_time timestamptz not null default now();
"""


def upgrade() -> None:
    """Adds the columns."""
    schema.execute(RELEASE)
    schema.execute(AREAS)
