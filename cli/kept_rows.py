"""What is told of rows of a file of which something stays as staff has it since."""

from typing import Any

from cli.words import _


def kept_names(row: dict[str, Any]) -> str:
    """Returns what is told of a row of places.csv whose names staff changed."""
    others = ", ".join(
        f"{tag} {kept} ({_('file')}: {told or '–'})" for tag, (told, kept) in row["names"].items()
    )
    return _(
        "  places.csv row %(row)s, %(place)s: kept as staff named it on %(day)s: %(names)s."
        " --overwrite takes the file's."
    ) % {"row": row["row"], "place": row["place_id"], "day": row["named"][:10], "names": others}


def kept_field(row: dict[str, Any]) -> str:
    """Returns what is told of a field of pois.csv that staff typed since."""
    return _(
        "  pois.csv row %(row)s: %(field)s stays as staff typed it. ./meguri itinerary pois FILE"
        " --overwrite takes the file's."
    ) % {"row": row["row"], "field": row["field"]}
