"""All of an area: which there are, and forgetting one."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import Transaction

# What hangs on the zones there were at the drop; a zone made after it is not among them.
_OLD_ZONES = "zone_id in (select zone_id from zones where area = %(area)s and make_time <= %(at)s)"
_DROP = (
    f"delete from zone_hours where area = %(area)s and {_OLD_ZONES}",  # noqa: S608 - constants
    f"delete from zone_minutes where area = %(area)s and {_OLD_ZONES}",  # noqa: S608 - constants
    "delete from calibrations where area = %(area)s and learn_time <= %(at)s",
    "delete from closed_days where area = %(area)s and close_time <= %(at)s",
    "delete from zone_pairs where area = %(area)s and key_date <= %(at)s::date",
    "delete from zone_days where area = %(area)s and key_date <= %(at)s::date",
    "delete from zone_day_devices where area = %(area)s and key_date <= %(at)s::date",
    "delete from zone_moves where area = %(area)s and key_date <= %(at)s::date",
    "delete from noise_settings where area = %(area)s and set_time <= %(at)s",
    "delete from hand_counts where area = %(area)s and note_time <= %(at)s",
    *(
        f"delete from {table} t using gadgets g where t.area = %(area)s and g.area = t.area"  # noqa: S608 - constants
        " and g.sensor_id = t.sensor_id and g.enroll_time <= %(at)s"
        for table in ("gadget_minutes", "gadget_hours")
    ),
    "delete from gadgets where area = %(area)s and enroll_time <= %(at)s",
    "delete from forecasts where area = %(area)s and make_time <= %(at)s",
    "delete from sensor_hours where area = %(area)s and hour <= %(at)s",
    "delete from sensor_refusals where area = %(area)s and last_time <= %(at)s",
    "delete from meraki_networks where area = %(area)s and enroll_time <= %(at)s",
    f"delete from sensors where area = %(area)s and {_OLD_ZONES}",  # noqa: S608 - constants
    "delete from zones where area = %(area)s and make_time <= %(at)s",
    "delete from pauses where area = %(area)s and begin_time <= %(at)s",
    "delete from closures where area = %(area)s and said_time <= %(at)s",
    "delete from counted_batches where area = %(area)s and count_time <= %(at)s",
    "delete from gate_hours where area = %(area)s and last_time <= %(at)s",
    "delete from opt_outs where area = %(area)s and add_time <= %(at)s",
    "delete from day_key_epochs where area = %(area)s and begin_time <= %(at)s",
)


async def drop_area(tx: Transaction, at: datetime) -> None:
    """Deletes what the area had when it was dropped; a late drop spares what was made since."""
    for statement in _DROP:
        await tx.execute(statement, {"area": tx.area, "at": at})


async def all_areas(tx: Transaction) -> Sequence[str]:
    """Returns the areas that have zones; the transaction sees all areas."""
    rows = await tx.fetch_all("select distinct area from zones order by area")
    return [row["area"] for row in rows]
