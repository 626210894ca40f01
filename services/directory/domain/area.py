"""An area: one destination and its settings."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kit.pure.errors import InvalidFields, Refusal
from kit.pure.event import Event

AREA_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")
HOST = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}(:[0-9]{1,5})?"
)
LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
MAX_LOCALES = 20
PUBLIC_URL = re.compile(r"https?://(\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+)(:[0-9]{1,5})?")


class AreaNotDemo(Refusal):
    """A real area may hold books that must be kept: it is dropped only when it was confirmed."""


class HostTaken(Refusal):
    """Another area answers to this host name already."""


@dataclass(frozen=True)
class Area:
    """Settings of one destination. names: by BCP 47 locale. locales: source locale first."""

    area: str
    names: Mapping[str, str]
    hosts: tuple[str, ...]
    public_url: str
    time_zone: str
    locales: tuple[str, ...]
    demo: bool
    help_phone: str
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class AreaConfigured(Event):
    """An area was created or its settings changed."""

    settings: Area


@dataclass(frozen=True, kw_only=True)
class AreaDropped(Event):
    """An area is gone; whoever hears this deletes every row of it."""


def are_short(names: Mapping[str, str]) -> bool:
    """Tells whether names fit into an event with room to spare."""
    return len(names) <= 40 and all(
        len(locale) <= 35 and len(name) <= 200 for locale, name in names.items()
    )


def check_area(area: Area) -> None:
    """Errors: InvalidFields naming every setting that cannot be used."""
    bad: list[tuple[str, str]] = []
    if not AREA_NAME.fullmatch(area.area):
        bad.append(("area.area", "use 2 to 31 lower-case letters, digits or _"))
    if not area.names or not all(name.strip() for name in area.names.values()):
        bad.append(("area.names", "give the name in at least one language"))
    if not are_short(area.names):
        bad.append(("area.names", "use at most 40 languages and 200 characters each"))
    bad += [("area.hosts", f"{host!r} is no host name") for host in area.hosts
            if not HOST.fullmatch(host)]  # fmt: skip
    if not area.locales or not all(LOCALE.fullmatch(locale) for locale in area.locales):
        bad.append(("area.locales", "give BCP 47 locales such as ja or zh-Hant, source first"))
    if area.public_url and not PUBLIC_URL.fullmatch(area.public_url):
        bad.append(("area.public_url", "give scheme and host only, such as https://example.jp"))
    if len(area.help_phone) > 40:
        bad.append(("area.help_phone", "use at most 40 characters"))
    try:
        ZoneInfo(area.time_zone)
    except (KeyError, ValueError, OSError):
        bad.append(("area.time_zone", "give an IANA zone such as Asia/Tokyo"))
    if bad:
        raise InvalidFields(bad)


def check_locales(locales: Sequence[str], source: str) -> None:
    """Checks what visitors shall be offered: the source stays the first. Errors: InvalidFields."""
    if not locales or locales[0] != source:
        raise InvalidFields([("locales", f"the first stays {source}: all texts come from it")])
    if len(set(locales)) != len(locales) or len(locales) > MAX_LOCALES:
        raise InvalidFields([("locales", f"each language once, at most {MAX_LOCALES}")])


def check_droppable(area: Area, *, confirmed: bool) -> None:
    """Errors: AreaNotDemo."""
    if not area.demo and not confirmed:
        raise AreaNotDemo(f"{area.area} is not a demonstration area and stays.")
