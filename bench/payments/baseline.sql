-- The same ledger work as one captured sale of ours, done by one function in the database: request id,
-- payment, journal entry, two postings, two balances, outbox. Rows and indexes as ours were before decision
-- 0049, so that figures of before and after are held against the same; no row-level security.
drop schema if exists bench cascade;
create schema bench;
set search_path = bench;

create table requests (
    principal text not null,
    request_id uuid not null,
    body_sha256 bytea not null,
    answer uuid not null,
    primary key (principal, request_id)
);
create table payments (
    payment_id uuid primary key,
    shop int not null,
    tender text not null,
    gateway text not null,
    state text not null,
    amount_yen bigint not null check (amount_yen > 0),
    captured_yen bigint not null,
    items jsonb not null,
    business_date date not null,
    create_time timestamptz not null default now(),
    version bigint not null
);
create index payments_of_shop on payments (shop, payment_id desc);
create index payments_of_day on payments (business_date, payment_id desc);
create table journal_entries (
    entry_id uuid primary key,
    kind text not null,
    payment_id uuid not null references payments,
    shop int not null,
    amount_yen bigint not null,
    business_date date not null,
    unique (payment_id, kind)
);
create index journal_entries_of_day on journal_entries (business_date, shop);
create table postings (
    entry_id uuid not null references journal_entries,
    line smallint not null,
    account int not null,
    amount_yen bigint not null,
    primary key (entry_id, line)
);
create index postings_of_account on postings (account);
create table accounts (
    account int primary key,
    balance_yen bigint not null default 0
) with (fillfactor = 50);
create table outbox (
    id bigint generated always as identity primary key,
    event_id uuid not null unique,
    type text not null,
    aggregate_id text not null,
    body bytea not null,
    published_time timestamptz
);
create index outbox_waiting on outbox (id) where published_time is null;
insert into accounts (account) select generate_series(1, 2000);

create function sell(debit int, credit int, amount bigint) returns uuid language plpgsql as $$
declare
    payment uuid := uuidv7();
    entry uuid := uuidv7();
begin
    insert into bench.requests values ('clerk', uuidv7(), sha256('a sale of a shop'), payment)
        on conflict do nothing;
    insert into bench.payments values (payment, credit, 'card', 'other_device', 'captured', amount,
        amount, '[]', current_date, now(), 1);
    insert into bench.journal_entries values (entry, 'capture', payment, credit, amount,
        current_date);
    insert into bench.postings values (entry, 0, debit, amount), (entry, 1, credit, -amount);
    insert into bench.outbox (event_id, type, aggregate_id, body)
        values (uuidv7(), 'payment_captured', payment::text, decode(repeat('00', 160), 'hex'));
    update bench.accounts set balance_yen = balance_yen + amount where account = least(debit, credit);
    update bench.accounts set balance_yen = balance_yen - amount where account = greatest(debit, credit);
    return payment;
end $$;

-- Many sales of one shop in one statement, each balance moved once: what SQL can do at best.
create function sell_many(count int, debit int, credit int, amount bigint) returns int
language plpgsql as $$
begin
    with made as materialized (
        select uuidv7() as payment, uuidv7() as entry from generate_series(1, count)
    ), asked as (
        insert into bench.requests
        select 'clerk', uuidv7(), sha256('a sale of a shop'), payment from made
        on conflict do nothing
    ), paid as (
        insert into bench.payments
        select payment, credit, 'card', 'other_device', 'captured', amount, amount, '[]',
            current_date, now(), 1 from made
    ), entered as (
        insert into bench.journal_entries
        select entry, 'capture', payment, credit, amount, current_date from made
    ), posted as (
        insert into bench.postings
        select entry, 0, debit, amount from made union all select entry, 1, credit, -amount from made
    )
    insert into bench.outbox (event_id, type, aggregate_id, body)
    select uuidv7(), 'payment_captured', payment::text, decode(repeat('00', 160), 'hex') from made;
    update bench.accounts set balance_yen = balance_yen + amount * count where account = debit;
    update bench.accounts set balance_yen = balance_yen - amount * count where account = credit;
    return count;
end $$;
