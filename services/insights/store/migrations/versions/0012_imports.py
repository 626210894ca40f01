"""What staff imports: weather of days, figures of months, who brought which file, drafts,
mappings."""

from kit import schema

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Makes the tables. Of each figure every import keeps its own row, and the newest import that
    was not taken back counts: so taking one back is one mark, and nothing is ever lost by it."""
    schema.execute(
        """
        create table imports (
            area text not null,
            number bigint not null,
            is_weather boolean not null,
            file_name text not null,
            sha256 text not null,
            source_note text not null,
            signed_as text not null,
            principal text not null,
            kept_count int not null,
            rejected_count int not null,
            first_date date,
            last_date date,
            said_time timestamptz not null,
            undone_time timestamptz,
            undone_by text not null default '',
            primary key (area, number)
        );
        create table weather_values (
            area text not null,
            station text not null,
            on_date date not null,
            element text not null,
            number bigint not null,
            tenths int,
            quality smallint not null,
            hourly boolean not null,
            said_time timestamptz not null,
            primary key (area, station, on_date, element, number)
        );
        create table imported_months (
            area text not null,
            measure text not null,
            place text not null,
            month date not null,
            number bigint not null,
            value bigint,
            state text not null,
            unit text not null,
            step bigint not null,
            said_time timestamptz not null,
            primary key (area, measure, place, month, number)
        );
        create table import_drafts (
            area text not null,
            draft_id text not null,
            file_name text not null,
            sha256 text not null,
            body bytea not null,
            said_time timestamptz not null,
            primary key (area, draft_id)
        );
        create table import_mappings (
            area text not null,
            name text not null,
            shape text not null,
            mapping jsonb not null,
            said_time timestamptz not null,
            primary key (area, name)
        );
        create index import_mappings_of_shape on import_mappings (area, shape);
        """
    )
    for table in (
        "imports", "weather_values", "imported_months", "import_drafts", "import_mappings",
    ):  # fmt: skip
        schema.execute(schema.secure(table))


def downgrade() -> None:
    """Not supported: a released database only moves forward."""
    raise NotImplementedError("migrations only move forward")
