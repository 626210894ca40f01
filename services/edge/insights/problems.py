"""What is said where the KPI book or an import refuses something."""

from flask_babel import lazy_gettext as _l

PROBLEMS = {
    "TOO_MANY_KPIS": _l("The book is full. Retire a KPI first."),
    "KPI_MEASURED": _l(
        "This is counted from events. Enter figures only for the time before the first one."
    ),
    "NOTHING_CHANGED": _l("The newest edition says the same. There is nothing to freeze."),
    "EDITION_DAMAGED": _l(
        "What is kept of this edition is not what was frozen. Restore it from a backup."
    ),
    "IMPORTS_BUSY": _l("Other files are being read. Try again in a moment."),
    "ROWS_REJECTED": _l(
        "Some rows cannot be used. Say that they may be left out, or correct them."
    ),
    "NOTHING_NEW": _l("Everything in this file is kept already, as it is."),
    "IMPORTS_FULL": _l("There are too many imports. Tell whoever looks after this installation."),
    "FILE_UNUSABLE": _l("This file cannot be read as a table. Save it as CSV or as .xlsx anew."),
    "NOTHING_OVER": _l(
        "No whole week or month with two weeks of figures is over yet. The letter comes by itself."
    ),
    "LETTER_DAMAGED": _l(
        "What is kept of a letter is not what was written. Restore it from a backup."
    ),
    "MAIL_NOT_CONFIGURED": _l(
        "This installation has no mail server yet. Take the tick at sending away "
        "to keep the addresses already."
    ),
    "TOO_MANY_MAILS": _l("Test mails are still on their way. Wait a minute."),
    "ESTIMATOR_DOWN": _l(
        "Effects cannot be reckoned just now. Try again in a few minutes; nothing was changed."
    ),
}
