"""Mistakes in what the staff says of POIs, what a file takes back, who is asked for maps."""

from tests.mutants.mutant import Mutant, pytest

UNIT = pytest("tests/unit/itinerary/test_kept_pois.py")
SERVICE = pytest("tests/service/itinerary/test_kept_pois.py")
SHEETS = pytest("tests/pages/studio/pois")
MAP = pytest("tests/pages/edge/test_moving_map.py")

MUTANTS = {
    "a file that comes again takes back what the staff typed": Mutant(
        "services/itinerary/domain/kept_poi.py",
        "        if ours == was:\n",
        "        if True:\n",
        UNIT,
    ),
    "an estimate that was confirmed comes back with the file": Mutant(
        "services/itinerary/domain/kept_poi.py",
        "    sure = {name for name in base if name not in mine}\n",
        "    sure = set()\n",
        UNIT,
    ),
    "a confirmation outlives what it confirmed": Mutant(
        "services/itinerary/domain/kept_poi.py",
        "        and FIELDS[each.field](before.poi) == FIELDS[each.field](poi)\n",
        "",
        UNIT,
    ),
    "a colleague's POI is written over": Mutant(
        "services/itinerary/app/kept_pois.py",
        "            if (before.version if before else 0) != expected_version:\n",
        "            if False:\n",
        SERVICE,
    ),
    "a draft is shown to visitors": Mutant(
        "services/itinerary/store/catalog.py",
        "state = 'listed'",
        "state <> 'retired'",
        SERVICE,
    ),
    "a retired POI vanishes from kept days": Mutant(
        "services/itinerary/app/itineraries.py",
        "        *map(retirement, offer.retired.values()),\n",
        "",
        SERVICE,
    ),
    "hours that nobody touched are written anew": Mutant(
        "services/edge/studio/pois/typed.py",
        "    typed.opening = was if same and not typed.wrong_rows else written\n",
        '    typed.opening = f"{written}; " + was\n',
        SHEETS,
    ),
    "another file than the one looked at is taken in": Mutant(
        "services/edge/studio/pois/importing.py",
        'request.form.get("action") == "take" and request.form.get("seen") == digest',
        'request.form.get("action") == "take"',
        SHEETS,
    ),
    "every map asks somebody else for pictures": Mutant(
        "services/edge/visitor/map_page.py",
        "    return _page(None)\n",
        "    return _page(tiles.of_area())\n",
        MAP,
    ),
}
