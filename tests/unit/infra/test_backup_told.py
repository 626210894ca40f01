"""When a backup was made is told in the time of its area."""

import json
from pathlib import Path

from cli import backup
from infra.local import areas
from infra.local.home import Home, Settings

MADE = {"made_time": "2026-11-28T15:30:00+00:00"}


def test_the_time_of_a_backup_is_that_of_its_area_and_names_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    assert backup._time_of(MADE, home) == "2026-11-29 00:30:00 JST"  # of the default area
    folder = tmp_path / "areas" / "rio"
    folder.mkdir(parents=True)
    (folder / "area.json").write_text(json.dumps({"time_zone": "America/Sao_Paulo"}))
    Settings(area="rio").save(home)
    assert backup._time_of(MADE, home) == "2026-11-28 12:30:00 -03"


def test_where_the_zone_cannot_be_read_the_time_is_utc_and_says_so(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    Settings(area="gone").save(home)
    assert backup._time_of(MADE, home) == "2026-11-28 15:30:00 UTC"
    (home.data / "settings.json").write_text("{")
    assert str(areas.zone_of_data(home)) == "UTC"
