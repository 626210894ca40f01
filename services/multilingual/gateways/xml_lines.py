"""XML as plain nodes that know their line; no document type, so no entities that grow."""

from dataclasses import dataclass, field
from xml.parsers import expat

MAX_DEPTH = 30
# The largest guide has 39,000 elements in XLIFF 2.0. A file full of empty ones takes 700 MB.
MAX_NODES, MAX_ATTRIBUTES = 100_000, 200_000


class XmlRefused(ValueError):
    """No XML, or XML that is none of ours: a document type, too many elements. line: from 1."""

    def __init__(self, line: int, why: str) -> None:
        self.line = line
        super().__init__(why)


@dataclass
class Node:
    """An element. name and keys of attributes: "namespace local" or plain. parts: text, nodes."""

    name: str
    attributes: dict[str, str]
    line: int
    parts: "list[str | Node]" = field(default_factory=list)

    def children(self, name: str) -> "list[Node]":
        """Returns the elements of a name right below."""
        return [each for each in self.parts if isinstance(each, Node) and each.name == name]

    def child(self, name: str) -> "Node | None":
        """Returns the first element of a name right below."""
        return next(iter(self.children(name)), None)


def parse(text: str) -> Node:
    """Returns the root. Errors: XmlRefused."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    top = Node("", {}, 0)
    open_nodes = [top]
    nodes = given = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal nodes, given
        nodes += 1
        given += len(attributes)
        if nodes > MAX_NODES or given > MAX_ATTRIBUTES:
            raise XmlRefused(parser.CurrentLineNumber, "too many elements or attributes")
        if len(open_nodes) > MAX_DEPTH:
            raise XmlRefused(parser.CurrentLineNumber, "nested too deeply")
        node = Node(name, attributes, parser.CurrentLineNumber)
        open_nodes[-1].parts.append(node)
        open_nodes.append(node)

    def words(data: str) -> None:
        open_nodes[-1].parts.append(data)

    def doctype(*_: object) -> None:
        raise XmlRefused(parser.CurrentLineNumber, "a document type is not allowed")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_nodes.pop()
    parser.CharacterDataHandler = words
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text.encode(), True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        raise XmlRefused(error.lineno, expat.ErrorString(error.code)) from None
    return next(each for each in top.parts if isinstance(each, Node))
