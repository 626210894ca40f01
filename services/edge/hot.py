"""Ready pages: a stop page that was made once is sent again without waking Flask."""

import gzip
import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

from kit import telemetry
from services.edge.areas import Area
from services.edge.assets import Asset, Assets
from services.edge.cookies import LOCALE
from services.edge.headers import Header, is_prefetch, takes_gzip
from services.edge.language import REMEMBERED_LENGTH, Chosen, kept_as

QUICKLY, WELL = 1, 6  # of zlib's levels
KEPT_AT_MOST = 5_000  # of about 17 KB each
REMEMBERED = 4_096  # what visitors wished for, a few hundred bytes each
FOREVER = float("inf")
# What a 304 says of the page that the phone has already (RFC 9110, 15.4.5).
SAID_AGAIN = frozenset({"Content-Type", "Cache-Control", "Vary", "ETag"})
CHANGING = ("locale", "moved")  # words of a query that change the page of a stop; no others do
MAY_CHANGE = (*CHANGING, "%")  # which may be one of them, written otherwise
KEPT_PATHS = frozenset({"/", "/g/", "/map", "/api/v1/stops"})  # the same for everybody, like stops

Headers = list[tuple[str, str]]


class Answer(NamedTuple):
    """A whole answer as it goes out."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """A page as bytes, in each form it is sent in. again: to whoever has it already.

    until: monotonic time after which it may say something untrue.
    served: the language its content is in, which may be another than the one it was asked for in.
    """

    plain: Answer
    packed: Answer
    again: Answer
    etag: str
    until: float
    served: str


def make_page(
    body: bytes, headers: Headers, until: float = FOREVER, served: str = "", *, once: bool = False
) -> Page:
    """Packs a rendered page. headers: all but length, encoding and ETag.

    once: it is sent and not kept; to pack it well would take longer than to make it.
    """
    packed = gzip.compress(body, QUICKLY if once else WELL, mtime=0)
    # Weak: the packed and the plain bytes are the same page. The packed ones are fewer to hash.
    etag = f'W/"{hashlib.sha256(packed).hexdigest()[:20]}"'
    known = [*headers, ("ETag", etag)]
    long, short = ("Content-Length", str(len(body))), ("Content-Length", str(len(packed)))
    return Page(
        Answer(200, [*known, long], body),
        Answer(200, [*known, ("Content-Encoding", "gzip"), short], packed),
        Answer(304, [each for each in known if each[0] in SAID_AGAIN], b""),
        etag, until, served,
    )  # fmt: skip


class Ready:
    """The pages of one process, by area, name (stop code or path) and locale."""

    def __init__(self) -> None:
        self._pages: dict[tuple[str, str, str], Page] = {}
        self._turn: dict[str, int] = {}
        self._lock = threading.Lock()

    def turn(self, area: str) -> int:
        """Returns a number that changes with every drop: take it before reading what is shown."""
        return self._turn.get(area, 0)

    def put(self, area: str, name: str, locale: str, page: Page, turn: int) -> None:
        """Keeps a page, unless it was dropped while it was being made."""
        key = (area, name, locale)
        with self._lock:
            if self._turn.get(area, 0) != turn:
                return
            if len(self._pages) >= KEPT_AT_MOST and key not in self._pages:
                self._make_room()
            self._pages[key] = page

    def _make_room(self) -> None:
        """Drops pages that are over, and at least a tenth: the ones kept longest."""
        now, least = time.monotonic(), KEPT_AT_MOST // 10
        live = [(key, page) for key, page in self._pages.items() if page.until > now]
        spare = max(0, least - (len(self._pages) - len(live)))
        self._pages = dict(live[spare:])

    def get(self, area: str, name: str, locale: str) -> Page | None:
        """Returns a page that still tells the truth, or None."""
        page = self._pages.get((area, name, locale))
        return page if page is not None and page.until > time.monotonic() else None

    def drop(self, area: str) -> int:
        """Drops every page of an area: stops show their neighbors, and closures show on all.
        Returns the turn that begins."""
        with self._lock:
            self._turn[area] = self._turn.get(area, 0) + 1
            self._pages = {key: page for key, page in self._pages.items() if key[0] != area}
            return self._turn[area]

    def drop_one(self, area: str, name: str) -> None:
        """Drops one page of an area in all languages."""
        with self._lock:
            self._pages = {key: at for key, at in self._pages.items() if key[:2] != (area, name)}


class Finder(Protocol):
    """Finds the area of a host name from memory; None for one that is not known."""

    def known(self, host: str) -> Area | None: ...


Published = Callable[[Area], tuple[str, ...]]
Choose = Callable[[str | None, str, tuple[str, ...]], Chosen]
Count = Callable[[str, str, str, str], None]


class HotPages:
    """Static files and ready pages, from memory alone: no call here waits for anybody.

    choose: (own choice, Accept-Language, published) -> the language, its label and the wish.
    count: called with (area, stop code, wish, locale served) for every stop page sent.
    published: the languages that an area's guide can be read in, which are chosen from.
    special: (user agent, cookies) -> whether this request gets a page of its own
        (in_app.is_new_inside).
    """

    def __init__(
        self, ready: Ready, areas: Finder, assets: Assets,
        choose: Choose, count: Count, published: Published,
        special: Callable[[str, str], bool] = lambda _agent, _cookies: False,
    ) -> None:  # fmt: skip
        self._ready, self._areas, self._assets = ready, areas, assets
        self._choose, self._count, self._special = choose, count, special
        self._published = published
        self._chosen: dict[
            tuple[str, str | None, str], tuple[tuple[str, ...], tuple[str, str]]
        ] = {}
        self._hit = telemetry.EDGE_CACHE.labels("hit")
        self._not_modified = telemetry.EDGE_CACHE.labels("not_modified")

    def find(self, path: str, query: str, host: str, header: Header) -> Answer | None:
        """Returns the answer to a GET, None where it is not here."""
        if path[:3] in ("/g/", "/G/") and len(path) > 3:
            if query and any(word in query for word in MAY_CHANGE):
                return None
            return self._kept(path[3:].upper(), host, header, counted=True)
        if path in KEPT_PATHS:
            return None if query else self._kept(path, host, header, counted=False)
        if path.startswith("/static/"):
            found = self._assets.find(path[8:])
            return found and _asset_answer(found[0], forever=found[1], header=header)
        return None

    def _kept(self, name: str, host: str, header: Header, *, counted: bool) -> Answer | None:
        cookies = header("cookie", "")
        if self._special(header("user-agent", ""), cookies):
            return None
        area = self._areas.known(host)
        if area is None:
            return None
        kept, wish = self._wanted(area, own_choice(cookies), header("accept-language", ""))
        if name.startswith("/api/"):  # says nothing of the language it is in
            kept = kept.partition("+")[0]
        page = self._ready.get(area.area, name, kept)
        if page is None:
            return None
        if counted and not is_prefetch(header):
            self._count(area.area, name, wish, page.served)
        if page.etag in header("if-none-match", ""):
            self._not_modified.inc()
            return page.again
        self._hit.inc()
        return page.packed if takes_gzip(header("accept-encoding", "")) else page.plain

    def _wanted(self, area: Area, choice: str | None, wished: str) -> tuple[str, str]:
        """Returns under which name the pages for a visitor are kept, and the wish that is counted.
        Remembered for as long as the same languages are published."""
        published, asked = self._published(area), (area.area, choice, wished)
        known = self._chosen.get(asked)
        if known is not None and known[0] is published:
            return known[1]
        chosen = self._choose(choice, wished, published)
        found = kept_as(chosen.locale, chosen.label), chosen.wish
        if len(wished) <= REMEMBERED_LENGTH and len(choice or "") <= REMEMBERED_LENGTH:
            if len(self._chosen) >= REMEMBERED:
                self._chosen = {}
            self._chosen[asked] = (published, found)
        return found


def own_choice(cookies: str) -> str | None:
    """Returns the language that a visitor chose, None for none. cookies: the header."""
    if LOCALE.name not in cookies:
        return None
    found: dict[str, str] = {}
    for each in cookies.split(";"):
        name, _, value = each.partition("=")
        found.setdefault(name.strip(), value.strip('" '))
    return found.get(LOCALE.host_name) or found.get(LOCALE.name)  # in the order of Cookie.read


def _asset_answer(asset: Asset, *, forever: bool, header: Header) -> Answer:
    return _file(
        asset,
        forever=forever,
        packed=takes_gzip(header("accept-encoding", "")),
        again=asset.etag in header("if-none-match", ""),
    )


@lru_cache(maxsize=2_048)
def _file(asset: Asset, *, forever: bool, packed: bool, again: bool) -> Answer:
    """Returns the answer with a file; one is made for each way to ask for it."""
    headers = [
        ("Content-Type", asset.content_type),
        ("Cache-Control", "public, max-age=31536000, immutable" if forever else "no-cache"),
        ("Vary", "Accept-Encoding"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("ETag", asset.etag),
    ]
    if again:
        return Answer(304, headers, b"")
    body = asset.body
    if packed and asset.packed:
        body = asset.packed
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    return Answer(200, headers, body)
