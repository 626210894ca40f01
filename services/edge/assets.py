"""Style sheets, scripts, icons: packed when first asked for, named by content, kept by browsers."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).parent
STYLE = "meguri.css"
STYLE_SHEETS = ("tokens", "moods", "base", "components")
# The guide's pages have all their rules in one file: the page is painted after one more answer, on
# the connection that is open already.
GUIDE_STYLE, GUIDE_OWN = "visitor/guide.css", "visitor/visitor.css"
TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".webmanifest": "application/manifest+json",
}
PACKED = ("text/", "image/svg+xml", "application/json", "application/manifest+json")


@dataclass(frozen=True)
class Asset:
    """One file as it is sent. packs: whether packing it pays."""

    body: bytes
    packs: bool
    content_type: str
    etag: str

    @cached_property
    def packed(self) -> bytes:
        """The file as gzip bytes, empty where packing does not pay; made at the first request."""
        return gzip.compress(self.body, 9, mtime=0) if self.packs else b""


class Assets:
    """All static files of the edge and its blueprints.

    `services/edge/static/x` is `x`; `services/edge/till/static/x` is `till/x`. All share one
    version in their address, so that a script may import its neighbor by a relative path.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files: dict[str, Asset] = {}
        for root in sorted([folder / "static", *folder.glob("*/static")]):
            prefix = "" if root.parent == folder else f"{root.parent.name}/"
            for path in sorted(root.rglob("*")):
                if path.is_file():
                    self._add(prefix + path.relative_to(root).as_posix(), path.read_bytes())
        sheets = [self._files.pop(f"css/{name}.css").body for name in STYLE_SHEETS]
        self._add(STYLE, b"\n".join(sheets))
        if GUIDE_OWN in self._files:
            own = self._files.pop(GUIDE_OWN).body
            self._add(GUIDE_STYLE, b"\n".join([*sheets, own]))
        joined = "".join(f"{name}{file.etag}" for name, file in sorted(self._files.items()))
        self.version = hashlib.sha256(joined.encode()).hexdigest()[:12]

    def _add(self, name: str, body: bytes) -> None:
        suffix = Path(name).suffix
        kind = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        packs = kind.startswith(PACKED)
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        digest = hashlib.sha256(body).hexdigest()[:24]
        self._files[name] = Asset(body, packs, kind, f'"{digest}"')

    def url(self, name: str) -> str:
        """Returns the address of a file. Errors: KeyError for one that does not exist."""
        if name not in self._files:
            raise KeyError(f"there is no static file {name}")
        return f"/static/{self.version}/{name}"

    def find(self, path: str) -> tuple[Asset, bool] | None:
        """Returns the file at a path below /static/, and whether browsers may keep it for ever."""
        version, _, name = path.partition("/")
        if version == self.version and name in self._files:
            return self._files[name], True
        # A page from before an update still finds its files, but must not keep the new ones as old.
        asset = self._files.get(path) or self._files.get(name)
        return (asset, False) if asset else None
