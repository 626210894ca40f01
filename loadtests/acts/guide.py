"""What visitors read and say: pages, the pack for the cave, scans and ratings afterwards."""

import uuid
from datetime import UTC, datetime, timedelta

from loadtests.acts import act
from loadtests.hand import Hand, Reply, is_ok, is_page

SCANS_A_PHONE = 4
FACES = ("good", "good", "good", "good", "fair", "poor")


@act()
def scan(hand: Hand) -> None:
    """A code on the wall."""
    hand.get(f"/G/{hand.chance.choice(hand.ground.stops)}", "/g/{stop_code}", is_page)


@act()
def style(hand: Hand) -> None:
    """A style sheet, icon or script of a first visit."""
    hand.get(hand.chance.choice(hand.ground.assets), "/static/…")


@act()
def home(hand: Hand) -> None:
    """The first page."""
    hand.get("/", "/", is_page)


@act()
def occupancy(hand: Hand) -> None:
    """How full the zones are."""
    hand.get("/api/v1/occupancy", "/api/v1/occupancy")


@act()
def list_stops(hand: Hand) -> None:
    """All stops."""
    hand.get("/g/", "/g/", is_page)


@act()
def stops_for_programs(hand: Hand) -> None:
    """The stops as JSON."""
    hand.get("/api/v1/stops", "/api/v1/stops", _has_stops)


def _has_stops(reply: Reply) -> str:
    return is_ok(reply) or ("" if reply.json()["stops"] else "no stops")


@act()
def pack(hand: Hand) -> None:
    """A file of the pack that a phone takes into the cave; now and then what it consists of."""
    locale = hand.chance.choice(sorted(hand.ground.packs))
    folder = f"/packs/{hand.ground.area}/{locale}"
    if hand.chance.random() < 0.2:
        hand.get(f"{folder}/manifest.json", "/packs/…/manifest.json")
        hand.get(f"{folder}/notices.json", "/packs/…/notices.json")
    else:
        hand.get(hand.chance.choice(hand.ground.packs[locale]), "/packs/…/files/{sha256}")


@act()
def report_scans(hand: Hand) -> None:
    """Out of the cave: the phone reports what was read without signal."""
    now = datetime.now(UTC)
    scans = [
        {
            "scan_id": str(uuid.uuid4()), "stop_code": hand.chance.choice(hand.ground.stops),
            "requested_locale": "zh-TW", "served_locale": "zh-Hant", "offline": True,
            "scan_time": (now - timedelta(minutes=4 * i)).isoformat(),
        }
        for i in range(SCANS_A_PHONE)
    ]  # fmt: skip
    hand.post_json("/api/v1/scans", "POST /api/v1/scans", {"scans": scans}, _all_recorded)
    kept = hand.ground.extra.setdefault("scan_ids", [])
    kept += [each["scan_id"] for each in scans]


def _all_recorded(reply: Reply) -> str:
    if reply.status != 200:
        return reply.error or f"status {reply.status}"
    answer = reply.json()
    counted = answer["recorded"] + answer["repeated"]
    return "" if counted == SCANS_A_PHONE else f"{counted} of {SCANS_A_PHONE} scans taken"


@act()
def rate(hand: Hand) -> None:
    """A face under a text."""
    rating = {
        "rating_id": str(uuid.uuid4()), "stop_code": hand.chance.choice(hand.ground.stops),
        "locale": "ja", "face": hand.chance.choice(FACES), "reasons": [],
        "rating_time": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    hand.post_json("/api/v1/ratings", "POST /api/v1/ratings", {"ratings": [rating]}, _not_rejected)
    hand.ground.extra.setdefault("rating_ids", []).append(rating["rating_id"])


def _not_rejected(reply: Reply) -> str:
    if reply.status != 200:
        return reply.error or f"status {reply.status}"
    return f"rejected: {reply.text[:80]}" if reply.json()["rejected"] else ""
