"""The wings of the edge: one value for each blueprint, from which everything else is derived.

What is registered and in which order (main), what programs may call (openapi), the navigation of
the staff and where they land after signing in (pages, login), which languages and which mood a page
has (language, errors), how often strangers may send and how much (guards), which catalogs have to
be full (`./meguri check`). One policy of content (guards) holds for all: no wing loosens it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l

from kit import roles
from kit.auth import Role

PHOTO_BYTES = 4_100_000  # the guide takes 4,000,000 of them
VIDEO_BYTES = 16_300_000  # 12,000,000 of a video, 4,000,000 of its picture, captions and words
FEED_BYTES = 3_300_000  # itinerary takes 3 MiB of an archive
FILE_BYTES = 3_100_000  # the guide takes 3,000,000 of them, as sound or as translations


@dataclass(frozen=True)
class Entry:
    """A page of the staff that stands in their navigation.

    rank: smaller ones stand further ahead. shown_to: whoever is offered it; who may open it is said
    at the view, which may be more. home_of: who lands there after signing in. also: other addresses
    that stand below it.
    """

    path: str
    icon: str
    label: Any
    rank: int
    shown_to: frozenset[Role]
    home_of: frozenset[Role] = frozenset()
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Large:
    """A body larger than usual, which only people who are signed in may send."""

    prefix: str
    suffix: str
    most_bytes: int


@dataclass(frozen=True)
class Wing:
    """One blueprint: the folder of its name, whose routes.py has `blueprint`.

    entries: of the staff's navigation; pages below speak the staff's languages. guide: beginnings
    of addresses that can be read where the guide is published. moods: by beginnings of addresses.
    per_minute: POSTs of strangers by address, other than the usual number; one that ends in a slash
    stands for all below it. signed: beginnings whose
    senders prove who they are and are not counted. programs: beginnings whose errors are told as
    data. large: bodies beyond the usual size. for_visitors: its catalogs have every language.
    waits: it has waiting.py, which tells what waits for whom (week).
    """

    name: str
    entries: tuple[Entry, ...] = ()
    guide: tuple[str, ...] = ()
    moods: Mapping[str, str] = field(default_factory=dict)
    per_minute: Mapping[str, int] = field(default_factory=dict)
    signed: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    large: tuple[Large, ...] = ()
    for_visitors: bool = False
    waits: bool = False


# In the order of registration: of two sentences for one reason the first is for all other pages.
# A whole cave may share the address of one access point, so scans are many.
WINGS = (
    Wing(
        "visitor",
        guide=("/g/", "/G/", "/map", "/pack", "/wifi", "/api/v1/stops"),
        moods={"/g": "cave"},
        per_minute={"/api/v1/scans": 6_000, "/api/v1/ratings": 3_000, "/api/v1/surveys": 1_200,
                    "/api/v1/help-requests": 240, "/help": 240},
        programs=("/packs/", "/media/"),
        for_visitors=True,
    ),
    Wing(
        "plan",
        per_minute={"/api/v1/itineraries": 900, "/plan": 900},
        for_visitors=True,
    ),
    Wing(
        "studio",
        waits=True,
        entries=(
            Entry("/studio/today", "sun", _l("Today"), 4, roles.EDITORS),
            Entry("/studio/help", "help", _l("Messages"), 4, roles.ASSOCIATION),
            Entry("/studio", "edit", _l("Texts"), 4, roles.EDITORS,
                  home_of=roles.EDITORS - roles.ADMINS),
            # An admin's menu is full: the way there is on the page of texts.
            Entry("/studio/timetables", "bus", _l("Timetables"), 4,
                  roles.ASSOCIATION - roles.ADMINS,
                  also=("/studio/ways", "/studio/pins")),
            Entry("/studio/pois", "pin", _l("Spots"), 4, roles.ASSOCIATION - roles.ADMINS,
                  also=("/studio/spots",)),
        ),
        moods={"/studio": "desk"},
        large=(
            Large("/studio/timetables", "/feed", FEED_BYTES),
            Large("/studio/pois", "/import", FEED_BYTES),
            Large("/studio/", "/recording", FILE_BYTES),
            Large("/studio/", "/photos", PHOTO_BYTES),
            Large("/studio/", "/videos", VIDEO_BYTES),
            Large("/studio/", "/videos/pieces", FILE_BYTES),
            Large("/studio/", "/exchange", FILE_BYTES),
        ),
    ),
    Wing(
        "till",
        entries=(
            Entry("/till", "card", _l("Till"), 1, roles.SELLERS,
                  home_of=roles.SELLERS - roles.SHOP_OWNERS),
        ),
        moods={"/till": "counter"},
        per_minute={"/till/display/pair": 60},
    ),
    Wing(
        "office",
        waits=True,
        entries=(
            Entry("/till/office/mine", "shop", _l("My shop"), 2, roles.SHOP_OWNERS - roles.ADMINS,
                  home_of=roles.SHOP_OWNERS - roles.ADMINS),
            Entry("/till/office", "receipt", _l("Back office"), 2, roles.OFFICE,
                  home_of=roles.AUDITORS - roles.ADMINS),
        ),
        moods={"/till/office": "desk"},
    ),
    Wing(
        "gate",
        entries=(Entry("/gate", "ticket", _l("Gate"), 3, roles.DOOR_KEEPERS),),
        moods={"/gate": "counter"},
    ),
    Wing("payments_api", signed=("/api/v1/payments",)),
    Wing("hooks", signed=("/hooks/",), programs=("/hooks/",)),
    Wing(
        "occupancy",
        per_minute={"/api/v1/meraki/": 120},  # of Meraki's clouds each posts once a minute
        signed=("/api/v1/sensors",),
        for_visitors=True,
    ),
    Wing(
        "insights",
        waits=True,
        entries=(
            Entry("/insights", "chart", _l("Numbers"), 5, roles.ANALYSTS,
                  home_of=roles.ANALYSTS - roles.ADMINS),
        ),
        moods={"/insights": "desk"},
        large=(Large("/insights/imports", "/imports", FEED_BYTES),),
    ),
    Wing(
        "week",
        entries=(
            # An admin's menu is full: the way there is on the page of operation.
            Entry("/week", "list", _l("This week"), 6,
                  (roles.EDITORS | roles.ANALYSTS | roles.OFFICE) - roles.ADMINS),
        ),
        moods={"/week": "desk"},
    ),
    Wing(
        "account",
        # Nobody's navigation has it: the way there is at the foot of every page of the staff.
        entries=(Entry("/account", "user", _l("Own login"), 8, frozenset()),),
        moods={"/account": "desk"},
    ),
    Wing("asyncapi"),
    Wing(
        "admin",
        waits=True,
        entries=(
            Entry("/admin", "settings", _l("Operation"), 7, roles.ADMINS, home_of=roles.ADMINS),
        ),
        moods={"/admin": "desk"},
    ),
)  # fmt: skip
NAMES = tuple(wing.name for wing in WINGS)
ENTRIES = tuple(sorted((e for wing in WINGS for e in wing.entries), key=lambda each: each.rank))
# What belongs to the edge itself stands here beside what its wings say.
GUIDE = tuple(path for wing in WINGS for path in wing.guide)
SIGNED = tuple(path for wing in WINGS for path in wing.signed)
PROGRAMS = ("/api/", *(path for wing in WINGS for path in wing.programs))
LARGE = tuple(large for wing in WINGS for large in wing.large)
PER_MINUTE = {"/login": 60, "/login/": 60} | {
    path: n for wing in WINGS for path, n in wing.per_minute.items()
}
MOODS = {"/login": "desk"} | {path: mood for wing in WINGS for path, mood in wing.moods.items()}
FOR_VISITORS = tuple(wing.name for wing in WINGS if wing.for_visitors)


@cache
def offered_to(known: frozenset[Role]) -> tuple[Entry, ...]:
    """Returns the navigation of somebody with these roles, in its order."""
    return tuple(each for each in ENTRIES if known & each.shown_to)


def entry_of(path: str, entries: Iterable[Entry] = ENTRIES) -> Entry | None:
    """Returns the entry that an address stands below: of several the one that says most of it."""
    found = [
        (len(start), each)
        for each in entries
        for start in (each.path, *each.also)
        if _is_below(path, start)
    ]
    return max(found, key=lambda pair: pair[0], default=(0, None))[1]


def home_of(known: frozenset[Role]) -> str:
    """Returns the page somebody with these roles works on first, "/" for nobody."""
    return next((each.path for each in ENTRIES if known & each.home_of), "/")


def limit_of(path: str) -> tuple[str, int] | None:
    """Returns what a POST of a stranger is counted as and how often a minute; None for the rest."""
    found = [key for key in PER_MINUTE if path == key or (key[-1] == "/" and path.startswith(key))]
    return (found[0], PER_MINUTE[found[0]]) if found else None


def mood_of(path: str) -> str:
    """Returns the mood of the part of the site an address belongs to."""
    found = [start for start in MOODS if _is_below(path.lower(), start)]
    return MOODS[max(found, key=len)] if found else "day"


def _is_below(path: str, start: str) -> bool:
    return path == start or path.startswith(f"{start}/")
