"""What every template is given."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, g, request
from flask_babel import force_locale, gettext

from services.edge import idle, language, login, phones, until, wings
from services.edge.closures import REASONS
from services.edge.listed import labeled
from services.edge.parts import parts

# Pages of a till that no customer sees.
NOTICE_AT_TILLS = ("/till/choose", "/till/today")


def register(app: Flask) -> None:
    """Adds names to all templates, the building blocks of parts.html too."""
    app.jinja_env.globals.update(
        asset=asset,
        closure_reasons=REASONS,
        closures_in_force=lambda: parts().closures.told(g.area.area),
        closures_known=lambda: parts().closures.of(g.area.area),
        form_token=login.form_token,
        form_token_value=login.form_token_value,
        page_notices=lambda: g.get("notices", []),
        locale_names=_LocaleNames(),
        last_day=until.last_day,
        moment_words=until.moment_words,
        until_words=until.until_words,
        yen=yen,
    )
    app.jinja_env.filters.update(
        labeled=lambda word: labeled(word, _locale()),
        phone=lambda number: phones.shown(number, _locale()),
        tel=lambda number: phones.dialed(number, _locale()),
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


def _locale() -> str:
    return str(g.get("locale", language.SOURCE))


def _given() -> dict[str, Any]:
    area, locale = g.get("area"), _locale()
    known = g.get("person")
    staff = known is not None and wings.entry_of(request.path) is not None
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
        "staff_home": wings.home_of(known.roles) if known else "/",
        "own_password_by": _own_password_by(known.password_until) if known and staff else None,
    }


def _own_password_by(until: float) -> datetime | None:
    """Returns when a password ends that somebody else made, in the area's time; None for an own
    one, and where customers look at the screen."""
    shown = idle.is_watched() or request.path in NOTICE_AT_TILLS
    return datetime.fromtimestamp(until, ZoneInfo(g.area.time_zone)) if until and shown else None


def _label_text() -> str:
    with force_locale(g.label.replace("-", "_")):
        return str(gettext("This page is not available in your language yet."))


def _staff_nav() -> list[dict[str, str | bool]]:
    offered = wings.offered_to(g.person.roles)
    here = wings.entry_of(request.path, offered)
    return [
        {"href": each.path, "icon": each.icon, "label": str(each.label), "here": each is here}
        for each in offered
    ]
