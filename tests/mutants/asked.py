"""Mistakes in what is told of what visitors asked for."""

from tests.mutants.mutant import Mutant, pytest

RULES = pytest("tests/unit/multilingual/test_asked.py")
STRAYS = pytest("tests/unit/multilingual/test_stray.py")
SERVICE = pytest("tests/service/multilingual/test_asked.py")
TABLE = pytest("tests/service/multilingual/test_strays.py")
RATINGS = pytest("tests/unit/insights/test_unliked.py")
EDGE = pytest("tests/pages/edge/test_strays.py")
PAGE = pytest("tests/pages/studio/test_asked.py")

MUTANTS = {
    "whatever was typed as a code is kept": Mutant(
        "services/multilingual/domain/stray.py", "        return MISTYPED\n",
        "        return typed\n", STRAYS,
    ),
    "one address reloaded for hours weighs more than a sign on the wall": Mutant(
        "services/multilingual/domain/stray.py", "min(row.count, DAY_CAP)", "row.count", STRAYS,
    ),
    "a code that leads somewhere by now is on the list": Mutant(
        "services/multilingual/app/asked.py", "and each.code not in leading", "", TABLE,
    ),
    "made-up codes fill the table": Mutant(
        "services/multilingual/store/strays.py",
        " order by seen_count desc, seen_date desc, stop_code limit %s)",
        " order by seen_count desc, seen_date desc, stop_code limit 1000 * %s)", TABLE,
    ),
    "made-up codes fill the edge's memory": Mutant(
        "services/edge/scans.py", "if len(self._fresh) > 2 * self._kept_at_most:",
        "if len(self._fresh) < 0:", EDGE,
    ),
    "letters of what is no code leave the edge": Mutant(
        "services/edge/scans.py", 'code if len(code) == CODE_LENGTH else ""', "code", EDGE,
    ),
    "a phone that looks ahead counts as a visitor": Mutant(
        "services/edge/visitor/routes.py",
        '    if request.method == "GET" and not is_prefetch(request.headers.get):\n'
        "        parts().strays",
        '    if request.method == "GET":\n        parts().strays', EDGE,
    ),
    "a language that few wished for is told": Mutant(
        "services/multilingual/domain/asked.py",
        "return Item(matter, views, views * NOT_OFFERED) if views >= K else None",
        "return Item(matter, views, views * NOT_OFFERED)", RULES,
    ),
    "views are told to the last one": Mutant(
        "services/multilingual/api/asked.py", "least_views=band(item.views)",
        "least_views=item.views", SERVICE,
    ),
    "the running day is told while it runs": Mutant(
        "services/multilingual/app/asked.py",
        "self.midnight(self.first), self.midnight(self.today)",
        "self.midnight(self.first), now", SERVICE,
    ),
    "what is done comes back by what was before": Mutant(
        "services/multilingual/domain/asked.py",
        "return max(window, zone_date + timedelta(days=1))", "return window", SERVICE,
    ),
    "what is done never comes back": Mutant(
        "services/multilingual/app/asked.py",
        "if done is None or (each.since is not None and each.since >= done):",
        "if done is None:", SERVICE,
    ),
    "ratings of before bring a text back": Mutant(
        "services/insights/domain/ratings.py",
        "return since is None or (first is not None and first >= since)", "return True", RATINGS,
    ),
    "groups are made anew for every time that is asked for": Mutant(
        "services/insights/domain/ratings.py",
        "_tell(group for group in whole(events) if _begun(group, (since or {}).get(text)))",
        "_tell(whole([each for each in events if (since or {}).get(text) is None"
        " or each.heard_time is None or each.heard_time >= (since or {})[text]]))", RATINGS,
    ),
    "an undo takes back nothing": Mutant(
        "services/multilingual/store/asked.py", " where area = %s and withdraw_time is null",
        " where area = %s", SERVICE,
    ),
    "while insights is away the page is": Mutant(
        "services/edge/studio/asked_list.py",
        "        if is_away(error):\n            return None\n", "", PAGE,
    ),
}  # fmt: skip
