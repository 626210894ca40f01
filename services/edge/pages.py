"""What every template is given."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, current_app, g, request
from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _l

from kit import roles
from kit.auth import Role
from services.edge import language, login
from services.edge.closures import REASONS
from services.edge.parts import parts

CLOSURES = "/admin/closures"  # part of /admin for those who see that
OFFICE = "/till/office"  # below /till, and a section of its own
# (first role that may open it decides the order, path, icon, label)
STAFF_PAGES: Sequence[tuple[str, str, Any, frozenset[Role]]] = (
    ("/till", "card", _l("Till"), roles.SELLERS),
    (OFFICE, "receipt", _l("Back office"), roles.OFFICE),
    ("/gate", "ticket", _l("Gate"), roles.DOOR_KEEPERS),
    ("/studio", "edit", _l("Texts"), roles.EDITORS),
    ("/insights", "chart", _l("Numbers"), roles.ANALYSTS),
    (CLOSURES, "lock", _l("Closures"), roles.CLOSERS - roles.ADMINS),
    ("/admin", "settings", _l("Operation"), roles.ADMINS),
)


def register(app: Flask) -> None:
    """Adds names to all templates, the building blocks of parts.html too."""
    app.jinja_env.globals.update(
        asset=asset,
        closure_reasons=REASONS,
        form_token=login.form_token,
        form_token_value=login.form_token_value,
        page_notices=lambda: g.get("notices", []),
        locale_names=_LocaleNames(),
        yen=yen,
    )
    app.context_processor(_given)


def asset(name: str) -> str:
    """Returns the address of a static file. Errors: KeyError for one that does not exist."""
    return parts().assets.url(name)


def notify(kind: str, text: str) -> None:
    """Shows a notice at the top of the page being made. kind: info, ok, warn or bad."""
    if "notices" not in g:
        g.notices = []
    g.notices.append((kind, text))


def yen(amount_yen: int) -> str:
    """Returns an amount of money as it is written in Japan: ¥12,300."""
    return f"{'-' if amount_yen < 0 else ''}¥{abs(amount_yen):,}"


class _LocaleNames(dict[str, str]):
    def __missing__(self, tag: str) -> str:
        return language.name_of(tag)


def _given() -> dict[str, Any]:
    area, locale = g.get("area"), g.get("locale", language.SOURCE)
    known = g.get("person")
    staff = known is not None and request.path.startswith(
        tuple(path for path, *_rest in STAFF_PAGES)
    )
    return {
        "area": area,
        "area_name": area.name(locale) if area else "Meguri",
        "locale": locale,
        "locales": g.get("locales") or language.UI_LOCALES,
        "direction": language.direction_of(locale),
        "label": "" if staff else g.get("label", ""),
        "label_text": _label_text,
        "user": known,
        "staff": staff,
        "staff_nav": _staff_nav() if staff else (),
        "staff_home": login.home_of(known) if known else "/",
    }


def _label_text() -> str:
    with force_locale(g.label.replace("-", "_")):
        return str(gettext("This page is not available in your language yet."))


def _is_here(path: str) -> bool:
    inside = request.path.startswith(path)
    return inside and (path == OFFICE or not request.path.startswith(OFFICE))


def _staff_nav() -> list[dict[str, str | bool]]:
    served = {str(rule).rstrip("/") for rule in current_app.url_map.iter_rules()}
    own = g.person.roles
    return [
        {"href": path, "icon": icon, "label": str(label), "here": _is_here(path)}
        for path, icon, label, allowed in STAFF_PAGES
        if own & allowed and path in served and not (path == CLOSURES and Role.ADMIN in own)
    ]
