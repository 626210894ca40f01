"""Areas and the host names that lead to them."""

import json

from kit.db import Row, Transaction
from services.directory.domain.area import Area, HostTaken

_SELECT = """
    select areas.*, coalesce(
        (select array_agg(host order by host) from hosts where hosts.area = areas.area), '{}'
    ) as hosts
    from areas
"""


def _area(row: Row) -> Area:
    return Area(
        area=row["area"],
        names=row["names"],
        hosts=tuple(row["hosts"]),
        public_url=row["public_url"],
        time_zone=row["time_zone"],
        locales=tuple(row["locales"]),
        demo=row["demo"],
        help_phone=row["help_phone"],
        version=row["version"],
    )


async def read_area(tx: Transaction) -> Area | None:
    """Returns the area of the transaction."""
    row = await tx.fetch_one(f"{_SELECT} where areas.area = %s", (tx.area,))
    return _area(row) if row else None


async def list_areas(tx: Transaction) -> list[Area]:
    """Returns every area the transaction may see, by name."""
    return [_area(row) for row in await tx.fetch_all(f"{_SELECT} order by areas.area")]


async def write_area(tx: Transaction, area: Area) -> None:
    """Inserts or replaces the area of the transaction and its hosts. Errors: HostTaken."""
    await tx.execute(
        "insert into areas (area, names, public_url, time_zone, locales, demo, help_phone, version)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (area) do update set"
        " names = excluded.names, public_url = excluded.public_url,"
        " time_zone = excluded.time_zone, locales = excluded.locales,"
        " help_phone = excluded.help_phone, version = excluded.version",
        (area.area, json.dumps(dict(area.names)), area.public_url, area.time_zone,
         list(area.locales), area.demo, area.help_phone, area.version),
    )  # fmt: skip
    await tx.execute("delete from hosts where area = %s", (area.area,))
    for host in area.hosts:
        written = await tx.execute(
            "insert into hosts (host, area) values (%s, %s) on conflict do nothing",
            (host, area.area),
        )
        if not written:
            raise HostTaken(f"Another area answers to {host} already.")


async def delete_area(tx: Transaction) -> None:
    """Deletes the area of the transaction with everything that hangs on it."""
    await tx.execute("delete from areas where area = %s", (tx.area,))
