"""Rain of days, imported as a file of the weather agency."""

import uuid
from collections.abc import Mapping
from datetime import date

from kit.requests import RequestKey
from services.insights.app import imports
from services.insights.app.deps import Deps


def key() -> RequestKey:
    return RequestKey("mori", str(uuid.uuid4()), b"x" * 32)


async def keep_rain(deps: Deps, millimetres: Mapping[date, float]) -> None:
    """Imports rain of days as a file of the weather agency."""
    lines = [
        "ダウンロードした時刻：2026/05/20 12:49:53", "", ",秋吉台,秋吉台",
        "年月日,降水量の合計(mm),降水量の合計(mm)", ",,品質情報",
        *(f"{on.year}/{on.month}/{on.day},{n:.1f},8" for on, n in sorted(millimetres.items())),
    ]  # fmt: skip
    file = ("\r\n".join(lines) + "\r\n").encode("cp932")
    draft_id = await imports.start(deps, key(), "mine", file, "data.csv")
    view = await imports.look(deps, "mine", draft_id, None, "")
    wanted = imports.Keeping(draft_id, view.version, None, "", "JMA", "Mori", leave_out=False)
    await imports.keep(deps, key(), "mine", wanted)
