"""Every cookie of the edge: what is set comes from this table, and /privacy shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

LONG = timedelta(days=400)  # what browsers keep at most
OUTLIVES = timedelta(days=1)  # what lives longer may have been kept by a release before


@dataclass(frozen=True)
class Cookie:
    """One cookie. what: why it is there, for people. life: None until the browser is closed.

    Over TLS its name begins with __Host-: only we can have set it, no neighbouring host and nobody
    who answers in plain (RFC 6265bis, 4.1.3.2), and all our pages are sent it. In plain a browser
    takes no such name: it has its own one there, and is sent below `path` alone.

    at_work: only people who work here get it. scripts: scripts of our pages read it, too.
    """

    name: str
    what: Any
    life: timedelta | None = None
    path: str = "/"
    at_work: bool = True
    scripts: bool = False

    def put(self, response: Response, value: str, *, expires: datetime | None = None) -> None:
        """Has the browser keep a value. expires: ends earlier than most of its kind."""
        response.set_cookie(
            self.name_now(), value, path=self._path_now(), httponly=not self.scripts,
            samesite="Lax", max_age=self.life if expires is None else None, expires=expires,
            secure=request.is_secure,
        )  # fmt: skip
        self._drop_older(response)

    def drop(self, response: Response) -> None:
        """Has the browser forget it."""
        response.delete_cookie(
            self.name_now(), path=self._path_now(), secure=request.is_secure,
            httponly=not self.scripts, samesite="Lax",
        )  # fmt: skip
        self._drop_older(response)

    def _drop_older(self, response: Response) -> None:
        """Has the browser forget what was kept under older names before, which `read` still
        believes: else it would come back whenever the other one is gone."""
        for name in self._older():
            if name != self.name_now() and name in request.cookies:
                response.delete_cookie(name, path=self.path, secure=request.is_secure)

    def read(self) -> str:
        """Returns its value, "" where the browser has none.

        What a device is for and what a visitor chose is not asked anew: it may stand under an older
        name until it ends. Of who signed in or opened a till those are never believed over TLS.
        """
        names = (self.host_name, *self._older()) if self._is_of_before() else (self.name_now(),)
        return next(filter(None, (request.cookies.get(name, "") for name in names)), "")

    @property
    def host_name(self) -> str:
        """The name that only our own host can set, over TLS."""
        return f"__Host-{self.name}"

    def name_now(self) -> str:
        """Returns the name under which this request's answer keeps it."""
        return self.host_name if request.is_secure else self.name

    def _path_now(self) -> str:
        return "/" if request.is_secure else self.path

    def _older(self) -> tuple[str, ...]:
        """Names of releases before, and of what was kept in plain."""
        return (self.name,) if self.path == "/" else (f"__Secure-{self.name}", self.name)

    def _is_of_before(self) -> bool:
        """Ready pages go out without asking over which line they were asked for (hot.py): of what a
        visitor chose names are looked at in one order, everywhere."""
        if not self.at_work:
            return True
        return request.is_secure and self.life is not None and self.life > OUTLIVES


_DEVICE = _l("Which counter or gate this device is.")
_TILL = _l("Whose PIN opened the till, or that it is locked.")

LOCALE = Cookie(
    "meguri_locale", _l("You chose a language."), timedelta(days=365), at_work=False
)  # fmt: skip
SURVEY = Cookie(
    "meguri_survey",
    _l("You answered the questions or declined them: you are not asked again."),
    timedelta(days=365), at_work=False, scripts=True,
)  # fmt: skip
STAY = Cookie("meguri_stay", _l("You read inside an app and chose to stay there."), at_work=False)
SESSION = Cookie("meguri_session", _l("Who signed in."), timedelta(hours=12))
HALF = Cookie(
    "meguri_half", _l("The password was right; a code is still to be given."),
    timedelta(minutes=5), "/login",
)  # fmt: skip
KNOWN = Cookie(
    "meguri_known", _l("Somebody signed in with this browser before."),
    timedelta(days=180), "/login",
)  # fmt: skip
TILL_SHOP = Cookie("meguri_till_shop", _DEVICE, LONG, "/till")
TILL_COUNTER = Cookie("meguri_till_counter", _DEVICE, LONG, "/till")
TILL_CLERK = Cookie("meguri_till_clerk", _TILL, timedelta(seconds=600), "/till")
TILL_LOCKED = Cookie("meguri_till_locked", _TILL, timedelta(days=1), "/till")
DISPLAY = Cookie(
    "meguri_display", _l("This screen belongs to a till."), LONG, "/till/display",
)  # fmt: skip
GATE = Cookie("meguri_gate", _DEVICE, LONG, "/gate")

ALL = (
    LOCALE, SURVEY, STAY, SESSION, HALF, KNOWN, TILL_SHOP, TILL_COUNTER, TILL_CLERK, TILL_LOCKED,
    DISPLAY, GATE,
)  # fmt: skip
