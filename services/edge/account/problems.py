"""What the pages of the own login say of what was refused."""

from typing import Any

from flask_babel import lazy_gettext as _l

PROBLEMS: dict[str, Any] = {
    "password_wrong": _l("The password of before is wrong."),
    "password_too_easy": _l("This password is easy to guess, or the one of before."),
}
