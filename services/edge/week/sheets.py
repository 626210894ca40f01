"""One sheet of paper for each task: how a day goes, and what to do when something is wrong."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from kit.auth import Role


@dataclass(frozen=True)
class Step:
    """icon: a picture of img/icons.svg. where: the address it is done at, "" for anywhere."""

    icon: str
    title: Any
    text: Any
    where: str = ""


@dataclass(frozen=True)
class Sheet:
    """What hangs beside a desk. steps: in the order of a day. wrong: what may go wrong."""

    role: Role
    title: Any
    steps: tuple[Step, ...]
    wrong: tuple[Step, ...]


_NO_SIGNAL = Step(
    "no-signal", _l("No signal"),
    _l("Cash goes on: the page keeps it and sends it by itself later. Cards wait. Leave the page"
       " open."),
)  # fmt: skip
_NOT_SURE = Step(
    "help", _l("The page says it is not sure whether a payment went through"),
    _l("Do not take it again. Wait: the provider is asked, and the page says what became of it."),
)  # fmt: skip
_PASSWORD = Step(
    "lock", _l("Somebody cannot sign in"),
    _l("An admin gives a new password: Operation, Logins, the person, New password."),
    "/admin/users",
)  # fmt: skip
_PHONE = Step(
    "phone", _l("The phone with the codes is lost"),
    _l("Sign in with a code from paper. Without paper an admin helps: Operation, Logins, the"
       " person, Take the second step away."), "/login",
)  # fmt: skip
_LOST = Step(
    "warning", _l("A tablet is lost"),
    _l("Tell an admin at once: she makes a new password, and whoever has the tablet is out within"
       " seconds."),
    "/admin/users",
)  # fmt: skip
_FLOOD = Step(
    "drop", _l("The water rises, or a place must close"),
    _l("Today, Close a place: choose place, reason and how long. Guide, plans and gates say so at"
       " once, in all languages. It can be undone."),
    "/studio/today",
)  # fmt: skip

SHEETS = (
    Sheet(
        Role.CLERK, _l("At the till and the gate"),
        (
            Step("card", _l("Take a payment"),
                 _l("Tap what is bought or type the amount, then tap how the customer pays."),
                 "/till"),
            Step("cash", _l("Cash"), _l("Type what you were given: the change is shown."), "/till"),
            Step("ticket", _l("Tickets at the gate"),
                 _l("Hold the code before the camera, or type its letters. Green: let them in."),
                 "/gate"),
            Step("receipt", _l("Receipt"),
                 _l("Show it on the customer's display, print it, or let them scan it."), "/till"),
            Step("list", _l("In the evening"),
                 _l("Open today's sales and compare them with the drawer."), "/till/today"),
        ),
        (
            Step("undo", _l("Wrong amount"),
                 _l("Below the last sale: Cancel the last sale. Then take it anew."), "/till"),
            _NO_SIGNAL, _NOT_SURE,
        ),
    ),
    Sheet(
        Role.SHOP_OWNER, _l("In the shop's office"),
        (
            Step("shop", _l("What is next"), _l("Payouts to come, fees, and what needs you."),
                 "/till/office/mine"),
            Step("receipt", _l("Close the day"),
                 _l("Count the drawer, type what is in it, close. What differs is written down."),
                 "/till/office/close"),
            Step("people", _l("Clerks"), _l("New clerks and forgotten PINs: shops, your shop,"
                                            " clerks."), "/till/office/shops"),
            Step("chart", _l("Your month"),
                 _l("Guests of the area beside your own sales. Marketing staff see your sales"
                    " only if you agree."), "/till/office/month"),
        ),
        (_NO_SIGNAL, _NOT_SURE, _LOST),
    ),
    Sheet(
        Role.EDITOR, _l("At the association's desk"),
        (
            Step("sun", _l("In the morning"),
                 _l("A word for today's visitors, if there is one. It goes at midnight."),
                 "/studio/today"),
            Step("help", _l("Messages"), _l("Take one, answer it from a template, close it."),
                 "/studio/help"),
            Step("edit", _l("Texts"),
                 _l("Write, hand in, and somebody else reads and publishes. Every version can be"
                    " brought back."), "/studio"),
            Step("bus", _l("Timetables"),
                 _l("Ask the operator, then confirm until when they hold."), "/studio/timetables"),
            Step("list", _l("Once a week, 15 minutes"),
                 _l("The list of what waits. What is done is gone from it."), "/week"),
        ),
        (_FLOOD, _PASSWORD, _PHONE),
    ),
    Sheet(
        Role.ANALYST, _l("At the desk of figures"),
        (
            Step("chart", _l("Today"), _l("What happens now, and whether the figures agree."),
                 "/insights"),
            Step("calendar", _l("At the month's beginning"),
                 _l("The letter proposes at most three things. Accept with a name and a day, or"
                    " decline."), "/insights/letter"),
            Step("search", _l("Questions"),
                 _l("Choose a measure, by what, and which days. Each answer says what it rests"
                    " on."), "/insights/query"),
            Step("list", _l("For the council"), _l("The KPI book as PDF and Excel."),
                 "/insights/kpi"),
        ),
        (
            Step("eye", _l("A number is withheld"),
                 _l("Fewer than ten people, or too few shops: it is never told, also not on"
                    " request. Choose more days.")),
            Step("warning", _l("A sensor is silent"),
                 _l("See which one and since when, then look at its plug and its network."),
                 "/insights/visitors/sensors"),
            _PHONE,
        ),
    ),
    Sheet(
        Role.ACCOUNTANT, _l("At the books"),
        (
            Step("receipt", _l("The days' closes"), _l("All shops, with what differed."),
                 "/till/office/closes"),
            Step("card", _l("Providers' files"),
                 _l("Load each file. Rows that fit nothing are listed: settle them with a note."),
                 "/till/office/reconcile"),
            Step("cash", _l("Settlement"), _l("What is paid out to whom, and when."),
                 "/till/office/settlement"),
            Step("lock", _l("The chain of the books"),
                 _l("Proves that nothing was changed afterwards."), "/till/office/audit"),
        ),
        (
            Step("warning", _l("A payout did not come"),
                 _l("Load the provider's newest file. If it is not in there, ask the provider."),
                 "/till/office/reconcile"),
            _NOT_SURE, _PHONE,
        ),
    ),
    Sheet(
        Role.ADMIN, _l("Looking after the computer"),
        (
            Step("settings", _l("Once a week"),
                 _l("Are all lights green? Where one is not, it says what to do."), "/admin"),
            Step("download", _l("Backups"),
                 _l("They make themselves every night. The stick stays in; a second one lies in a"
                    " locked drawer."), "/admin"),
            Step("people", _l("People"),
                 _l("New logins, new passwords, who belongs to which shop."), "/admin/users"),
            Step("refresh", _l("A newer version"),
                 _l("In a quiet hour, at the computer: ./meguri update. It makes a backup first and"
                    " goes back by itself where the new one does not start.")),
            Step("star", _l("Somebody new practices"),
                 _l("At the computer: ./meguri demo --visitors 20 makes an area to try everything"
                    " in; ./meguri demo --drop removes it.")),
        ),
        (
            Step("warning", _l("Nothing answers"),
                 _l("At the computer: ./meguri status says what is wrong and what to do;"
                    " ./meguri up --detach starts everything.")),
            _LOST, _PHONE, _FLOOD,
        ),
    ),
)  # fmt: skip


def sheet_of(name: str) -> Sheet | None:
    """Returns the sheet of a role by its name, None where there is none."""
    return next((each for each in SHEETS if each.role.value == name), None)
