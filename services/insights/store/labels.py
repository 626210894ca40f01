"""Names of places, stops and POIs as heard, so that pages can show names instead of codes."""

import json
from collections.abc import Mapping

from kit.db import Transaction


async def keep(
    tx: Transaction, kind: str, key: str, place_id: str, names: Mapping[str, str], version: int
) -> None:
    """Keeps a name unless a newer one is there. kind: place, stop or poi."""
    await tx.execute(
        """
        insert into labels as kept (area, kind, key, place_id, names, version)
        values (%s, %s, %s, %s, %s::jsonb, %s)
        on conflict (area, kind, key) do update set
            place_id = excluded.place_id, names = excluded.names, version = excluded.version
        where excluded.version > kept.version
        """,
        (tx.area, kind, key, place_id, json.dumps(dict(names), ensure_ascii=False), version),
    )


async def read(tx: Transaction) -> dict[tuple[str, str], dict[str, str]]:
    """Returns (kind, key) -> names by locale; a stop or POI without names has its place's."""
    rows = await tx.fetch_all(
        """
        select own.kind, own.key,
               case when own.names = '{}'::jsonb then coalesce(place.names, '{}'::jsonb)
                    else own.names end as names
        from labels own
        left join labels place on place.area = own.area and place.kind = 'place'
                                  and place.key = own.place_id
        where own.area = %s
        """,
        (tx.area,),
    )
    return {(row["kind"], row["key"]): row["names"] for row in rows}
