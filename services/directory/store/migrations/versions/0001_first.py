"""Areas, places, closures, users, sessions, devices."""

from kit import schema

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes all tables."""
    schema.execute(schema.kit_tables())
    schema.execute(
        """
        create table areas (
            area text primary key,
            names jsonb not null,
            public_url text not null,
            time_zone text not null,
            locales text[] not null,
            demo boolean not null,
            help_phone text not null,
            version bigint not null
        );
        create table hosts (
            host text primary key,
            area text not null references areas on delete cascade
        );
        create table places (
            area text not null references areas on delete cascade,
            place_id text not null,
            kind smallint not null,
            parent_place_id text not null,
            names jsonb not null,
            kana text not null,
            latitude double precision not null,
            longitude double precision not null,
            coordinate_quality smallint not null,
            error_m integer not null,
            version bigint not null,
            primary key (area, place_id)
        );
        create table closures (
            area text not null,
            closure_id uuid not null,
            place_id text not null,
            reason text not null,
            note text not null,
            from_time timestamptz not null,
            until_time timestamptz,
            reopened_time timestamptz,
            version bigint not null,
            primary key (area, closure_id),
            foreign key (area, place_id) references places on delete cascade
        );
        create table users (
            area text not null references areas on delete cascade,
            user_id uuid not null,
            login_name text not null,
            display_name text not null,
            password_hash text not null,
            roles smallint[] not null,
            shop_place_ids text[] not null,
            disabled boolean not null,
            version bigint not null,
            primary key (area, user_id),
            unique (area, login_name)
        );
        create table sessions (
            area text not null,
            session_sha256 bytea not null,
            user_id uuid not null,
            expire_time timestamptz not null,
            primary key (area, session_sha256),
            foreign key (area, user_id) references users on delete cascade
        );
        create table sign_in_attempts (
            area text not null references areas on delete cascade,
            login_name text not null,
            attempt_time timestamptz not null
        );
        create index attempts_of_name on sign_in_attempts (area, login_name, attempt_time);
        create table devices (
            area text not null,
            device_id uuid not null,
            name text not null,
            kind text not null,
            place_id text not null,
            public_key bytea not null,
            revoked boolean not null,
            version bigint not null,
            primary key (area, device_id),
            unique (area, public_key),
            foreign key (area, place_id) references places on delete cascade
        );
        """
    )
    for table in ("areas", "hosts", "places", "closures", "users", "sessions",
                  "sign_in_attempts", "devices"):  # fmt: skip
        schema.execute(schema.secure(table))
