"""Which language a page speaks: the visitor's own choice, else the browser's wishes."""

import gettext
import hashlib
import io
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple, cast
from urllib.parse import unquote

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, Response, g, redirect, request
from flask_babel import Babel, Domain, get_locale

from kit.pure.languages import LOCALES, NAMES, STAFF_LOCALES
from kit.pure.locale import known, negotiate
from services.edge import cookies, wings
from services.edge.errors import Problem

OTHER = "other"  # a language that is read nowhere here
SOURCE = "en"  # msgids are English: it has no catalog and is what remains where one is missing
UI_LOCALES = LOCALES
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")
FOLDER = Path(__file__).parent
REMEMBERED_LENGTH = 200  # of a header; about 2 MB of them at most

blueprint = Blueprint("language", __name__)


def choose(cookie: str | None, accept_language: str, published: tuple[str, ...]) -> str:
    """Returns the locale for one request: an own choice that is published, else the best wish."""
    if cookie in published:
        return str(cookie)
    return negotiate(accept_language, published, _chosen(cookie)).locale


def label_of(cookie: str | None, accept_language: str, published: tuple[str, ...]) -> str:
    """Returns the locale in which a page says that it is not in the language the visitor wishes
    for most: theirs where there are words for it, else English. "" where nothing is to be said."""
    if cookie in published:
        return ""
    found = negotiate(accept_language, published, _chosen(cookie))
    if not found.needs_label:
        return ""
    words = negotiate(found.requested, UI_LOCALES)
    return words.locale if words.matched else SOURCE


def wish_of(cookie: str | None, accept_language: str, published: tuple[str, ...]) -> str:
    """Returns the language a visitor wants most: an own choice, else the first wish of the browser,
    cut down to language, script and region; "" for none. That is counted: who chose 日本語
    misses no English, whatever the phone is set to."""
    if cookie in published:
        return str(cookie)
    return negotiate(accept_language, published, _chosen(cookie)).requested


class Chosen(NamedTuple):
    """How one visitor is answered: choose, label_of and wish_of at once."""

    locale: str
    label: str
    wish: str


def choose_all(cookie: str | None, accept_language: str, published: tuple[str, ...]) -> Chosen:
    """Returns locale, label and wish for one request. Browsers send few different headers: what
    was answered to one is remembered, unless it is longer than any browser's."""
    if len(accept_language) > REMEMBERED_LENGTH or len(cookie or "") > REMEMBERED_LENGTH:
        return _choose_all.__wrapped__(cookie, accept_language, published)
    return _choose_all(cookie, accept_language, published)


@lru_cache(maxsize=4_096)
def _choose_all(cookie: str | None, accept_language: str, published: tuple[str, ...]) -> Chosen:
    asked = (cookie, accept_language, published)
    return Chosen(choose(*asked), label_of(*asked), wish_of(*asked))


def _chosen(cookie: str | None) -> str:
    """Returns an own choice that other pages of ours offer, "" for what no page of ours did."""
    return cookie if cookie is not None and cookie in UI_LOCALES else ""


def counted_wish(wish: str, locales: tuple[str, ...]) -> str:
    """Returns the language that a wish is counted under: one of the area's or of our pages', OTHER
    for any other, "" for none. locales: those of the area."""
    return (known(wish, (*locales, *LOCALES)) or OTHER) if wish else ""


def kept_as(locale: str, label: str) -> str:
    """Returns the name under which a page of one locale is kept: with its label it is another."""
    return f"{locale}+{label}" if label else locale


def ui_locale(locale: str) -> str:
    """Returns the locale of buttons and labels for a content locale."""
    return locale if locale in UI_LOCALES else SOURCE


def for_staff(path: str) -> bool:
    """Tells whether a page is one of the staff's."""
    return wings.entry_of(path) is not None


def for_guide(path: str) -> bool:
    """Tells whether a page is the guide's: in the languages that are published, whatever languages
    buttons speak. Ready pages (hot.py) all are."""
    return path in ("/", "/g", "/G") or path.startswith(wings.GUIDE)


def staff_locales(published: tuple[str, ...]) -> tuple[str, ...]:
    """Returns those published locales which pages of the staff speak; English where none is."""
    return tuple(tag for tag in published if tag in STAFF_LOCALES) or (SOURCE,)


def name_of(locale: str) -> str:
    """Returns what speakers call their language."""
    return NAMES.get(locale) or Locale.parse(locale, sep="-").get_display_name() or locale


def direction_of(locale: str) -> str:
    """Returns "rtl" for languages written from right to left, else "ltr"."""
    return "rtl" if locale.split("-", maxsplit=1)[0] in RIGHT_TO_LEFT else "ltr"


class Catalogs(Domain):  # type: ignore[misc] # Flask-Babel ships no types
    """The catalogs of all blueprints, read from the .po files when first needed.

    A blueprint's own words win where two blueprints translate the same English differently.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(domain="messages")
        self._folders = list(folders)
        self._loaded: dict[tuple[str, str], gettext.NullTranslations] = {}

    def get_translations(self) -> gettext.NullTranslations:
        """Returns the catalog of the request's locale and blueprint. Asked for each word of a page:
        a request remembers what it found, as long as it is in one language."""
        locale = get_locale()
        known = g.get("catalog") if g else None
        if known is not None and known[0] is locale:
            return cast(gettext.NullTranslations, known[1])
        tag = str(locale or SOURCE)
        owner = (request.blueprint or "").partition(".")[0] if request else ""
        if (tag, owner) not in self._loaded:
            last = [folder for folder in self._folders if folder.parent.name == owner]
            others = [folder for folder in self._folders if folder.parent.name != owner]
            self._loaded[tag, owner] = load([*others, *last], tag)
        if g:
            g.catalog = locale, self._loaded[tag, owner]
        return self._loaded[tag, owner]


def load(folders: Sequence[Path], tag: str) -> gettext.NullTranslations:
    """Returns the joined catalog of one locale ("zh_Hant"), later folders over earlier ones."""
    joined: Translations | None = None
    for folder in folders:
        path = folder / tag / "LC_MESSAGES" / "messages.po"
        if joined is None:
            packed = _packed(path, tag)
            joined = Translations(io.BytesIO(packed)) if packed else None
        elif (part := _read(path, tag)) is not None:
            joined.merge(part)
    return joined or NullTranslations()


@cache
def _read(path: Path, tag: str) -> Translations | None:
    packed = _packed(path, tag)
    return Translations(io.BytesIO(packed)) if packed else None


@cache
def _packed(path: Path, tag: str) -> bytes:
    """Returns a .po file as gettext reads it; fuzzy entries are left out. Empty where none is.

    The build leaves it beside its source, with the digest of that (cli/build.py): to read a source
    takes twenty times as long, and eleven languages of them hold up the first visitors of a start.
    """
    if not path.exists():
        return b""
    source, product = path.read_bytes(), path.with_suffix(".mo")
    compiled = product.read_bytes() if product.exists() else b""
    if compiled.endswith(hashlib.sha256(source).digest()):
        return compiled
    packed = io.BytesIO()
    write_mo(packed, read_po(io.BytesIO(source), locale=tag))
    return packed.getvalue()


# The clock of doors, signs and timetables here, in every language: who reads "1:05 PM" beside
# "last entry 16:30" has to work out one of them.
CLOCKS = {"time.short": "HH:mm", "datetime.short": "y-MM-dd HH:mm"}


def folders() -> list[Path]:
    """Returns the translation folders of the edge and its blueprints."""
    return [FOLDER / "translations", *sorted(FOLDER.glob("*/translations"))]


def register(app: Flask) -> None:
    """Connects Flask-Babel: locale, time zone of the area, catalogs."""
    babel = Babel(
        app,
        {**Babel.default_date_formats, **CLOCKS},
        locale_selector=lambda: ui_locale(g.get("locale", SOURCE)).replace("-", "_"),
        timezone_selector=lambda: g.area.time_zone if "area" in g else "Asia/Tokyo",
    )
    babel.domain_instance = Catalogs(folders())
    app.register_blueprint(blueprint)


@blueprint.post("/language")
def choose_language() -> Response:
    """Keeps the visitor's own choice and goes back to the page it was made on."""
    chosen = request.form.get("locale", "")
    if chosen not in g.area.locales:
        raise Problem(400, "bad_request")
    response = redirect(own_path(request.form.get("back", "/")), 303)
    cookies.LOCALE.put(response, chosen)
    return response  # type: ignore[return-value] # werkzeug's Response is Flask's here


def own_path(path: str) -> str:
    """Returns a path of this site, "/" for anything that could lead elsewhere.

    Browsers take .. and %2e%2e out of a path: it would not lead where it seems to.
    """
    safe = path.startswith("/") and not path.startswith("//") and "\\" not in path
    steps = unquote(path.partition("?")[0].partition("#")[0]).split("/")
    return path if safe and path.isprintable() and not {".", ".."} & {*steps} else "/"
