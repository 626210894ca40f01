"""The table of files in a README lists what its folder holds: all of it, and nothing else."""

from pathlib import Path

import pytest

from infra.local.home import ROOT
from tests.contract.documents.documents import Table, all_of, as_listed, file_tables, modules_of

DOCUMENTS = [
    path for path in all_of(ROOT)
    if path.name == "README.md" and path.parent != ROOT and modules_of(path.parent)
]  # fmt: skip


def complaints(tables: list[Table]) -> list[str]:
    """Returns what tables of one document lack, and what they list that is not there."""
    found = []
    for table in tables:
        there = modules_of(table.folder)
        listed = {as_listed(name) for name in table.names if name.rstrip("/").count("/") == 0}
        shown = f"{table.document.name} of {table.folder.name}/"
        found += [f"{shown} does not list {name}" for name in sorted(there - listed)]
        found += [f"{shown} lists {name}, which is not there" for name in sorted(listed - there)]
        found += [
            f"{shown} lists {name} twice"
            for name in set(table.names)
            if table.names.count(name) > 1
        ]
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_readme_lists_what_its_folder_holds(document: Path) -> None:
    tables = list(file_tables(document))
    assert document.parent in {table.folder for table in tables}, "it has no table of its files"
    assert complaints(tables) == []


def test_every_service_has_one() -> None:
    with_readme = {path.parent.name for path in DOCUMENTS}
    services = {path.parent.name for path in (ROOT / "services").glob("*/main.py")}
    assert services
    assert services | {"kit"} <= with_readme


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("| file | does |\n|---|---|\n| `a.py` `c/` | x |", []),
        ("| file | does |\n|---|---|\n| `a.py` | x |", ["does not list c/"]),
        ("| module | gives |\n|---|---|\n| `a`, `b`, `c/` | x |",
         ["lists b.py, which is not there"]),
        ("| file | does |\n|---|---|\n| `a.py` `a.py` `c/` | x |", ["lists a.py twice"]),
        ("| file of `c/` | does |\n|---|---|\n| `e.py` | x |",
         ["does not list d.py", "lists e.py, which is not there"]),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(tmp_path: Path, table: str, complaint: list[str]) -> None:
    (tmp_path / "a.py").touch()
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "d.py").touch()
    readme = tmp_path / "README.md"
    readme.write_text(table)
    found = complaints(list(file_tables(readme)))
    assert [each.split("/ ", 1)[1] for each in found] == complaint
