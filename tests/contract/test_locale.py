"""Texts get from sources into catalogs, and what translators wrote stays as it is."""

import json
from argparse import Namespace
from pathlib import Path

import pytest

from cli import locale, tree_rules

KNOWN = """# Machine drafts are marked.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: ko\\n"

# seen by 김
#, fuzzy
msgid "Pay"
msgstr   "결제"

msgid "Gone"
msgstr "없음"
"""
EDGE = "services/edge/translations/{}/LC_MESSAGES/messages.po"
TILL = "services/edge/till/translations/{}/LC_MESSAGES/messages.po"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with one page, one module, the till and a command."""
    edge = tmp_path / "services" / "edge"
    page = "{% do [] %}{{ _('Pay') }} {{ ngettext('%(num)s stop', '%(num)s stops', 2) }}"
    write(edge / "templates" / "page.html", page)
    write(
        edge / "words.py",
        'text = _l("Pay at %(shop)s"), pgettext("of a day", "Date"), f"{_(\'all\'):<9}"\n',
    )
    write(tmp_path / EDGE.format("ko"), KNOWN)
    write(edge / "till" / "routes.py", 'text = gettext("Till")\n')
    write(edge / "till" / "slip.py", 'text = gettext("Receipt")\n')
    write(tmp_path / TILL.format("th"), 'msgid ""\nmsgstr ""\n"Language: th\\n"\n')
    write(tmp_path / "cli" / "up.py", 'text = N_("start everything")\n')
    command = 'msgid ""\nmsgstr ""\n"Language: ja\\n"\n\nmsgid "usage: "\nmsgstr "使い方: "\n'
    write(tmp_path / "cli/translations/ja/LC_MESSAGES/messages.po", command)
    monkeypatch.setattr(locale, "ROOT", tmp_path)
    monkeypatch.setattr(tree_rules, "ROOT", tmp_path)
    return tmp_path


def ask(verb: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, list[str]]]:
    """Runs a verb. Returns its exit code, and what each catalog that lacks something lacks."""
    code = getattr(locale, f"run_{verb}")(Namespace(json=True))
    told = json.loads(capsys.readouterr().out)
    return code, {each["path"]: each["missing"] for each in told if each["missing"]}


def test_extract_says_what_is_lacking_and_changes_nothing(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in tree.rglob("*.po")}
    code, missing = ask("extract", capsys)
    assert code == 1
    texts = ["%(num)s stop", "Pay at %(shop)s", "Date", "all"]
    assert missing == {
        EDGE.format("ko"): texts,
        **{EDGE.format(each): ["Pay", *texts] for each in ("ja", "zh_Hans", "zh_Hant")},
        **{TILL.format(each): ["Till", "Receipt"] for each in tree_rules.LOCALES},
        TILL.format("th"): ["Receipt"],  # what customers are shown
        "cli/translations/ja/LC_MESSAGES/messages.po": ["start everything"],
    }
    assert {path: path.read_bytes() for path in tree.rglob("*.po")} == before


def test_update_adds_and_keeps_translations_and_their_state(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask("update", capsys)[0] == 0
    korean = tree / EDGE.format("ko")
    written = korean.read_text(encoding="utf-8")
    assert written.startswith(KNOWN)
    assert '\nmsgid "Pay at %(shop)s"\nmsgstr ""\n' in written
    assert '\nmsgctxt "of a day"\nmsgid "Date"\nmsgstr ""\n' in written
    assert '\nmsgid_plural "%(num)s stops"\nmsgstr[0] ""\n' in written
    assert written.count("fuzzy") == KNOWN.count("fuzzy"), "nothing is guessed"
    assert ask("extract", capsys) == (0, {})
    before = korean.read_bytes()
    assert ask("update", capsys)[0] == 0
    assert korean.read_bytes() == before


def test_a_new_text_fails_the_checks_until_it_is_translated(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking = locale.check()
    assert f"{TILL.format('ja')}: 'Till' is missing; ./meguri locale update adds it" in lacking
    ask("update", capsys)
    assert locale.check() == ""
    assert "'Till' is not translated" in tree_rules.catalogs()


def test_a_new_catalog_has_the_plurals_of_its_language(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tree / EDGE.format("fr"), 'msgid ""\nmsgstr ""\n"Language: fr\\n"\n')
    write(tree / "services/edge/plan/words.py", 'text = ngettext("a day", "%(num)s days", 2)\n')
    (tree / "services/edge/plan/translations").mkdir()
    ask("update", capsys)
    french = (tree / "services/edge/plan/translations/fr/LC_MESSAGES/messages.po").read_text()
    assert "nplurals=2" in french
    assert 'msgstr[1] ""' in french


def test_entries_no_source_has_are_told_and_stay(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert locale.run_extract(Namespace(json=False)) == 1
    told = capsys.readouterr().out
    assert f"? {EDGE.format('ko')}: Gone" in told
    assert "usage" not in told, "the parser of commands says it"


def test_tidy_takes_out_what_no_source_has_and_nothing_else(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    korean = tree / EDGE.format("ko")
    ask("tidy", capsys)
    assert korean.read_text(encoding="utf-8") == KNOWN.partition('\nmsgid "Gone"')[0]
    command = tree / "cli/translations/ja/LC_MESSAGES/messages.po"
    assert 'msgid "usage: "' in command.read_text(encoding="utf-8")  # argparse says it
    before = korean.stat().st_mtime_ns
    ask("tidy", capsys)
    assert korean.stat().st_mtime_ns == before
