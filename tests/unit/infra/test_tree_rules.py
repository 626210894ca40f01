"""The project's own checks find what they are for."""

from pathlib import Path

import pytest

from cli import tree_rules
from infra.local.home import ROOT

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree of its own."""
    monkeypatch.setattr(tree_rules, "ROOT", tmp_path)
    return tmp_path


def catalog(tree: Path, locale: str, body: str, owner: str = "edge") -> None:
    """Writes one catalog."""
    folder = tree / "services" / owner / "translations" / locale / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(HEAD + body, encoding="utf-8")


def test_complete_catalogs_pass(tree: Path) -> None:
    for locale in tree_rules.LOCALES:
        catalog(tree, locale, 'msgid "Plan %(day)s"\nmsgstr "%(day)s を計画"\n')
    assert tree_rules.catalogs() == ""


def test_what_visitors_read_has_every_language_that_was_begun(tree: Path) -> None:
    for locale in (*tree_rules.LOCALES, "fr"):
        catalog(tree, locale, "")
    for blueprint in ("plan", "studio"):
        for locale in tree_rules.LOCALES:
            catalog(tree, locale, "", f"edge/{blueprint}")
    assert tree_rules.catalogs() == "services/edge/plan/translations: fr is missing"


@pytest.mark.parametrize("owner", ["edge", "edge/visitor", "edge/plan", "edge/occupancy"])
def test_a_text_that_visitors_of_one_language_lack_is_found(tree: Path, owner: str) -> None:
    known = 'msgid "Way out"\nmsgstr "出口"\n\n'
    new = 'msgid "High water"\nmsgstr "増水"\n'
    if owner != "edge":
        for locale in (*tree_rules.LOCALES, "th"):
            catalog(tree, locale, "")
    for locale in tree_rules.LOCALES:
        catalog(tree, locale, known + new, owner)
    catalog(tree, "th", known, owner)
    folder = f"services/{owner}/translations"
    assert tree_rules.catalogs() == f"{folder}/th: 'High water' is missing"


def test_a_plural_that_a_language_of_visitors_has_without_its_forms_is_found(tree: Path) -> None:
    for locale in tree_rules.LOCALES:
        catalog(tree, locale, 'msgid "more"\nmsgid_plural "more"\nmsgstr[0] "他"\n')
    catalog(tree, "th", 'msgid "more"\nmsgstr "อีก"\n')
    assert tree_rules.catalogs() == (
        "services/edge/translations/th: 'more' has a plural here or in ja, not in both"
    )


def test_pages_of_the_staff_need_no_text_of_visitors_languages(tree: Path) -> None:
    for locale in tree_rules.LOCALES:
        catalog(tree, locale, 'msgid "Refund"\nmsgstr "返金"\n', "edge/till")
    catalog(tree, "th", 'msgid "Receipt"\nmsgstr "ใบเสร็จ"\n', "edge/till")
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
    ("text", "well"),
    [
        ("Ouvert\u202f?", True), ("Ouvert ?", False), ("Ouvert\u00a0?", False), ("Ouvert?", False),
        ("%(name)s\u202f: fermé", True), ("%(name)s: fermé", False), ("{names} : fermé", False),
        ("«\u202fA\u202f» ici", True), ("« A » ici", False), ("«A»", False),
        ("à 9:30, https://a.b/?c=d", True), ("des lettres ou . _ : -", True),
    ],
)  # fmt: skip
def test_french_marks_stand_behind_a_narrow_blank(tree: Path, text: str, *, well: bool) -> None:
    for locale in tree_rules.LOCALES:
        catalog(tree, locale, 'msgid "%(name)s{names}"\nmsgstr "%(name)s: {names}"\n')
    catalog(tree, "fr", f'msgid "%(name)s{{names}}"\nmsgstr "{text} %(name)s{{names}}"\n')
    told = tree_rules.catalogs()
    assert told == ("" if well else "services/edge/translations/fr: line 5: '%(name)s{names}' lacks"
                    " a narrow blank (U+202F)")  # fmt: skip


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


def module(tree: Path, path: str, line: str) -> None:
    """Writes one module of a service."""
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text(f'"""A module."""\n\n{line}\n')


@pytest.mark.parametrize(
    "line",
    [
        "from meguri.payments.v1 import payments_service_pb2_grpc as calls",
        "from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub",
        "    import meguri.payments.v1.payments_service_pb2_grpc",
    ],
)
def test_a_service_that_could_call_another_is_found(tree: Path, line: str) -> None:
    module(tree, "services/insights/app/ask.py", line)
    assert tree_rules.stubs() == (
        "services/insights/app/ask.py:3: insights may not call payments; hear its events"
    )


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("services/payments/api.py", "from meguri.payments.v1 import payments_service_pb2_grpc"),
        ("services/edge/till/a.py", "from meguri.payments.v1 import payments_service_pb2_grpc"),
        (
            "services/itinerary/cli/__init__.py",
            "from meguri.directory.v1 import directory_service_pb2_grpc",
        ),
        ("services/insights/events.py", "from meguri.payments.v1 import payments_service_pb2"),
    ],
)
def test_what_may_be_imported_passes(tree: Path, path: str, line: str) -> None:
    module(tree, path, line)
    assert tree_rules.stubs() == ""


def test_a_module_of_kit_that_the_import_rules_forget_is_found(tree: Path) -> None:
    (tree / "kit").mkdir()
    for name in ("db", "dbx", "__init__"):
        (tree / "kit" / f"{name}.py").write_text("")
    (tree / ".importlinter").write_text("forbidden_modules =\n    kit.db\n    meguri\n")
    assert tree_rules.pure() == ".importlinter: contract:pure forgets kit.dbx"


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "# noqa: S105",
        "# noqa: S105 -",
        "# noqa: S105, PTH123",
        "# noqa S105 - of the specification",
        "# ruff: noqa: E501",
        "# type: ignore",
        "# type: ignore[misc]",
        "# type: ignore # ships no types",
        "# type: ignore[misc] # noqa: S105 - of the specification",
        "# of the session # noqa: S105",
    ],
)
def test_a_check_that_is_hushed_without_a_reason_is_found(tree: Path, comment: str) -> None:
    module(tree, "kit/auth.py", f"WORD = 1  {comment}")
    assert tree_rules.reasons().startswith("kit/auth.py:3: say why: ")
    assert tree_rules.reasons().count("\n") == 0


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("kit/a.py", "WORD = 1  # noqa: S105 - of the specification"),
        ("kit/a.py", "WORD = 1  # of the session  # noqa: S105, PTH123 - a name"),
        ("kit/a.py", "# ruff: noqa: E501 - path data reads best unbroken"),
        ("kit/a.py", "WORD = 1  # type: ignore[arg-type, misc]  # a number by now"),
        ("kit/a.py", "WORD = 1  # type: ignore[misc] # no types # noqa: S105 - a name"),
        ("kit/a.py", "WORD = '# noqa'"),
        ("tests/unit/test_a.py", "WORD = 1  # noqa: S105"),
    ],
)
def test_a_check_may_be_hushed_with_a_reason_and_by_tests(tree: Path, path: str, line: str) -> None:
    module(tree, path, line)
    assert tree_rules.reasons() == ""


def test_tests_in_a_browser_wait_for_answers_not_for_promises() -> None:
    """Playwright's own wait takes a promise for a yes; look.until hears it out."""
    waits = [
        path
        for path in (ROOT / "tests/system").rglob("*.py")
        if ".wait_for_function(" in path.read_text(encoding="utf-8")
    ]
    assert waits == []
