"""Who comes and what they do: the same seed makes the same visitors.

Shares follow what the area's own surveys and the plan's targets suggest for a busy day, rounded;
they make pages look alive and are no statement about real guests.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

HOUR_MINUTES = 60
# Accept-Language as phones of these guests send it, and how many of a hundred guests do.
LANGUAGES = (
    ("ja,en-US;q=0.8", 50),
    ("zh-TW,zh;q=0.9,en;q=0.8", 14),
    ("ko-KR,ko;q=0.9", 12),
    ("en-US,en;q=0.9", 10),
    ("zh-CN,zh;q=0.9", 7),
    ("th-TH,th;q=0.9,en;q=0.5", 4),
    ("fr-FR,fr;q=0.9", 3),
)
PARTY_SIZES = ((1, 18), (2, 45), (3, 17), (4, 15), (6, 5))
TENDERS = (("card", 34), ("code_payment", 26), ("transit_ic", 18), ("cash_record", 16), ("id", 6))
# At the gates most pay in cash: only what was really paid lets a party in, and the provider of a
# fresh installation is a simulator.
GATE_TENDERS = (("cash_record", 60), ("card", 20), ("code_payment", 12), ("transit_ic", 8))
GATES = (("akiyoshido-main", 70), ("akiyoshido-kurotani", 20), ("akiyoshido-elevator", 10))
ADMISSION_YEN = 1_300
SOUVENIRS_YEN = (540, 880, 1_080, 1_650, 2_200, 3_240)
SNACKS_YEN = (350, 450, 600, 800)
PLAN_SHARE, SHOPPING_SHARE, SNACK_SHARE = 0.3, 0.4, 0.35
CANCEL_SHARE, REFUND_SHARE = 0.015, 0.02
INTERESTS = ("cave", "nature", "view", "history", "science", "food", "bath", "animals")
MUST_SHARE = 0.4
STOPS_SEEN = (3, 12)  # of the guide, by one party
PROBES_PER_PHONE = (2, 6)
# Two stops nearly everybody sees, and most have an opinion of: ratings are told by tens of one text
# in one language, and evenly spread ones would fill no page.
FAMOUS, FAMOUS_SHARE, FAMOUS_RATING_SHARE = (2, 5), 0.9, 0.8
RATING_SHARE, SURVEY_SHARE = 0.1, 0.35  # of other stops seen, of parties
FACES = (("good", 74), ("fair", 19), ("poor", 7))
REASONS = ("hard", "long", "language", "mismatch")
ORIGINS = {"ja": "JP", "zh-TW": "TW", "zh-CN": "CN", "ko-KR": "KR", "en-US": "US", "th-TH": "TH"}
ORIGIN_SHARE = 0.6  # of admitted parties that are asked where they come from


@dataclass(frozen=True)
class Purchase:
    """A sale at a till. after: what happens to it later: "", "void" or "refund".

    persons: how many the ticket of a gate lets in, 0 for what is no ticket. origin: what the party
    says at the gate of where it comes from, "" where nobody asks.
    """

    shop: str
    tender: str
    amount_yen: int
    after: str = ""
    persons: int = 0
    origin: str = ""


@dataclass(frozen=True)
class Opinion:
    """What a party thinks of a stop. seen: which of those it saw; reasons: for not "good"."""

    seen: int
    face: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Phone:
    """What a phone says over the air. address: a made-up one, with the randomized bit set."""

    address: bytes
    model: int
    minutes: tuple[float, ...]


@dataclass(frozen=True)
class Wish:
    """What a party asks of a day plan. must: POI ids, at most one."""

    start_time: str
    interests: tuple[str, ...]
    must: tuple[str, ...]


@dataclass(frozen=True)
class Party:
    """One party of visitors. minute: of the hour, when it arrives.

    stops: indexes into the list of stops, in walking order; the first is read under open sky,
    the others in the cave, where phones have no signal and report later.
    """

    number: int
    minute: float
    accept_language: str
    size: int
    wish: Wish | None
    stops: tuple[int, ...]
    stop_minutes: tuple[float, ...]
    purchases: tuple[Purchase, ...]
    phones: tuple[Phone, ...]
    opinions: tuple[Opinion, ...] = ()
    survey: tuple[
        float, ...
    ] = ()  # per question, from 0 to 1, which of its answers; none: no survey


def make_parties(
    seed: int, visitors: int, stop_count: int, shops: Sequence[str], pois: Sequence[str] = ()
) -> list[Party]:
    """Returns parties with together at least `visitors` people, in order of arrival.

    shops: place ids that take payments; gates that are not among them sell no ticket.
    pois: what a party may insist on for its day.
    """
    dice = random.Random(seed)  # noqa: S311 - a play, not a secret
    parties: list[Party] = []
    people = 0
    while people < visitors:
        party = _party(dice, len(parties), stop_count, shops, pois)
        parties.append(party)
        people += party.size
    return sorted(parties, key=lambda party: (party.minute, party.number))


def _party(
    dice: random.Random, number: int, stop_count: int, shops: Sequence[str], pois: Sequence[str]
) -> Party:
    minute = dice.triangular(0, 45, 15)
    size = _one_of(dice, PARTY_SIZES)
    usual = dice.sample(range(stop_count), min(dice.randint(*STOPS_SEEN), stop_count))
    famous = [at for at in FAMOUS if at < stop_count and dice.random() < FAMOUS_SHARE]
    seen = sorted({*usual, *famous})
    step = (HOUR_MINUTES - minute - 2) / max(len(seen), 1)
    language = _one_of(dice, LANGUAGES)
    return Party(
        number=number,
        minute=minute,
        accept_language=language,
        size=size,
        wish=_wish(dice, pois) if dice.random() < PLAN_SHARE else None,
        stops=tuple(seen),
        stop_minutes=tuple(minute + step * i for i in range(len(seen))),
        purchases=tuple(_purchases(dice, size, shops, language)),
        phones=tuple(_phone(dice, minute) for _ in range(size)),
        opinions=tuple(
            _opinion(dice, at)
            for at, stop in enumerate(seen)
            if dice.random() < (FAMOUS_RATING_SHARE if stop in FAMOUS else RATING_SHARE)
        ),
        survey=tuple(dice.random() for _ in range(20)) if dice.random() < SURVEY_SHARE else (),
    )


def _opinion(dice: random.Random, seen: int) -> Opinion:
    face = _one_of(dice, FACES)
    return Opinion(seen, face, () if face == "good" else (dice.choice(REASONS),))


def _wish(dice: random.Random, pois: Sequence[str]) -> Wish:
    insists = pois and dice.random() < MUST_SHARE
    return Wish(
        start_time=dice.choice(("09:00", "09:30", "10:00", "10:30", "11:00")),
        interests=tuple(dice.sample(INTERESTS, dice.randint(0, 3))),
        must=(dice.choice(pois),) if insists else (),
    )


def _purchases(
    dice: random.Random, size: int, shops: Sequence[str], language: str
) -> list[Purchase]:
    found = []
    gate = _one_of(dice, GATES)
    after = _after(dice)
    tender = _one_of(dice, GATE_TENDERS)
    if gate in shops:
        known = ORIGINS.get(language.partition(",")[0].removesuffix(";"), "ZZ")
        origin = known if dice.random() < ORIGIN_SHARE else ""
        found.append(Purchase(gate, tender, ADMISSION_YEN * size, after, size, origin))
    for shop, share, prices in (
        ("shotengai-souvenirs", SHOPPING_SHARE, SOUVENIRS_YEN),
        ("shotengai-food", SNACK_SHARE, SNACKS_YEN),
    ):
        bought, price, tender = dice.random() < share, dice.choice(prices), _one_of(dice, TENDERS)
        if bought and shop in shops:
            found.append(Purchase(shop, tender, price))
    return found


def _after(dice: random.Random) -> str:
    luck = dice.random()
    if luck < CANCEL_SHARE:
        return "void"
    return "refund" if luck < CANCEL_SHARE + REFUND_SHARE else ""


def _phone(dice: random.Random, minute: float) -> Phone:
    address = bytes([0x02 | dice.randrange(64) << 2, *dice.randbytes(5)])
    count = dice.randint(*PROBES_PER_PHONE)
    times = sorted(dice.uniform(minute, HOUR_MINUTES) for _ in range(count))
    return Phone(address, dice.randrange(40), tuple(times))


def _one_of(dice: random.Random, weighted: Sequence[tuple[T, int]]) -> T:
    values = [value for value, _ in weighted]
    return dice.choices(values, [weight for _, weight in weighted])[0]
