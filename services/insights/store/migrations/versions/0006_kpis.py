"""The KPI book: what KPIs are, figures entered by hand, what a year stands in, frozen editions."""

from kit import schema

revision = "0006"
down_revision = "0005"

TABLES = ("kpis", "kpi_values", "kpi_frames", "kpi_editions")


def upgrade() -> None:
    """Makes the tables. What was entered is only added to: a later number counts, all stay."""
    schema.execute(
        """
        create table kpis (
            area text not null,
            kpi_id text not null,
            ordinal bigint generated always as identity,
            settings jsonb not null,
            version bigint not null,
            said_time timestamptz not null,
            primary key (area, kpi_id)
        );
        create table kpi_values (
            area text not null,
            kpi_id text not null,
            period text not null,
            number integer not null,
            value bigint,
            source_note text not null,
            signed_as text not null,
            principal text not null,
            said_time timestamptz not null,
            primary key (area, kpi_id, period, number)
        );
        create table kpi_frames (
            area text not null,
            fiscal_year integer not null,
            frame jsonb not null,
            said_time timestamptz not null,
            primary key (area, fiscal_year)
        );
        create table kpi_editions (
            area text not null,
            fiscal_year integer not null,
            number integer not null,
            book text not null,
            digest text not null,
            note text not null,
            signed_as text not null,
            principal text not null,
            said_time timestamptz not null,
            primary key (area, fiscal_year, number)
        );
        """
    )
    for table in TABLES:
        schema.execute(schema.secure(table))


def downgrade() -> None:
    """Not supported: a released database only moves forward."""
    raise NotImplementedError("migrations only move forward")
