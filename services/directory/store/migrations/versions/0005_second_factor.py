"""A second factor of logins, which roles need it, first passwords that end, uses of sessions."""

from kit import schema

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Adds the sealed secret to users, codes on paper, logins that are half done, and the rule."""
    schema.execute(
        """
        alter table users
            add column password_until timestamptz,
            add column factor_sealed bytea,
            add column factor_begin_time timestamptz,
            add column factor_confirm_time timestamptz,
            add column factor_last_step bigint not null default 0;
        alter table areas
            add column second_factor_roles smallint[] not null default '{}';
        alter table sessions
            add column use_time timestamptz not null default now(),
            add column part text not null default '';
        create table recovery_codes (
            area text not null,
            user_id uuid not null,
            number smallint not null,
            code_hash text not null,
            use_time timestamptz,
            primary key (area, user_id, number),
            foreign key (area, user_id) references users on delete cascade
        );
        create table half_logins (
            area text not null,
            half_sha256 bytea not null,
            user_id uuid not null,
            user_version bigint not null,
            browser bytea not null,
            expire_time timestamptz not null,
            primary key (area, half_sha256),
            foreign key (area, user_id) references users on delete cascade
        );
        """
    )
    schema.execute(schema.secure("recovery_codes"))
    schema.execute(schema.secure("half_logins"))
