"""What revisions of a database are written with: SQL run in turn, and tables every service has."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import psycopg

_changed: ContextVar[psycopg.Connection] = ContextVar("changed")


@contextmanager
def changing(connection: psycopg.Connection) -> Iterator[None]:
    """Revisions run inside change this connection's database (kit.migrate)."""
    token = _changed.set(connection)
    try:
        yield
    finally:
        _changed.reset(token)


def execute(statements: str) -> None:
    """Runs SQL of a revision as it is written: no placeholders, several statements are welcome."""
    _changed.get().execute(statements.encode())


def secure(table: str) -> str:
    """Returns SQL that lets a transaction see only rows of its own area.

    table: a constant of the migration, with a column `area text not null`. It is forced, so that
    the owner of the table is bound too.
    """
    visible = (
        "area = current_setting('meguri.area', true) or current_setting('meguri.area', true) = '*'"
    )
    return f"""
        alter table {table} enable row level security;
        alter table {table} force row level security;
        create policy of_area on {table} using ({visible}) with check ({visible});
    """


def kit_tables() -> str:
    """Returns SQL that makes outbox, inbox and requests.

    Outbox and inbox are kept: after a loss of NATS every event is said again from the outboxes,
    and only the inbox knows which of them have acted. Request ids are forgotten (kit.requests).
    """
    return (
        """
        create table outbox (
            id bigint generated always as identity primary key,
            area text not null,
            event_id uuid not null unique,
            type text not null,
            aggregate_id text not null,
            version bigint not null,
            occur_time timestamptz not null,
            traceparent text not null,
            body bytea not null,
            published_time timestamptz
        );
        create index outbox_waiting on outbox (id) where published_time is null;
        create index outbox_of_area on outbox (area);
        create table inbox (
            area text not null,
            event_id uuid not null,
            heard_time timestamptz not null default now(),
            primary key (area, event_id)
        );
        create index inbox_by_time on inbox (heard_time);
        create table requests (
            area text not null,
            principal text not null,
            request_id text not null,
            body_sha256 bytea not null,
            answer jsonb,
            create_time timestamptz not null default now(),
            primary key (area, principal, request_id)
        );
        create index requests_by_time on requests (create_time);
        """
        + secure("outbox")
        + secure("inbox")
        + secure("requests")
    )


def put_off_events() -> str:
    """Returns SQL by which events that NATS refused step aside in the outbox.

    attempt_count, next_attempt_time: of events that were refused; without a time an event is in
    its place in the row.
    """
    return """
        alter table outbox add column attempt_count int not null default 0,
            add column next_attempt_time timestamptz;
        create index outbox_put_off on outbox (area, aggregate_id, id)
            where published_time is null and next_attempt_time is not null;
    """
