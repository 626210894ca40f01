"""One value for each blueprint: what is derived from it, and the lists that cannot be."""

import configparser
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cli.tree_rules import visitor_folders
from infra.local.home import ROOT
from infra.local.nursery_main import OF_SERVICES
from kit import roles
from kit.auth import Role
from services.edge import wings
from services.edge.language import for_staff

EDGE = ROOT / "services" / "edge"


def test_every_folder_with_routes_is_a_wing() -> None:
    folders = {path.parent.name for path in EDGE.glob("*/routes.py")}
    assert folders == set(wings.NAMES)
    assert len(wings.NAMES) == len(set(wings.NAMES))


def test_the_import_rules_keep_all_wings_apart() -> None:
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter")
    listed = rules["importlinter:contract:blueprints"]["modules"].split()
    assert sorted(listed) == sorted(f"services.edge.{name}" for name in wings.NAMES)


def test_the_nursery_loads_all_wings_and_check_knows_those_of_visitors() -> None:
    assert {f"services.edge.{name}.routes" for name in wings.NAMES} <= set(OF_SERVICES)
    assert set(visitor_folders()) == {"edge", "visitor", "plan", "occupancy"}


def test_every_address_that_a_wing_names_is_served(app: Flask) -> None:
    rules = {str(rule) for rule in app.url_map.iter_rules()}
    for entry in wings.ENTRIES:
        assert entry.path in rules
        assert entry.home_of <= entry.shown_to
    named = [*wings.PER_MINUTE, *wings.SIGNED, *wings.PROGRAMS, *wings.GUIDE, *wings.MOODS]
    for start in named:
        assert any(rule.startswith(start) for rule in rules), start
    for large in wings.LARGE:
        assert any(r.startswith(large.prefix) and r.endswith(large.suffix) for r in rules)


def test_everybody_of_the_staff_lands_on_a_page_of_their_own() -> None:
    homes = {role: wings.home_of(frozenset({role})) for role in Role}
    assert {role.value: home for role, home in homes.items() if home != "/"} == {
        "clerk": "/till", "shop_owner": "/till/office/mine", "editor": "/studio",
        "reviewer": "/studio", "analyst": "/insights", "accountant": "/till/office",
        "admin": "/admin",
    }  # fmt: skip
    assert wings.home_of(frozenset({Role.EDITOR, Role.CLERK})) == "/till"


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        (Role.CLERK, ["/till", "/gate"]),
        (Role.SHOP_OWNER, ["/till", "/till/office/mine", "/till/office", "/week"]),
        (
            Role.EDITOR,
            [
                "/studio/today",
                "/studio/help",
                "/studio",
                "/studio/timetables",
                "/studio/pois",
                "/week",
            ],
        ),
        (Role.REVIEWER, ["/studio/today", "/studio", "/week"]),
        (Role.ANALYST, ["/insights", "/week"]),
        (Role.ACCOUNTANT, ["/till/office", "/insights", "/week"]),
        (
            Role.ADMIN,
            [
                "/till",
                "/till/office",
                "/gate",
                "/studio/today",
                "/studio/help",
                "/studio",
                "/insights",
                "/admin",
            ],
        ),
        (Role.VISITOR, []),
    ],
)
def test_the_navigation_of_each_role(role: Role, paths: list[str]) -> None:
    assert [each.path for each in wings.offered_to(frozenset({role}))] == paths


def test_an_admin_who_edits_is_offered_operation_and_no_part_of_it() -> None:
    paths = [each.path for each in wings.offered_to(roles.ASSOCIATION)]
    assert "/admin" in paths
    assert "/admin/closures" not in paths


@pytest.mark.parametrize(
    ("path", "entry", "mood"),
    [
        ("/till", "/till", "counter"),
        ("/till/office/closes", "/till/office", "desk"),
        ("/till/officer", "/till", "counter"),
        ("/gate/unused", "/gate", "counter"),  # and not the cave, which begins with the same letter
        ("/admin/closures", "/admin", "desk"),
        ("/studio/today", "/studio/today", "desk"),
        ("/studio/timetables/new", "/studio/timetables", "desk"),
        ("/studio/pins/bus-center", "/studio/timetables", "desk"),
        ("/studio/waysides", "/studio", "desk"),
        ("/admin/users", "/admin", "desk"),
        ("/g/8WXC3", None, "cave"),
        ("/G/8WXC3", None, "cave"),
        ("/login", None, "desk"),
        ("/plan", None, "day"),
        ("/tills", None, "day"),
    ],
)
def test_what_an_address_belongs_to(path: str, entry: str | None, mood: str) -> None:
    found = wings.entry_of(path)
    assert (found.path if found else None) == entry
    assert wings.mood_of(path) == mood
    assert for_staff(path) is (entry is not None)


def test_a_page_that_is_not_at_the_gate_is_told_in_the_mood_of_the_gate(
    browser: FlaskClient,
) -> None:
    page = browser.get("/gate/nothing-here", headers={"Accept": "text/html"})
    assert page.status_code == 404
    found = re.search(r'<body class="mood-(\w+)"', page.text)
    assert found
    assert found[1] == "counter"


def test_the_navigation_of_a_login_is_worked_out_once() -> None:
    wings.offered_to.cache_clear()
    first = wings.offered_to(roles.ASSOCIATION)
    assert wings.offered_to(frozenset(roles.ASSOCIATION)) is first
    assert wings.offered_to.cache_info().hits == 1
