"""Which roles do what together, named once: pages of the edge and methods of services use these.

A set names who does something, never a page or a method. One that two of them mean differently is
two sets. tests/contract/test_roles.py refuses a set that is written out elsewhere.
"""

from kit.auth import EVERYBODY, Role

__all__ = [
    "ADMINS", "ANALYSTS", "ASSOCIATION", "AUDITORS", "DOOR_KEEPERS", "EDITORS", "EVERYBODY",
    "FEEDBACK_READERS", "GATES", "INSIDERS", "OFFICE", "OPERATOR", "OWNERS_ALONE", "PROGRAMS",
    "REVIEWERS", "SALES_READERS", "SELLERS", "SHOP_OWNERS", "STAFF", "TILLS",
]  # fmt: skip

ADMINS = frozenset({Role.ADMIN})
STAFF = frozenset(Role) - {Role.VISITOR, Role.DEVICE, Role.SENSOR, Role.SERVICE}  # have a login
PROGRAMS = frozenset({Role.SERVICE})  # our own: the edge, the command line, jobs
OPERATOR = ADMINS | PROGRAMS  # whoever owns the machine, at its command line

SELLERS = frozenset({Role.CLERK, Role.SHOP_OWNER, Role.ADMIN})  # people at a counter
TILLS = SELLERS | {Role.DEVICE}  # whoever takes money: people, and registers that sign
DOOR_KEEPERS = frozenset({Role.CLERK, Role.ADMIN})  # people at a gate
GATES = DOOR_KEEPERS | {Role.DEVICE}

SHOP_OWNERS = frozenset({Role.SHOP_OWNER, Role.ADMIN})  # who decides for a shop
OWNERS_ALONE = frozenset({Role.SHOP_OWNER})  # who speaks for a shop: nobody in their place
AUDITORS = frozenset({Role.ACCOUNTANT, Role.ADMIN})
OFFICE = SHOP_OWNERS | AUDITORS  # who reads and closes the books
SALES_READERS = SELLERS | AUDITORS  # who looks at one sale and its papers

EDITORS = frozenset({Role.EDITOR, Role.REVIEWER, Role.ADMIN})  # of texts
REVIEWERS = frozenset({Role.REVIEWER, Role.ADMIN})  # of what others wrote
# Closes a gate in a hurry, answers visitors who wrote.
ASSOCIATION = frozenset({Role.EDITOR, Role.ADMIN})

ANALYSTS = frozenset({Role.ANALYST, Role.ACCOUNTANT, Role.ADMIN})  # who reads figures
FEEDBACK_READERS = ANALYSTS | EDITORS  # they write what is liked or not
INSIDERS = frozenset({Role.ANALYST, Role.ADMIN, Role.SERVICE})  # exact counts, never to leave
