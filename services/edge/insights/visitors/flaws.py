"""Hours in which a sensor heard only in part, in words, and which hours of a page they touch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights.visitors.figures import moment

MOST_ROWS = 40


@dataclass(frozen=True)
class Run:
    """Hours in a row in which a sensor had the same flaw. first, last: their first moments."""

    sensor_id: str
    zone: str
    first: datetime
    last: datetime
    hours: int
    text: str


def runs(
    found: Sequence[wire.FlawedHour], names: dict[str, str], zone_id: str, zone: ZoneInfo
) -> list[Run]:
    """Returns what touches the hours of a zone, or of all, newest first. zone_id: empty for all."""
    mine = [one for one in found if zone_id in ("", one.zone_id)]
    mine.sort(key=lambda one: (one.sensor_id, one.flaw, one.hour_start_time.seconds))
    groups: list[list[wire.FlawedHour]] = []
    for one in mine:
        before = groups[-1][-1] if groups else None
        follows = (
            before is not None
            and (before.sensor_id, before.flaw) == (one.sensor_id, one.flaw)
            and one.hour_start_time.seconds - before.hour_start_time.seconds == 3600
        )
        if follows:
            groups[-1].append(one)
        else:
            groups.append([one])
    told = [
        Run(
            group[0].sensor_id, names.get(group[0].zone_id, group[0].zone_id),
            moment(group[0].hour_start_time).astimezone(zone),
            moment(group[-1].hour_start_time).astimezone(zone), len(group), _words(group),
        )
        for group in groups
    ]  # fmt: skip
    return sorted(told, key=lambda run: run.last, reverse=True)


def _words(group: Sequence[wire.FlawedHour]) -> str:
    flaw = group[0].flaw
    worst = (min if flaw == wire.HEARING_FLAW_FEW_FRAMES else max)(one.amount for one in group)
    if flaw == wire.HEARING_FLAW_SILENT_MINUTES:
        return str(ngettext("heard nothing for %(num)s minute of an hour",
                            "heard nothing for %(num)s minutes of an hour", worst))  # fmt: skip
    if flaw == wire.HEARING_FLAW_SILENT_CHANNELS:
        return str(ngettext("%(num)s of its channels was silent",
                            "%(num)s of its channels were silent", worst))  # fmt: skip
    if worst == 0:
        return str(_("heard hardly anything"))
    return str(_("heard only %(num)s %% of what was to be expected", num=worst))
