"""The files of areas: where they are, and what time it is there."""

from datetime import tzinfo
from pathlib import Path

from infra.local import home as homes
from infra.local.home import ROOT, Home, Settings
from kit.pure.local_time import zone_of


def folder_of(area: str, data: Path) -> Path:
    """Returns the folder with an area's files. Errors: FileNotFoundError."""
    for folder in (ROOT / "data" / area, data / "areas" / area):
        if area and (folder / "area.json").exists():
            return folder
    raise FileNotFoundError(f"there is no area {area!r}; make one with ./meguri area create")


def zone_of_data(home: Home) -> tzinfo:
    """Returns the time zone of the area that a data folder starts with."""
    try:
        path = folder_of(Settings.load(home).area, home.data) / "area.json"
    except (FileNotFoundError, homes.FileDamaged):
        return zone_of("")
    return zone_of(str((homes.read_object(path) or {}).get("time_zone")))
