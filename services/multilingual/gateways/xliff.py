"""Translations as XLIFF 1.2 and 2.0 (OASIS). One file element for each stop.

A translation nobody has read is `needs-review-translation` (1.2), or has the sub-state of our own
that a program takes away with any change of state (2.0). Programs may split a unit into segments:
they are joined.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from services.multilingual.domain.exchange import Fault, FileDamaged, Kind, Problem, Sheet, Unit
from services.multilingual.gateways.xml_lines import Node, XmlRefused, parse

V1 = "urn:oasis:names:tc:xliff:document:1.2"
V2 = "urn:oasis:names:tc:xliff:document:2.0"
_ORIGINAL = re.compile(r"meguri:([^:/?\s]{1,40})\?source=([0-9]{1,9})&base=([0-9]{1,9})")
# States that say a person has been through it.
_READ_1 = frozenset({"translated", "final", "signed-off"})
_READ_2 = frozenset({"translated", "reviewed", "final"})
_UNREAD_2 = "meguri:machine-draft"

Found = Iterable[Unit | Problem]


def write_1_2(sheet: Sheet) -> str:
    """Returns the XLIFF 1.2 file of a sheet."""
    root = ET.Element("xliff", {"xmlns": V1, "version": "1.2"})
    for code, of_stop in groupby(sheet.units, key=lambda unit: unit.stop_code):
        units = list(of_stop)
        file = ET.SubElement(root, "file", {
            "original": _original(units[0]),
            "source-language": sheet.source_locale,
            "target-language": sheet.locale,
            "datatype": "plaintext",
        })  # fmt: skip
        body = ET.SubElement(file, "body")
        for unit in units:
            made = ET.SubElement(body, "trans-unit", {"id": f"{code}.{unit.part}"})
            ET.SubElement(made, "source").text = unit.source
            if unit.target:
                state = "signed-off" if unit.read else "needs-review-translation"
                ET.SubElement(made, "target", {"state": state}).text = unit.target
            ET.SubElement(made, "note").text = unit.about
    return _text(root)


def write_2_0(sheet: Sheet) -> str:
    """Returns the XLIFF 2.0 file of a sheet."""
    root = ET.Element(
        "xliff",
        {"xmlns": V2, "version": "2.0", "srcLang": sheet.source_locale, "trgLang": sheet.locale},
    )
    for code, of_stop in groupby(sheet.units, key=lambda unit: unit.stop_code):
        units = list(of_stop)
        file = ET.SubElement(root, "file", {"id": code, "original": _original(units[0])})
        for unit in units:
            made = ET.SubElement(file, "unit", {"id": f"{code}.{unit.part}"})
            notes = ET.SubElement(made, "notes")
            ET.SubElement(notes, "note").text = unit.about
            segment = ET.SubElement(made, "segment", _state_2(unit))
            ET.SubElement(segment, "source").text = unit.source
            if unit.target:
                ET.SubElement(segment, "target").text = unit.target
    return _text(root)


def read(text: str) -> Sheet:
    """Reads either version. Errors: FileDamaged."""
    try:
        root = parse(text)
    except XmlRefused as error:
        raise FileDamaged([Problem(error.line, Kind.SYNTAX, fault=Fault.XML_BROKEN)]) from None
    if root.name == f"{V1} xliff":
        sheet, found = _read_1(root)
    elif root.name == f"{V2} xliff":
        sheet, found = _read_2(root)
    else:
        raise FileDamaged([Problem(root.line, Kind.SYNTAX, fault=Fault.NOT_XLIFF)])
    problems = [each for each in found if isinstance(each, Problem)]
    if problems:
        raise FileDamaged(problems)
    units = tuple(each for each in found if isinstance(each, Unit))
    return Sheet(sheet.source_locale, sheet.locale, units)


def _read_1(root: Node) -> tuple[Sheet, list[Unit | Problem]]:
    files = root.children(f"{V1} file")
    languages = {
        (each.attributes.get("source-language", ""), each.attributes.get("target-language", "")):
        each.line for each in files
    }  # fmt: skip
    if len(languages) > 1:
        line = max(languages.values())
        several = Problem(line, Kind.TARGET_LANGUAGE, fault=Fault.SEVERAL_LANGUAGES)
        raise FileDamaged([several])
    source, target = next(iter(languages), ("", ""))
    found: list[Unit | Problem] = []
    for file in files:
        found += _of_file(file, lambda file: _inside(file, f"{V1} trans-unit"), _unit_1)
    return Sheet(source, target, ()), found


def _read_2(root: Node) -> tuple[Sheet, list[Unit | Problem]]:
    found: list[Unit | Problem] = []
    for file in root.children(f"{V2} file"):
        found += _of_file(file, lambda file: _inside(file, f"{V2} unit"), _unit_2)
    source, target = root.attributes.get("srcLang", ""), root.attributes.get("trgLang", "")
    return Sheet(source, target, ()), found


def _of_file(
    file: Node,
    units: Callable[[Node], Iterable[Node]],
    read_unit: Callable[[Node], tuple[str, str, bool, str]],
) -> Found:
    made_from = _ORIGINAL.fullmatch(file.attributes.get("original", ""))
    for node in units(file):
        name = node.attributes.get("id", "")
        code, _, part = name.partition(".")
        if made_from is None:
            yield Problem(file.line, Kind.REVISION, name[:80])
        elif code != made_from[1] or not part:
            yield Problem(node.line, Kind.UNIT_UNKNOWN, name[:80])
        else:
            try:
                source, target, read_by, about = read_unit(node)
            except _Marked as error:
                yield Problem(error.line, Kind.MARKUP, f"{code} {part} <{error}>"[:80])
                continue
            revisions = int(made_from[2]), int(made_from[3])
            yield Unit(code, part, source, target, read_by and bool(target), *revisions,
                       about, node.line)  # fmt: skip


def _unit_1(node: Node) -> tuple[str, str, bool, str]:
    target = node.child(f"{V1} target")
    approved = node.attributes.get("approved") == "yes"
    state = target.attributes.get("state", "") if target else ""
    return (
        _words(node.child(f"{V1} source")),
        _words(target),
        approved or state in _READ_1,
        _words(node.child(f"{V1} note")),
    )


def _unit_2(node: Node) -> tuple[str, str, bool, str]:
    segments = [
        each for each in node.parts
        if isinstance(each, Node) and each.name in (f"{V2} segment", f"{V2} ignorable")
    ]  # fmt: skip
    states = [
        (each.attributes.get("state", "initial"), each.attributes.get("subState"))
        for each in node.children(f"{V2} segment")
    ]
    notes = node.child(f"{V2} notes")
    return (
        "".join(_raw(each.child(f"{V2} source")) for each in segments).strip(),
        "".join(_raw(each.child(f"{V2} target")) for each in segments).strip(),
        bool(states) and all(at in _READ_2 and sub != _UNREAD_2 for at, sub in states),
        _words(notes.child(f"{V2} note") if notes else None),
    )


class _Marked(ValueError):
    """Markup where our texts have none; its text names the element."""

    def __init__(self, node: Node) -> None:
        self.line = node.line
        super().__init__(node.name.rpartition(" ")[2])


def _words(node: Node | None) -> str:
    return _raw(node).strip()


def _raw(node: Node | None) -> str:
    """Returns the text of an element. Marks of segments are passed through; others hold text that
    a program would show to nobody. Errors: _Marked."""
    if node is None:
        return ""
    found = []
    for part in node.parts:
        if isinstance(part, str):
            found.append(part)
        elif part.name in (f"{V1} mrk", f"{V2} mrk"):
            found.append(_raw(part))
        else:
            raise _Marked(part)
    return "".join(found)


def _inside(node: Node, name: str) -> Iterator[Node]:
    """Yields elements of a name, also inside groups."""
    for part in node.parts:
        if isinstance(part, Node):
            if part.name == name:
                yield part
            else:
                yield from _inside(part, name)


def _state_2(unit: Unit) -> dict[str, str]:
    if not unit.target:
        return {"state": "initial"}
    return {"state": "final"} if unit.read else {"state": "translated", "subState": _UNREAD_2}


def _original(unit: Unit) -> str:
    return f"meguri:{unit.stop_code}?source={unit.source_revision}&base={unit.base_revision}"


def _text(root: ET.Element) -> str:
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
