"""The project's own checks find what they are for."""

from pathlib import Path

import pytest

from cli import tree_rules

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree of its own."""
    monkeypatch.setattr(tree_rules, "ROOT", tmp_path)
    return tmp_path


def catalog(tree: Path, locale: str, body: str) -> None:
    """Writes one catalog."""
    folder = tree / "services" / "edge" / "translations" / locale / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(HEAD + body, encoding="utf-8")


def test_complete_catalogs_pass(tree: Path) -> None:
    for locale in tree_rules.LOCALES:
        catalog(tree, locale, 'msgid "Plan %(day)s"\nmsgstr "%(day)s を計画"\n')
    assert tree_rules.catalogs() == ""


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ('msgid "Plan"\nmsgstr ""\n', "not translated"),
        ('#, fuzzy\nmsgid "Plan"\nmsgstr "計画"\n', "fuzzy"),
        ('msgid "Plan %(day)s"\nmsgstr "計画"\n', "lacks a placeholder"),
        ('msgid "Plan"\nmsgstr "%(day)s"\n', "the source lacks"),
    ],
)
def test_catalogs_with_gaps_are_found(tree: Path, body: str, complaint: str) -> None:
    catalog(tree, "ja", body)
    assert complaint in tree_rules.catalogs()
    assert "ko is missing" in tree_rules.catalogs()


@pytest.mark.parametrize(
    "line",
    [
        "see https://" + "pypi" + ".org/simple",
        "path = /" + "root/project",
        "open('/" + "home/taro/data')",
        "resolved https://" + "registry" + ".npmjs.org/a",
    ],
)
def test_addresses_and_paths_of_a_machine_are_found(tree: Path, line: str) -> None:
    (tree / "notes.md").write_text(f"fine\n{line}\n")
    assert "notes.md:2" in tree_rules.addresses()


@pytest.mark.parametrize(
    "line", ["see https://example.jp/work/a", "GET /home", f"~/{'work'}/x", "services/work/x"]
)
def test_ordinary_addresses_pass(tree: Path, line: str) -> None:
    (tree / "notes.md").write_text(line)
    assert tree_rules.addresses() == ""


def test_files_nobody_reads_in_one_sitting_are_found(tree: Path) -> None:
    (tree / "long.py").write_text("x = 1\n" * (tree_rules.MOST_LINES + 1))
    (tree / "short.py").write_text("x = 1\n" * tree_rules.MOST_LINES)
    assert "long.py" in tree_rules.sizes()
    assert "short.py" not in tree_rules.sizes()
