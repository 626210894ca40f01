"""What is said where a language pack cannot be had."""

from flask_babel import lazy_gettext as _l

PROBLEMS = {
    "MEDIA_ERASED": _l("This was erased for good."),
    "HELP_LINK_UNKNOWN": _l("There is nothing to read here, or no longer. Compare the address."),
    "HELP_DESK_FULL": _l("Very many messages wait just now. Call, or send yours later."),
    "UNKNOWN_PACK": _l("There is no such guide to load here."),
    "PACK_FILE_GONE": _l("The guide was renewed meanwhile. Load it again."),
    "PACK_TOO_LARGE": _l("This guide is too large to be kept on a phone. Tell the association."),
}
