"""Who is signed in: sessions live in directory; the edge remembers an answer for five seconds."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from kit.auth import Caller, Role

KEPT_S = 5.0  # a disabled user is out within this time (docs/architecture.md, Trust)
KEPT_AT_MOST = 5_000


@dataclass(frozen=True)
class Person:
    """A user with an open session. shops: place ids the user is bound to, empty for none.

    held: the roles of somebody who owes a second step; until it is set up the person has none, and
    nothing opens but the own login. use_time: when a page was used last that is watched (idle.py),
    in seconds since 1970; 0 where nobody knows. password_until: when a password ends that somebody
    else made, likewise; 0 for an own one.
    """

    user_id: str
    login_name: str
    display_name: str
    roles: frozenset[Role]
    shops: frozenset[str] = frozenset()
    held: frozenset[Role] = frozenset()
    use_time: float = 0.0
    password_until: float = 0.0

    def caller(self, area: str) -> Caller:
        """Returns this person as the services know callers."""
        return Caller(area, self.user_id, self.roles or frozenset({Role.VISITOR}), self.shops)

    def whole(self) -> "Person":
        """Returns this person with the roles that were held back."""
        return replace(self, roles=self.roles | self.held, held=frozenset())


Read = Callable[[str, str], Person | None]


class Sessions:
    """Answers "who has this session id" from memory where that is fresh enough."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._kept: dict[tuple[str, str], tuple[float, Person]] = {}
        self._lock = threading.Lock()

    def person(self, area: str, session_id: str) -> Person | None:
        """Returns who is signed in, or None. Errors: those of the call to directory."""
        key = (area, session_id)
        kept = self._kept.get(key)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        found = self._read(area, session_id)
        if found is None:
            return None  # not kept: made-up ids would push out the real ones
        with self._lock:
            if len(self._kept) >= KEPT_AT_MOST:
                self._kept.clear()
            self._kept[key] = (time.monotonic() + KEPT_S, found)
        return found

    def is_known(self, area: str, session_id: str) -> bool:
        """Tells whether somebody was seen with this session just now; asks nobody."""
        kept = self._kept.get((area, session_id))
        return kept is not None and kept[0] > time.monotonic()

    def forget(self, area: str, session_id: str) -> None:
        """Forgets one session at once (sign out)."""
        self._kept.pop((area, session_id), None)

    def forget_all(self) -> None:
        """Forgets everybody (a user's roles changed)."""
        self._kept.clear()
