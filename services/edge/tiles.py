"""Pictures of maps that others serve, where whoever runs the installation says so.

`MEGURI_MAP_TILES` names one of LAYERS for all areas ("gsi-pale"), or one for each ("mine=gsi-pale
east=gsi-photo"). Without it nobody is asked: maps are drawn from our own data. A visitor's phone
asks the other party only on pages of their own, which say so and are opened by a tap; only those
allow that host (Content-Security-Policy).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from kit.config import ConfigError
from services.edge.guards import CONTENT_SECURITY_POLICY
from services.edge.parts import area, parts

VARIABLE = "MEGURI_MAP_TILES"
GSI = "https://cyberjapandata.gsi.go.jp"


@dataclass(frozen=True)
class Tiles:
    """Pictures of one layer. url: with {z}, {x} and {y}. credit, link: how its owner is named.

    Source of addresses, zooms and terms: https://maps.gsi.go.jp/development/ichiran.html
    """

    host: str
    url: str
    credit: str
    link: str
    most_zoom: int

    @property
    def policy(self) -> str:
        """The policy of content of a page that may ask for them."""
        return CONTENT_SECURITY_POLICY.replace(
            "img-src 'self'", f"img-src 'self' {self.host}"
        )  # fmt: skip

    @property
    def for_script(self) -> dict[str, object]:
        """What static/js/map.js needs to know."""
        return {
            "url": self.url, "credit": self.credit, "link": self.link, "most": self.most_zoom,
        }  # fmt: skip


def _gsi(layer: str, kind: str) -> Tiles:
    return Tiles(
        GSI, f"{GSI}/xyz/{layer}/{{z}}/{{x}}/{{y}}.{kind}", "国土地理院",
        "https://maps.gsi.go.jp/development/ichiran.html", 18,
    )  # fmt: skip


LAYERS: Mapping[str, Tiles] = {
    "gsi-pale": _gsi("pale", "png"),
    "gsi-std": _gsi("std", "png"),
    "gsi-photo": _gsi("seamlessphoto", "jpg"),
}


def of_area() -> Tiles | None:
    """Returns the pictures that the area of this request may show; None for none."""
    known = read(parts().settings.environment.get(VARIABLE, ""))
    return known.get(area().area, known.get(""))


@lru_cache(maxsize=8)
def read(text: str) -> dict[str, Tiles]:
    """Returns layers by area, that of all others under "". Errors: ConfigError."""
    found = {}
    for word in text.split():
        name, _, layer = word.rpartition("=")
        if layer not in LAYERS:
            raise ConfigError(f"{VARIABLE}: {layer} is none of {', '.join(LAYERS)}")
        found[name] = LAYERS[layer]
    return found
