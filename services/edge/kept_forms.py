"""A form that came when its login had expired: kept in the page that asks to sign in.

It waits in that page and nowhere else. After signing in whoever keeps forms of its address shows
where it stands; nothing is sent again before a person presses a button.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, request

PATH, FIELDS, MARK = "kept_path", "kept_fields", "kept_mark"
TOKEN = "form_token"  # of the session that is over  # noqa: S105 - the name of a field
SECRET = re.compile("pin|password|secret")  # in the name of a field: no page gives it back
MOST_CHARACTERS = 100_000
MARK_CHARACTERS = 64


@dataclass(frozen=True)
class Kept:
    """A form: the address it was sent to, its fields in their order, and whose it was.

    mark: see mark_of; "" where the form does not say.
    """

    path: str
    fields: tuple[tuple[str, str], ...]
    mark: str = ""

    def first(self, name: str) -> str:
        """Returns the first value of a field, "" where there is none."""
        return next((value for known, value in self.fields if known == name), "")

    def all_of(self, name: str) -> list[str]:
        """Returns all values of a field."""
        return [value for known, value in self.fields if known == name]

    def written(self) -> str:
        """Returns the fields as the sign-in form carries them."""
        return json.dumps(self.fields, ensure_ascii=False)


# Shows where a kept form stands to the person who just signed in; None where that is not theirs.
# own: it was this person's form. Request ids belong to a login: sent again under another one it
# would be done a second time.
Resume = Callable[[Kept, bool], Response | None]
_keepers: list[tuple[re.Pattern[str], Resume]] = []
_others: list[tuple[re.Pattern[str], Resume]] = []


def keep(addresses: str, resume: Resume) -> None:
    """Has forms sent to these addresses (a pattern) kept. resume: see Resume; it must not fail."""
    _keepers.append((re.compile(addresses), resume))


def keep_rest(addresses: str, resume: Resume) -> None:
    """Has forms kept that nobody else keeps, where they say anything. Their page shows them as
    they were typed."""
    _others.append((re.compile(addresses), resume))


def mark_of(secret: bytes, area: str, user_id: str) -> str:
    """Returns what says whose form it is, to us alone."""
    text = "|".join(("whose form", area, user_id)).encode()
    return hmac.new(secret, text, hashlib.sha256).hexdigest()


def of_refused() -> Kept | None:
    """Returns the form of this request; None where it is none to be kept."""
    fields = tuple((name, value) for name, value in request.form.items(multi=True) if name != TOKEN)
    mark = request.form.get(TOKEN, "").partition("_")[2]
    if request.method != "POST":
        return None
    # A file has to be chosen again: a form without it would not be what was sent.
    return _checked(request.path, fields, mark, whole=not request.files)


def of_sign_in() -> Kept | None:
    """Returns the form that came with the sign-in form; None where none did."""
    text = request.form.get(FIELDS, "")
    try:
        found: Any = json.loads(text) if 0 < len(text) <= MOST_CHARACTERS else None
        json.dumps(found, ensure_ascii=False).encode()  # half a character is no text
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list) or not all(_is_field(each) for each in found):
        return None
    fields = tuple((name, value) for name, value in found)
    return _checked(request.form.get(PATH, ""), fields, request.form.get(MARK, ""))


def resume(kept: Kept, *, own: bool) -> Response | None:
    """Returns the page that goes on with a form; None where there is none for this person."""
    for known, shown in (*_keepers, *_others):
        if known.fullmatch(kept.path):
            return shown(kept, own)
    return None


def _is_field(found: Any) -> bool:
    return isinstance(found, list) and len(found) == 2 and all(isinstance(e, str) for e in found)


def _checked(
    path: str, fields: tuple[tuple[str, str], ...], mark: str, *, whole: bool = True
) -> Kept | None:
    kept = Kept(path, fields, mark[:MARK_CHARACTERS])
    is_small = len(kept.written()) <= MOST_CHARACTERS
    known = any(pattern.fullmatch(path) for pattern, _resume in _keepers)
    other = whole and bool(fields) and any(pattern.fullmatch(path) for pattern, _resume in _others)
    other = other and not any(SECRET.search(name) for name, _value in fields)
    return kept if (known or other) and is_small else None
