"""Areas, sections, stops, revisions, publications, closures, scans."""

from kit import schema

revision = "0001"
down_revision = None

TABLES = (
    "areas", "sections", "stops", "narrations", "narration_revisions", "publications",
    "closures", "scans",
)  # fmt: skip


def upgrade() -> None:
    """Makes all tables."""
    schema.execute(schema.kit_tables())
    schema.execute(
        """
        create table areas (
            area text primary key,
            locales text[] not null,
            public_url text not null default '',
            demo boolean not null default false,
            version bigint not null default 0,
            change_number bigint not null default 0
        );
        create table sections (
            area text not null,
            section_id text not null,
            position integer not null,
            names jsonb not null,
            primary key (area, section_id)
        );
        create table stops (
            area text not null,
            stop_code text not null,
            place_id text not null,
            group_number smallint not null,
            kind text not null,
            section_id text not null,
            position integer not null,
            route_m integer,
            sources text[] not null,
            estimates text[] not null,
            revision bigint not null default 0,
            change_number bigint not null default 0,
            publish_time timestamptz,
            primary key (area, stop_code),
            unique (area, place_id),
            -- Across areas on purpose: a code leads to one stop of the installation.
            unique (stop_code)
        );
        create table narrations (
            area text not null,
            stop_code text not null,
            locale text not null,
            latest_revision bigint not null default 0,
            published_revision bigint not null default 0,
            primary key (area, stop_code, locale)
        );
        create table narration_revisions (
            area text not null,
            stop_code text not null,
            locale text not null,
            revision bigint not null,
            base_revision bigint not null,
            source_revision bigint not null,
            name text not null,
            reading text not null,
            paragraphs jsonb not null,
            machine_draft boolean not null,
            author text not null,
            note text not null,
            create_time timestamptz not null,
            primary key (area, stop_code, locale, revision)
        );
        create table publications (
            area text not null,
            stop_code text not null,
            locale text not null,
            publication bigint not null,
            revision bigint not null,
            reviewed boolean not null,
            publisher text not null,
            publish_time timestamptz not null,
            primary key (area, stop_code, locale, publication)
        );
        create function refuse_update() returns trigger language plpgsql as
            $$ begin raise exception '% is never changed', tg_table_name; end $$;
        create trigger immutable before update on narration_revisions
            for each row execute function refuse_update();
        create trigger immutable before update on publications
            for each row execute function refuse_update();
        create table closures (
            area text not null,
            closure_id uuid not null,
            version bigint not null,
            place_id text not null,
            reason text not null,
            note text not null,
            from_time timestamptz not null,
            until_time timestamptz,
            as_of_time timestamptz not null,
            affected_place_ids text[] not null,
            ended boolean not null,
            primary key (area, closure_id)
        );
        create table scans (
            area text not null,
            scan_id uuid not null,
            stop_code text not null,
            requested_locale text not null,
            served_locale text not null,
            scan_time timestamptz not null,
            offline boolean not null,
            primary key (area, scan_id)
        );
        create index scans_by_time on scans (area, scan_time);
        """
    )
    for table in TABLES:
        schema.execute(schema.secure(table))
