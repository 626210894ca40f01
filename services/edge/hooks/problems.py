"""Sentences for refused webhooks."""

from flask_babel import lazy_gettext as _l

PROBLEMS = {
    "UNKNOWN_PROVIDER": _l("No provider of this name is set up here."),
    "WEBHOOK_MALFORMED": _l("This webhook cannot be read."),
    "WEBHOOK_FORGED": _l("The signature of this webhook is wrong. Nothing was changed."),
    "WEBHOOK_TOO_OLD": _l("This webhook is too old. Nothing was changed."),
    "WEBHOOK_FROM_FUTURE": _l("This webhook comes from the future. Check the clocks."),
    "WEBHOOK_MISMATCH": _l("This webhook tells another amount. Nothing was changed."),
}
