"""A small published guide, made by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime

from services.multilingual.domain.guide import Group, Guide, Section, Settings, Stop
from services.multilingual.domain.narration import Paragraph, Text, Topic
from services.multilingual.domain.notice import Closure
from services.multilingual.domain.translation import Shown

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
SOURCE = Text(
    "池",
    "いけ",
    (
        Paragraph("what", Topic.FORMATION, "水がたまります。"),
        Paragraph("doubt", Topic.DOUBT, "高さは資料で違います。"),
    ),
)
ENGLISH = Text("Pool", "Ike", (Paragraph("what", Topic.FORMATION, "Water gathers."),))


def shown(text: Text, *, source: Text | None = SOURCE, draft: bool = False) -> Shown:
    return Shown(text, 1, 1 if source else 0, draft, source)


def stop(name: str = "pool", position: int = 1, group: Group = Group.ROUTE, **texts: Shown) -> Stop:
    return Stop(
        f"C{name}", f"cave/{name}", group, "pool", "first", position, position * 10, ("a leaflet",),
        (), shown={key.replace("_", "-"): each for key, each in texts.items()},
    )  # fmt: skip


def guide(
    *stops: Stop,
    locales: Sequence[str] = ("ja", "en", "zh-Hant"),
    closures: Sequence[Closure] = (),
) -> Guide:
    sections = {"first": Section("first", 1, {"ja": "前半", "en": "First"})}
    return Guide(Settings("mine", tuple(locales)), sections, stops, tuple(closures))
