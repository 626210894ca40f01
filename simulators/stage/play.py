"""What a provider's play is: requests in, answers out, and what customers do meanwhile."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from simulators.stage.books import Books, Document

CUSTOMER_S = 1.0  # until a customer has tapped or scanned


@dataclass(frozen=True)
class Request:
    """As it came. headers: names in lower case. document: {} for no body, None for no JSON."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    document: Document | None

    @property
    def path(self) -> str:
        """The address without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query's values."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}


@dataclass(frozen=True)
class Reply:
    """An answer of the provider. text: a bare word instead of a document."""

    status: int
    document: Document
    text: str = ""


@dataclass
class Customer:
    """What customers at terminals and phones do, from now on. after_s: how long they take."""

    pays: bool = True
    after_s: float = CUSTOMER_S

    def is_done(self, begun: float) -> bool:
        """Tells whether a customer who began then is done."""
        return time.time() >= begun + self.after_s


@dataclass(frozen=True)
class Event:
    """Something to tell by webhook. sign: makes headers and body, with a key."""

    name: str
    body: bytes
    headers: Mapping[str, str]


@dataclass
class Outbound:
    """Webhooks that wait to be sent, in order."""

    waiting: list[Event] = field(default_factory=list)


class Play(Protocol):
    """One provider."""

    customer: Customer
    outbound: Outbound

    def amount_of(self, request: Request) -> int | None:
        """Returns the yen of a request that takes a step, None for one that only reads."""
        ...

    def answer(self, request: Request, decline: str) -> Reply:
        """Answers. decline: "" or the reason to refuse the step with."""
        ...

    def tick(self) -> None:
        """Lets customers finish what they are at."""
        ...

    def charges(self) -> list[dict[str, Any]]:
        """Returns what was really charged: key, authorized_yen, captured_yen, refunded_yen,
        voided."""
        ...


MakePlay = Callable[[Books, Mapping[str, str]], Play]
