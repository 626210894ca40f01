"""Which records there are besides single facts, in which tables, and for how long each is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from kit.requests import KEEP_DAYS
from services.insights.app import letter_mail
from services.insights.store import import_drafts

FOR_GOOD = 0  # until the area is given up


@dataclass(frozen=True)
class Kept:
    """Records that are kept equally long. days: FOR_GOOD or how many. A test names every table of
    the database here, or as one of facts."""

    tables: tuple[str, ...]
    days: int = FOR_GOOD


FACTS = ("facts", "facts_other")
RECORDS: Mapping[str, Kept] = {
    "sums": Kept(("hour_rollups", "day_rollups", "late_counts", "owner_totals", "shop_closes",
                  "zone_hours", "zone_levels")),
    "told_months": Kept(("told_months",)),
    "heard": Kept(("inbox", "outbox", "sources")),
    "settings": Kept(("areas", "labels", "keeping", "open_data", "letter_mail",
                      "import_mappings")),
    "kpi": Kept(("kpis", "kpi_values", "kpi_frames", "kpi_editions")),
    "imports": Kept(("imports", "imported_months", "weather_values")),
    "drafts": Kept(("import_drafts",), import_drafts.KEPT.days),
    "letters": Kept(("letters", "letter_decisions", "letter_effects")),
    "mails": Kept(("letter_mails",), letter_mail.KEPT.days),
    "consents": Kept(("shop_consents",)),
    "requests": Kept(("requests",), KEEP_DAYS),
}  # fmt: skip
