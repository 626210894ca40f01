"""`./meguri sbom FILE`: what Meguri is put together from, as CycloneDX, from the locks alone.

The same locks give the same bytes on every machine: nothing is read of what is installed, and no
moment is noted. What a wheel holds besides (PostgreSQL, NATS, Valkey, Caddy) is the wheel's part.
"""

import argparse
import json
import sys
import uuid
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from cli import locked
from cli.locked import Part
from cli.words import told
from infra.local.home import ROOT

_PROPERTY = "meguri:lock"


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `sbom`."""
    parser = subcommands.add_parser("sbom", help="write the list of parts as CycloneDX JSON")
    parser.add_argument("file", type=Path, metavar="FILE", help="where to; - for stdout")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the list. Returns 1 where it would not be CycloneDX or cannot be written."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - a library of the tests' lock
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415 - as above

    parts = locked.read(ROOT)
    text = document(parts)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        print(f"meguri sbom: {wrong}", file=sys.stderr)
        return 1
    if str(arguments.file) == "-":
        print(text, end="")
        return 0
    try:
        arguments.file.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"meguri sbom: {told(str(error))}", file=sys.stderr)
        return 1
    run_count = sum(is_run(part) for part in parts)
    if arguments.json:
        print(json.dumps({"parts": len(parts), "of_these_run": run_count,
                          "file": str(arguments.file)}))  # fmt: skip
    else:
        print(f"{arguments.file}: {len(parts)} parts, {run_count} of them in what is installed")
    return 0


def is_run(part: Part) -> bool:
    """Tells whether an installation has it, not only tests and benches."""
    return locked.RUN in part.places or any(each.startswith("services/") for each in part.places)


def document(parts: Sequence[Part]) -> str:
    """Returns CycloneDX 1.6 as JSON with a line break at its end."""
    from cyclonedx.model.bom import Bom  # noqa: PLC0415 - a library of the tests' lock
    from cyclonedx.model.component import Component, ComponentType  # noqa: PLC0415 - as above
    from cyclonedx.output.json import JsonV1Dot6  # noqa: PLC0415 - as above

    bom = Bom()
    # Beside what was made by hand, a list made anew says the same: no moment, no random number.
    bom.metadata.timestamp = None  # type: ignore[assignment]  # the format allows none
    own = Component(name="meguri", type=ComponentType.APPLICATION, bom_ref="meguri")
    bom.metadata.component = own
    made = {part.purl: _component(part) for part in parts}
    bom.components.update(made.values())
    children: dict[tuple[str, str], list[Any]] = {}
    for part in parts:
        for parent in part.parents or {"meguri"}:
            kind = "" if parent == "meguri" else part.kind
            children.setdefault((kind, parent), []).append(made[part.purl])
    bom.register_dependency(own, children.get(("", "meguri"), ()))
    for part in parts:
        bom.register_dependency(made[part.purl], children.get((part.kind, part.name), ()))
    digest = sha256("\n".join(f"{part}" for part in map(_said, parts)).encode()).hexdigest()
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"meguri:sbom:{digest}")
    answer: str = JsonV1Dot6(bom).output_as_string(indent=2)
    return answer.rstrip() + "\n"


def _said(part: Part) -> str:
    return " ".join([part.purl, *sorted(part.places), *sorted(map(str, part.hashes))])


def _component(part: Part) -> Any:
    from cyclonedx.model import (  # noqa: PLC0415 - a library of the tests' lock
        ExternalReference,
        ExternalReferenceType,
        HashAlgorithm,
        HashType,
        Property,
        XsUri,
    )
    from cyclonedx.model.component import (  # noqa: PLC0415 - as above
        Component,
        ComponentScope,
        ComponentType,
    )
    from cyclonedx.model.license import LicenseExpression  # noqa: PLC0415 - as above
    from packageurl import PackageURL  # noqa: PLC0415 - as above

    hashes = [HashType(alg=HashAlgorithm(f"{name[:3].upper()}-{name[3:]}"), content=digest)
              for name, digest in sorted(part.hashes)]  # fmt: skip
    # A lock names a hash for each file a library was published as, none of them the library's own.
    where = XsUri(f"urn:meguri:{part.kind}:{part.name}")
    references = [ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=where,
                                    hashes=hashes)] if hashes else []  # fmt: skip
    return Component(
        name=part.name, version=part.version, type=ComponentType.LIBRARY, bom_ref=part.purl,
        scope=ComponentScope.REQUIRED if is_run(part) else ComponentScope.EXCLUDED,
        purl=PackageURL.from_string(part.purl), external_references=references,
        licenses=[LicenseExpression(part.license)] if part.license else (),
        properties=[Property(name=_PROPERTY, value=place) for place in sorted(part.places)],
    )  # fmt: skip
