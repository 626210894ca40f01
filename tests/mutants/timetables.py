"""Mistakes in what a visitor is told of buses, and in who may overwrite whom."""

from tests.mutants.mutant import Mutant, pytest

LINES = pytest("tests/unit/itinerary/transit/test_line.py")
MERGE = pytest("tests/unit/itinerary/transit/test_merge.py")
SERVICE = pytest("tests/service/itinerary/timetables/test_lines.py")
NETWORKS = pytest("tests/service/itinerary/timetables/test_networks.py")

MUTANTS = {
    "times stay confirmed after the confirmation has ended": Mutant(
        "services/itinerary/domain/transit/network.py",
        "if self.confirmed_until is not None and day <= self.confirmed_until:",
        "if self.confirmed_until is not None:",
        LINES,
    ),
    "a substitute holiday is a weekday": Mutant(
        "services/itinerary/domain/transit/timetable.py",
        "holiday = self.holidays_as_sunday and is_public_holiday(day)",
        "holiday = False",
        LINES,
    ),
    "a plan is made with a suspended line": Mutant(
        "services/itinerary/domain/transit/merge.py",
        "        if not line.suspended:\n            made.add_line(line)",
        "        made.add_line(line)",
        MERGE,
    ),
    "a seat that must be asked for is not said to be": Mutant(
        "services/itinerary/domain/transit/merge.py",
        "on = Boarding.CALL_AHEAD if run.call_ahead else Boarding.REGULAR",
        "on = Boarding.REGULAR",
        MERGE,
    ),
    "one is led to a point nobody has published": Mutant(
        "services/itinerary/domain/transit/merge.py",
        "point = location.point if location and location.published else None",
        "point = location.point if location else None",
        MERGE,
    ),
    "somebody overwrites what somebody else typed": Mutant(
        "services/itinerary/app/timetables.py",
        "if expected_version is not None and shown != expected_version:",
        "if False:",
        SERVICE,
    ),
    "two lines call one stop by two names": Mutant(
        "services/itinerary/app/timetables.py",
        "                refuse(differing_stops(line, others))",
        "                pass",
        SERVICE,
    ),
    "visitors read who of the staff asked": Mutant(
        "services/itinerary/api/timetables.py",
        "with_people=bool(caller().roles & ASSOCIATION)",
        "with_people=True",
        SERVICE,
    ),
    "a plan goes by the timetable of before": Mutant(
        "services/itinerary/app/timetables.py",
        "    await store.mark_change(tx, now)\n",
        "",
        NETWORKS,
    ),
    "known walks change and plans do not": Mutant(
        "services/itinerary/app/ways.py",
        "            await store.mark_change(tx, now)\n",
        "",
        NETWORKS,
    ),
    "a feed of which nothing runs takes the place of a good one": Mutant(
        "services/itinerary/gateways/feed_reader.py",
        "    if not table.runs:\n",
        "    if table.runs is None:\n",
        pytest("tests/service/itinerary/timetables/test_feeds.py", "-k", "hostile"),
    ),
    "files overwrite what the staff has confirmed": Mutant(
        "services/itinerary/cli/lines.py",
        '        if not replace:\n            return Told(line_id, "differs")\n',
        "",
        pytest("tests/service/itinerary/timetables/test_lines_cli.py"),
    ),
}
