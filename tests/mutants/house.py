"""Mistakes in what every service stands on, and in the promises of the services beside payments."""

from tests.mutants.mutant import Mutant, pytest

MUTANTS = {
    "what is closed until noon is closed at noon": Mutant(
        "kit/pure/closing.py",
        "return end is not None and end <= at",
        "return end is not None and end < at",
        pytest("tests/unit/kit/test_closing.py"),
    ),
    "a clerk may edit texts": Mutant(
        "kit/roles.py",
        "EDITORS = frozenset({Role.EDITOR,",
        "EDITORS = frozenset({Role.CLERK, Role.EDITOR,",
        pytest("tests/unit/kit/test_who_may.py"),
    ),
    "a scan of a batch that holds a card's number refuses them all": Mutant(
        "kit/texts.py",
        "part is not None and scope_of(part) != ONE_BY_ONE:",
        "part is not None:",
        pytest("tests/unit/kit/test_texts.py"),
    ),
    "an event heard twice acts twice": Mutant(
        "kit/bus.py",
        "            if delivery.event_id in seen:\n                continue\n",
        "",
        pytest("tests/service/kit/test_bus.py"),
    ),
    "an event that NATS refused counts as said": Mutant(
        "kit/publishing.py",
        '    return "error" not in answer and answer.get("count") == len(rows)\n',
        "    return True\n",
        pytest("tests/service/kit"),
    ),
    "a request id may come with another body": Mutant(
        "kit/requests.py",
        'if bytes(row["body_sha256"]) != key.body_sha256:',
        "if False:",
        pytest("tests/service/kit/test_requests.py"),
    ),
    "a repeated request acts again": Mutant(
        "kit/requests.py",
        "        return await _first_answer(tx, key, answer_type)\n",
        "        pass\n",
        pytest("tests/service/kit/test_requests.py"),
    ),
    "a token is believed after its time": Mutant(
        "kit/auth.py",
        "if known is not None and known[0] > time.time():",
        "if known is not None:",
        pytest("tests/unit/kit/test_auth.py"),
    ),
    "a token of anybody is believed": Mutant(
        "kit/auth.py",
        'options={"require": ["exp", "sub", "aud"]},',
        'options={"verify_signature": False},',
        pytest("tests/unit/kit/test_auth.py"),
    ),
    "a lone withheld cell follows from the sum": Mutant(
        "kit/pure/suppression.py",
        "        _protect(counts, withheld, k)\n    total",
        "        pass\n    total",
        pytest("tests/unit/kit_suppression"),
    ),
    "a form without its token is taken": Mutant(
        "services/edge/login.py",
        "            if request.method not in",
        "            if request.method == 'NONE' and request.method not in",
        pytest("tests/pages/edge/test_access.py"),
    ),
    "every role may open every page": Mutant(
        "services/edge/login.py",
        "if not known.roles & allowed:",
        "if not known.roles:",
        pytest("tests/pages/edge/test_access.py"),
    ),
    "a stop code with a wrong letter leads somewhere": Mutant(
        "services/multilingual/domain/stop_code.py",
        "if check_character(code[:-1]) != code[-1]:",
        "if False:",
        pytest("tests/unit/multilingual/test_stop_code.py"),
    ),
    "two editors overwrite each other": Mutant(
        "services/multilingual/app/studio.py",
        "            check_base(head, base_revision)\n",
        "",
        pytest("tests/service/multilingual/test_studio.py"),
    ),
    "a visit may end after closing time": Mutant(
        "services/itinerary/domain/windows.py",
        "        (span.open_minute, "
        "min(span.last_entry_minute, span.close_minute - stay_minutes))\n",
        "        (span.open_minute, span.last_entry_minute)\n",
        pytest("tests/unit/itinerary"),
    ),
    "a closure is not heard by plans": Mutant(
        "services/itinerary/domain/windows.py",
        "if closure.hits(poi.poi_id, poi.place_id) and _cuts(closure, regular, day, zone)",
        "if False",
        pytest("tests/unit/itinerary"),
    ),
    "a rank on one day is overtaken on another": Mutant(
        "services/itinerary/domain/orienteering/recreate.py",
        "if room[0, index] == day or of.rules[RANKED]:",
        "if room[0, index] == day:",
        pytest("tests/unit/itinerary/test_orienteering.py"),
    ),
    "a bus that has gone is taken": Mutant(
        "services/itinerary/domain/orienteering/times.py",
        "(leave - of.rules[TABLE_FROM] + step - 1) // step",
        "(leave - of.rules[TABLE_FROM]) // step",
        pytest("tests/unit/itinerary/test_orienteering.py"),
    ),
    "a must that was dropped is named by no conflict": Mutant(
        "services/itinerary/domain/demands.py",
        "    if {*musts} - {*kept} - {node for pair in pairs for node in pair}:\n",
        "    if not pairs:\n",
        pytest("tests/unit/itinerary/test_demands.py"),
    ),
    "a line without end is held in memory": Mutant(
        "services/itinerary/gateways/gtfs/archive.py",
        "        if self._line > LINE_BYTES:\n",
        "        if False:\n",
        pytest("tests/unit/itinerary/transit/test_hostile_feeds.py"),
    ),
    "an arrival before the departure is taken": Mutant(
        "services/itinerary/domain/orienteering/problem.py",
        "    if (earliest < departures).any():\n",
        "    if False:\n",
        pytest("tests/unit/itinerary/test_hostile_tours.py"),
    ),
    "all days share one key of pseudonyms": Mutant(
        "services/visitor_sense/domain/pseudonym.py",
        "blake2b(address, digest_size=8, key=key, person=_ADDRESS)",
        "blake2b(address, digest_size=8, person=_ADDRESS)",
        pytest("tests/unit/visitor_sense"),
    ),
    "the difference of two answers tells of a few people": Mutant(
        "services/visitor_sense/domain/release.py",
        "    if before is not None and abs(estimate - before) < K:\n        return before\n",
        "",
        pytest("tests/unit/visitor_sense/test_rules.py"),
    ),
    "a few devices tell of a calibrated crowd": Mutant(
        "services/visitor_sense/domain/people.py",
        "    if figure is None or devices < K:\n",
        "    if figure is None:\n",
        pytest("tests/unit/visitor_sense/test_people.py"),
    ),
    "a gadget may say anything on the bus": Mutant(
        "services/visitor_sense/domain/logins.py",
        '"pub": {"allow": [subject]}',
        '"pub": {"allow": [">"]}',
        pytest("tests/unit/visitor_sense/test_gadgets.py"),
    ),
    "a gadget's clock that is a day off moves what it counted": Mutant(
        "services/visitor_sense/domain/gadgets.py",
        "if -LATE_MOST <= ahead <= AHEAD_MOST:",
        "if True:",
        pytest("tests/unit/visitor_sense/test_gadgets.py"),
    ),
    "a rainy day accuses every sensor": Mutant(
        "services/visitor_sense/domain/silence.py",
        "level = min(1.0, median(others)) if others else 1.0",
        "level = 1.0",
        pytest("tests/unit/visitor_sense/test_silence.py"),
    ),
    "a forecast is judged by weeks it has learned from": Mutant(
        "services/visitor_sense/domain/forecast.py",
        "for hour, value in known.items() if hour < begin}",
        "for hour, value in known.items() if hour < begin + WEEK}",
        pytest("tests/service/visitor_sense/test_foretold.py"),
    ),
    "learning anew changes an hour that was told": Mutant(
        "services/visitor_sense/domain/people.py",
        "    elif before.method is Method.SIGNATURE:\n        return before\n",
        "",
        pytest("tests/unit/visitor_sense/test_people.py"),
    ),
    "a day is judged by what it taught itself": Mutant(
        "services/visitor_sense/domain/accuracy.py",
        "learn([each for each in windows if each.day in names[:number]])",
        "learn([each for each in windows if each.day in names[: number + 1]])",
        pytest("tests/service/visitor_sense/test_calibration.py"),
    ),
    "more visitors are told though the intervals touch": Mutant(
        "services/edge/insights/visitors/compare.py",
        "    if after[1] > before[2]:\n",
        "    if after[0] > before[2]:\n",
        pytest("tests/pages/insights/test_visitors_figures.py"),
    ),
    "devices are given away as visitors": Mutant(
        "services/edge/insights/visitors/fiware.py",
        '"visitorCount" if people else "deviceCount"',
        '"visitorCount"',
        pytest("tests/pages/insights/test_visitors_page.py"),
    ),
}
