"""Stops that are retired, what was done to the tour, and a mark of each change of an area."""

from kit import schema

revision = "0014"
down_revision = "0012"

TABLES = ("tour_steps", "area_changes")


def upgrade() -> None:
    """Adds columns and tables."""
    schema.execute(
        """
        alter table stops
            add column retire_time timestamptz,
            add column target_stop_code text not null default '',
            add column retire_reason smallint not null default 0,
            -- Somebody arranged it: a load from files no longer says where it stands.
            add column arranged boolean not null default false;
        create table tour_steps (
            area text not null,
            change_number bigint not null,
            stop_code text not null,
            act smallint not null,
            author text not null,
            step_time timestamptz not null,
            primary key (area, change_number)
        );
        alter table areas add column change_mark text not null default '';
        create table area_changes (
            area text not null,
            change_number bigint not null,
            change_mark text not null,
            primary key (area, change_number)
        );
        -- Here, so that no way to count up can forget it. Two histories share no mark: whoever kept
        -- something of the one sees that it belongs to another after a restore.
        create function mark_change() returns trigger language plpgsql as $$ begin
            new.change_mark := gen_random_uuid()::text;
            return new;
        end $$;
        create trigger mark_change before insert or update of change_number on areas
            for each row execute function mark_change();
        -- Afterwards: an insert that turns into an update comes by the first trigger twice.
        create function keep_change() returns trigger language plpgsql as $$ begin
            delete from area_changes where area = new.area
                and (change_number >= new.change_number
                     or change_number < new.change_number - 1000);
            insert into area_changes (area, change_number, change_mark)
                values (new.area, new.change_number, new.change_mark);
            return null;
        end $$;
        create trigger keep_change after insert or update of change_number on areas
            for each row execute function keep_change();
        """
    )
    for table in TABLES:
        schema.execute(schema.secure(table))
