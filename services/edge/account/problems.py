"""What the pages of the own login say of what was refused."""

from typing import Any

from flask_babel import lazy_gettext as _l

PROBLEMS: dict[str, Any] = {
    "password_wrong": _l("The password of before is wrong."),
    "password_too_easy": _l("This password is easy to guess, or the one of before."),
    "code_wrong": _l(
        "This code is wrong or was used already. Type the one that the app shows now."
    ),
    "second_factor_on": _l("The second step is on already. Nothing was changed."),
    "second_factor_off": _l(
        "This took more than 15 minutes, or the second step is off. Begin anew."
    ),
    "own_second_factor": _l("Turn your own second step off at your own login."),
    "second_step_owed": _l(
        "Your tasks ask for a second step at sign-in. Set it up at your own login first."
    ),
}
