"""What stands beside exported figures, so that nobody has to guess what a number is."""

from collections.abc import Mapping
from typing import Any

from kit.pure.suppression import K
from meguri.insights.v1 import insights_service_pb2 as pb
from services.insights.cli.tables import TABLES, Column

_ABOUT = {
    "days": "One row a day, days without any event too.",
    "days_by_value": "One row a day, figure and value of what it is split by.",
    "hours": "24 rows a day.",
    "zone_hours": "One row a zone and hour that sensors have counted.",
}
_KINDS = {"date": "date", "time": "timestamp, UTC", "text": "text", "whole": "whole number",
          "flag": "true or false"}  # fmt: skip
_TEXT = """# Figures of {area}, {first} to {last}

{demo}{days} days, written by Meguri from the roll-ups of its insights service. Dates and hours are
those of the time zone {zone}. Events that come late still correct their day: a later export may say
more of the same day.

## For whom

These files hold what the pages of the office show to its analysts. **They are for the office.**
What may be published is at /open, under its own rules. Sales are sums of three shops or more, none
of which makes up more than 70 percent; shops that let themselves be told stand alone in
days_by_value (kept, by shop). Other sales are empty, never 0.

## How figures are made

* Counted from the events of the platform's services, each once. They are counts of what passed
  through the platform, not samples: nothing is extrapolated. Zone hours are estimates with a range.
* Openings, sales and plans are counts of things and exact. Practice payments are told apart and
  are in no table but days_by_value, marked.
* What describes people (languages, origins) and devices in a zone is withheld below k = {k},
  together with as many others as keep it from being worked out. Withheld is empty, never 0. Do
  not add up around an empty cell. A day with too few people in all has no such rows.
* Single people, phones, payments, tickets, answers and messages are not in these files.
* Sums stay when single records behind them are no longer kept.

## Files

All are Apache Parquet with zstd.
{files}"""


def describe(made: Mapping[str, Any], today: pb.Day) -> str:
    """Returns README.md of an export. made: as export.write returns it."""
    demo = "**Demo data: simulated visitors. Nothing here is a figure of a real place.**\n\n"
    files = "".join(
        f"\n### {name}.parquet ({made['rows'][name]:,} rows)\n\n{_ABOUT[name]}\n\n"
        "| column | type | meaning, unit |\n|---|---|---|\n" + "".join(map(_line, columns))
        for name, columns in TABLES.items()
    )
    return _TEXT.format(
        **dict(made) | {"files": files, "k": K, "zone": today.time_zone,
                  "demo": demo if today.demo else ""}
    )  # fmt: skip


def _line(column: Column) -> str:
    empty = ", may be empty" if column.nullable else ""
    return f"| `{column.name}` | {_KINDS[column.kind]}{empty} | {column.about} |\n"
