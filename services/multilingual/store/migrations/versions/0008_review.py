"""What languages ask for before publishing, drafts handed in, links to them, drafts opened."""

from kit import schema

revision = "0008"
down_revision = "0007"

TABLES = ("review_policies", "submissions", "review_links", "draft_openings")


def upgrade() -> None:
    """Makes the tables; publications say how they were read."""
    schema.execute(
        """
        -- 1: nobody was asked, which is true of all that was published before.
        alter table publications add column reading smallint not null default 1;
        alter table publications add column reason text not null default '';
        create table review_policies (
            area text not null,
            locale text not null,
            policy smallint not null,
            author text not null,
            change_time timestamptz not null,
            primary key (area, locale)
        );
        create table submissions (
            area text not null,
            submission_id uuid not null,
            stop_code text not null,
            locale text not null,
            revision bigint not null,
            submitter text not null,
            note text not null,
            create_time timestamptz not null,
            phase smallint not null,
            decider text not null default '',
            reason text not null default '',
            decide_time timestamptz,
            primary key (area, submission_id)
        );
        create unique index submissions_waiting on submissions (area, stop_code, locale)
            where phase = 1;
        create index submissions_of_text on submissions (area, stop_code, locale, create_time);
        -- Neither the secret of a link nor a hash of it.
        create table review_links (
            area text not null,
            link_id uuid not null,
            submission_id uuid not null,
            author text not null,
            create_time timestamptz not null,
            expire_time timestamptz not null,
            revoke_time timestamptz,
            primary key (area, link_id)
        );
        create index review_links_of_submission on review_links (area, submission_id);
        create table draft_openings (
            area text not null,
            stop_code text not null,
            locale text not null,
            reader text not null,
            revision bigint not null,
            primary key (area, stop_code, locale, reader)
        );
        """
    )
    for table in TABLES:
        schema.execute(schema.secure(table))
