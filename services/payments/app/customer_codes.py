"""Codes that customers scan to pay: kept in memory only, and only until they have run out.

A process that starts anew has lost them; the sale then runs out at the provider and is taken again.
"""

from collections import OrderedDict

MOST = 1_000  # sales at the same time; the oldest code goes first


class CustomerCodes:
    """By payment id."""

    def __init__(self) -> None:
        self._codes: OrderedDict[str, str] = OrderedDict()

    def keep(self, payment_id: str, code: str) -> None:
        """Keeps a code; "" keeps nothing."""
        if code:
            self._codes[payment_id] = code
            if len(self._codes) > MOST:
                self._codes.popitem(last=False)

    def of(self, payment_id: str, *, is_open: bool) -> str:
        """Returns the code while its payment waits for the customer, and then forgets it."""
        if not is_open:
            self._codes.pop(payment_id, None)
        return self._codes.get(payment_id, "")
