"""Which area a request is about: the host name says so."""

import ipaddress
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kit.pure.languages import STAFF_LOCALES

REFRESH_S = 10.0
HOSTS_REMEMBERED = 1_000
DEFAULT_LOCALES = STAFF_LOCALES


@dataclass(frozen=True)
class Area:
    """One destination. locales: BCP 47, the source locale first. time_zone: IANA name."""

    area: str
    names: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    public_url: str = ""
    time_zone: str = "Asia/Tokyo"
    locales: tuple[str, ...] = DEFAULT_LOCALES
    demo: bool = False
    help_phone: str = ""

    def name(self, locale: str) -> str:
        """Returns the area's name in a locale, else in its source locale, else its id."""
        return self.names.get(locale) or self.names.get(self.locales[0]) or self.area


class UnknownArea(LookupError):
    """No area answers to this host name."""


Load = Callable[[], Sequence[Area]]


class Areas:
    """The areas of this installation, kept while directory is away."""

    def __init__(self, load: Load, default_area: str) -> None:
        self._load, self._default = load, default_area
        self._by_name: dict[str, Area] = {}
        self._by_host: dict[str, Area] = {}
        self._checked = -REFRESH_S
        self._lock = threading.Lock()

    def of_host(self, host: str) -> Area:
        """Returns the area of a Host header. Errors: UnknownArea."""
        if time.monotonic() - self._checked > REFRESH_S:
            self.refresh()
        return self._by_host.get(host) or self._remember(host)

    def known(self, host: str) -> Area | None:
        """Returns the area of a Host header from memory, None for an unknown one: asks nobody."""
        try:
            return self._by_host.get(host) or self._remember(host)
        except UnknownArea:
            return None

    def locales_of(self, name: str) -> tuple[str, ...]:
        """Returns the languages of an area, as far as it is known."""
        return self._named(name).locales

    def all(self) -> Sequence[Area]:
        """Returns every area that is known just now."""
        return list(self._by_name.values())

    def forget(self) -> None:
        """Has the next request ask directory again."""
        self._checked = -REFRESH_S

    def refresh(self) -> None:
        """Asks directory, unless another thread is at it; keeps what is known when it is away."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._checked = time.monotonic()
            try:
                found = self._load()
            except Exception:  # noqa: BLE001 - whatever is wrong with directory, pages go on
                return
            self._by_name = {area.area: area for area in found}
            self._by_host = {}
        finally:
            self._lock.release()

    def _remember(self, host: str) -> Area:
        found = self._find(_bare(host))
        if len(self._by_host) < HOSTS_REMEMBERED:
            self._by_host[host] = found
        return found

    def _find(self, name: str) -> Area:
        if name == "localhost" or _is_address(name):
            return self._named(self._default)
        label, _, rest = name.partition(".")
        if rest == "localhost":
            if self._by_name and label not in self._by_name:
                raise UnknownArea(label)
            return self._named(label)
        for area in self._by_name.values():
            if name in area.hosts:
                return area
        raise UnknownArea(name)

    def _named(self, name: str) -> Area:
        # Before directory has ever answered, the configured name alone opens cached pages.
        return self._by_name.get(name) or Area(name)


def _bare(host: str) -> str:
    """Returns a Host header without its port, in lower case."""
    host = host.strip().lower()
    if host.startswith("["):
        return host.partition("]")[0].lstrip("[")
    return host.partition(":")[0].rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
