"""What the lock files pin: libraries of Python by hash, of npm, and files of others kept here."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

PYTHON_LOCKS = "requirements*.lock"
NPM_LOCKS = ("tests/**/package-lock.json", "bench/**/package-lock.json")
KEPT = "services/**/static/vendor/README.md"
RUN = "requirements.lock"  # what an installation runs; the others are for tests and benches
_PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;]+)")
_HASH = re.compile(r"\s+--hash=(?P<algorithm>sha\d+):(?P<hex>[0-9a-f]+)")
# "-c FILE" says that another lock bounds it; "meguri (pyproject.toml)" that we ask for it.
_VIA = re.compile(r"\s+#(?: via|  )\s*(?P<parent>(?!-c )[^\s]+)")
_KEPT_ROW = re.compile(
    r"^\| (?P<files>[^|]+) \| npm `(?P<name>[^`]+)`[^|]*\| (?P<version>[\d.]+) \| "
    r"(?P<license>[^|,]+?)(?:,[^|]*)? \|", re.MULTILINE
)  # fmt: skip


@dataclass
class Part:
    """One version of one library.

    kind: pypi or npm. places: the locks that name it, from the root of the tree. hashes: pairs of
    algorithm and hex digest, of any of its files. parents: names of what asks for it. license: as
    its author names it, "" where the lock does not say.
    """

    kind: str
    name: str
    version: str
    places: set[str] = field(default_factory=set)
    hashes: set[tuple[str, str]] = field(default_factory=set)
    parents: set[str] = field(default_factory=set)
    license: str = ""

    @property
    def purl(self) -> str:
        """Returns its package URL, by which others name it."""
        return f"pkg:{self.kind}/{self.name.replace('@', '%40')}@{self.version}"


def read(root: Path) -> list[Part]:
    """Returns every library that a lock of the tree pins, by kind, name and version."""
    found: dict[str, Part] = {}
    for part in _all(root):
        known = found.setdefault(part.purl, part)
        known.places |= part.places
        known.hashes |= part.hashes
        known.parents |= part.parents
        known.license = known.license or part.license
    return [found[purl] for purl in sorted(found)]


def python_locks(root: Path) -> list[Path]:
    """Returns the locks of Python, the one that an installation runs first."""
    return sorted(root.glob(PYTHON_LOCKS), key=lambda path: (path.name != RUN, path.name))


def npm_locks(root: Path) -> list[Path]:
    """Returns the locks of npm."""
    found = (path for pattern in NPM_LOCKS for path in root.glob(pattern))
    return sorted(path for path in found if "node_modules" not in path.parts)


def _all(root: Path) -> Iterator[Part]:
    for path in python_locks(root):
        yield from of_python(path.read_text(encoding="utf-8").splitlines(), path.name)
    for path in npm_locks(root):
        yield from of_npm(path.read_text(encoding="utf-8"), str(path.relative_to(root)))
    for path in sorted(root.glob(KEPT)):
        for row in _KEPT_ROW.finditer(path.read_text(encoding="utf-8")):
            spdx = row["license"].replace(" or ", " OR ")
            yield Part("npm", row["name"], row["version"], {str(path.relative_to(root))},
                       license=spdx)  # fmt: skip


def of_python(lines: Iterable[str], place: str) -> Iterator[Part]:
    """Reads a lock as uv writes it: a pin, its hashes, who asked for it."""
    part: Part | None = None
    for line in lines:
        if pin := _PIN.match(line):
            if part is not None:
                yield part
            part = Part("pypi", pin["name"], pin["version"], {place})
        elif part is not None and (found := _HASH.match(line)):
            part.hashes.add((found["algorithm"], found["hex"]))
        elif part is not None and (via := _VIA.match(line)):
            part.parents.add(via["parent"])
    if part is not None:
        yield part


def of_npm(text: str, place: str) -> Iterator[Part]:
    """Reads a package-lock.json, version 3: folders below node_modules."""
    packages = json.loads(text)["packages"]
    for folder, about in packages.items():
        name = folder.rpartition("node_modules/")[2]
        if not folder or "version" not in about:
            continue
        algorithm, _, digest = about.get("integrity", "").partition("-")
        hashes = {(algorithm, base64.b64decode(digest).hex())} if digest else set()
        parents = {
            other.rpartition("node_modules/")[2] or "meguri"
            for other, more in packages.items() if name in more.get("dependencies", {})
        }  # fmt: skip
        yield Part("npm", name, about["version"], {place}, hashes, parents,
                   about.get("license", ""))  # fmt: skip
