"""Sentences for the refusals of the office."""

from flask_babel import lazy_gettext as _l

PROBLEMS = {
    "UNKNOWN_CLOSE": _l("There is no such close here."),
    "DAY_NOT_BEGUN": _l("This day has not begun yet. Choose today or a day before."),
    "FILE_UNREADABLE": _l("The file is not in the form that was chosen. Nothing was changed."),
    "FILE_ENCODING_UNKNOWN": _l(
        "The file is neither UTF-8 nor Shift_JIS. Save it as “CSV UTF-8” in Excel (or your"
        " spreadsheet program) and send it again."
    ),
    "UNKNOWN_FINDING": _l("There is no such entry on the work list."),
    "UNKNOWN_CLERK": _l("There is no such clerk at this shop."),
    "CLERK_RESTING": _l("Too many wrong PINs. Wait 15 minutes, or set a new PIN."),
    "UNKNOWN_NOTICE_ADDRESS": _l("There is no such address. It may have been removed."),
    "NOTICE_ADDRESS_OFF": _l("This address is off. Switch it on, then send again."),
    "UNKNOWN_REGISTER_IMPORT": _l("There is no such file here."),
    "NOT_YOUR_SETTING": _l("Only the association changes this. Ask them."),
}
