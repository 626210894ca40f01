"""Streams of NATS and what each program may say and hear there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.local.nats import LEAVES, PEER, USHER, User
from infra.local.table import SERVICES

DAY_S = 86_400
OPERATOR = "operator"
SENSOR = "sensor"
LEAF = "leaf"
OBSERVATIONS = "OBSERVATIONS"
PROBE_SUBJECT = "meguri_probe"


@dataclass(frozen=True)
class Stream:
    """A stream on disk. max_bytes, max_messages, max_per_subject: -1 for no bound. batches: takes
    atomic ones. from_leaves: takes in what servers at other places have stored."""

    name: str
    subjects: tuple[str, ...]
    max_age_s: int
    duplicate_window_s: int = 120
    max_bytes: int = -1
    max_messages: int = -1
    batches: bool = False
    max_per_subject: int = -1
    from_leaves: bool = False


STREAMS: tuple[Stream, ...] = (
    *(
        # Older events are in the outboxes; ./meguri replay brings them back.
        Stream(
            service.upper(), (f"meguri.*.{service}.v1.>",), max_age_s=30 * DAY_S,
            batches=True,
        )
        for service in SERVICES
    ),
    # Bounded: whoever has a sensor's login can have any number of batches refused.
    Stream(
        "DEAD_LETTERS", ("meguri_dead.*.*",), max_age_s=90 * DAY_S, max_bytes=1024**3,
    ),
    # Pseudonymous records of single frames expire within a day (privacy rule one-day).
    Stream(
        OBSERVATIONS, ("observations.>",), max_age_s=DAY_S, duplicate_window_s=600,
        max_bytes=1024**3, from_leaves=True,
    ),
    # NATS puts here what comes over MQTT with QoS 1. It would make the stream itself, but one that
    # forgets what nobody waits for. A gadget that floods drives out its own reports only.
    Stream(
        "$MQTT_msgs", ("$MQTT.msgs.>",), max_age_s=DAY_S, max_bytes=256 * 1024**2,
        max_per_subject=5_000,
    ),
    # The supervisor writes here to learn whether the disk still takes anything.
    Stream("PROBE", (PROBE_SUBJECT,), max_age_s=DAY_S, max_messages=1),
)  # fmt: skip

_JETSTREAM = (
    "$JS.API.INFO", "$JS.API.STREAM.INFO.>", "$JS.API.STREAM.NAMES", "$JS.API.CONSUMER.>",
    "$JS.ACK.>", "$JS.FC.>",
)  # fmt: skip
_SENSING_PUBLISH = (
    "sense.ask.*", "sense.control.*", "$JS.API.STREAM.CREATE.OBSERVATIONS",
    "$JS.API.STREAM.UPDATE.OBSERVATIONS",
)  # fmt: skip
_SENSING_HEARD = ("sense.key.*", "sense.health.>")
# Who may log in over MQTT is asked here, and reports of gadgets pass by.
_GADGETS_HEARD = ("$SYS.REQ.USER.AUTH", "pax.*.*")


def inbox(user: str) -> str:
    """Returns where a program hears answers. Each has its own: nobody reads another's mail."""
    return f"_INBOX_{user}"


def users(passwords: Mapping[str, str], leaves: Sequence[str] = ()) -> list[User]:
    """Returns the logins of all programs. passwords: by user name. leaves: names of servers at
    other places."""
    return [
        *(_service(service, passwords[service]) for service in SERVICES),
        # The edge only listens: it may drop cache entries and wake streams, never say anything.
        User("edge", passwords["edge"], publish=(), subscribe=("meguri.>",)),
        User(
            SENSOR,
            passwords[SENSOR],
            publish=("observations.>", *_SENSING_HEARD),
            subscribe=("sense.ask.*", "sense.control.*", f"{inbox(SENSOR)}.>"),
            answers=True,
        ),
        User(OPERATOR, passwords[OPERATOR], publish=(">",), subscribe=(">",)),
        *([_leaf(passwords[LEAF], leaves)] if leaves else []),
    ]


def _leaf(password: str, leaves: Sequence[str]) -> User:
    """What may pass between a server at another place and this one, whoever says it there: what
    sensors say besides batches, and the batches as this one's stream asks for them. The server has
    names of its own for that: $JSC.R answers, $JS.S carries, $JS.FC slows.
    """
    return User(
        LEAF,
        password,
        publish=(*_SENSING_HEARD, f"{inbox('visitor_sense')}.>", "$JSC.R.>", "$JS.S.>"),
        subscribe=(
            "sense.ask.*", "sense.control.*", f"{inbox(SENSOR)}.>", f"$JS.FC.{OBSERVATIONS}.>",
            *(each for name in leaves for each in (f"{leaf_api(name)}.CONSUMER.>",
                                                   f"$JS.FC.{name}.>")),
        ),
        door=LEAVES,
    )  # fmt: skip


def leaf_api(name: str) -> str:
    """Returns under which subjects JetStream of a server at another place is asked."""
    return f"$JS.{name}.API"


def _service(service: str, password: str) -> User:
    senses = service == "visitor_sense"
    said = (f"meguri.*.{service}.v1.>", f"meguri_dead.{service}.*", *_JETSTREAM)
    return User(
        service,
        password,
        publish=(*said, *(_SENSING_PUBLISH if senses else ())),
        subscribe=(
            f"{inbox(service)}.>",
            *((*_SENSING_HEARD, *_GADGETS_HEARD) if senses else ()),
        ),
        answers=senses,
    )


USER_NAMES = (*SERVICES, "edge", SENSOR, OPERATOR)
# Usher and peer are no users of the house's account: infra/local/nats.py.
PASSWORD_NAMES = (*USER_NAMES, USHER, PEER, LEAF)
