"""The survey as an area has made it: each version whole, and never changed."""

from kit import schema

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the table."""
    schema.execute(
        """
        create table surveys (
            area text not null,
            version bigint not null,
            questions jsonb not null,
            author text not null,
            create_time timestamptz not null,
            primary key (area, version)
        );
        create trigger immutable before update on surveys
            for each row execute function refuse_update();
        """
    )
    schema.execute(schema.secure("surveys"))
