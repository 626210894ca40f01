"""A platform's databases with all rights, as whoever stands at the machine has them."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from chaos.platform import Platform
from infra.local import home as homes
from infra.local import postgres


@contextmanager
def database_owner(
    platform: Platform, database: str = "postgres"
) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Opens a connection of the superuser. database: of a service, or the one of none."""
    password = homes.ensure_passwords(homes.Home(platform.data)).postgres
    address = postgres.url(platform.port("postgres"), password, database=database)
    with psycopg.connect(address, autocommit=True, connect_timeout=5) as owner:
        yield owner
