"""Meraki networks: their validator, how their secret is known, and what was refused."""

from dataclasses import dataclass
from datetime import datetime

from kit.db import Transaction


@dataclass(frozen=True)
class Network:
    """A network that posts for a sensor. secret_tag: keyed hash of its secret."""

    validator: str
    secret_tag: bytes


async def put_network(
    tx: Transaction, sensor_id: str, validator: str, secret_tag: bytes, at: datetime
) -> None:
    """Adds a network or gives it another validator and secret."""
    await tx.execute(
        "insert into meraki_networks (area, sensor_id, validator, secret_tag, enroll_time)"
        " values (%s, %s, %s, %s, %s) on conflict (area, sensor_id) do update set"
        " validator = excluded.validator, secret_tag = excluded.secret_tag",
        (tx.area, sensor_id, validator, secret_tag, at),
    )


async def find_network(tx: Transaction, sensor_id: str) -> Network | None:
    """Returns a network of the area."""
    row = await tx.fetch_one(
        "select validator, secret_tag from meraki_networks where area = %s and sensor_id = %s",
        (tx.area, sensor_id),
    )
    return Network(row["validator"], bytes(row["secret_tag"])) if row else None


async def list_networks(tx: Transaction) -> set[str]:
    """Returns the ids of all networks of the area."""
    return {row["sensor_id"] for row in await tx.fetch_all("select sensor_id from meraki_networks")}


async def refused_posts(tx: Transaction) -> dict[str, int]:
    """Returns how many posts were refused for a wrong secret, by sensor."""
    rows = await tx.fetch_all("select sensor_id, refused from meraki_networks where refused > 0")
    return {row["sensor_id"]: row["refused"] for row in rows}


async def note_refused(tx: Transaction, sensor_id: str, at: datetime) -> None:
    """Counts a post with a wrong secret."""
    await tx.execute(
        "update meraki_networks set refused = refused + 1, refuse_time = %s"
        " where area = %s and sensor_id = %s",
        (at, tx.area, sensor_id),
    )
