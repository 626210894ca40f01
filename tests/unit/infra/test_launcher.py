"""The launcher parses on old Pythons, refuses them clearly, and installs only what is missing."""

import ast
import importlib.machinery
import importlib.metadata
import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent.parent
LAUNCHER = ROOT / "meguri"


@pytest.fixture
def launcher() -> ModuleType:
    """The launcher as a module."""
    loader = importlib.machinery.SourceFileLoader("meguri_launcher", str(LAUNCHER))
    spec = importlib.util.spec_from_loader("meguri_launcher", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize("minor", range(7, 15))
def test_it_parses_on_every_python_3(minor: int) -> None:
    ast.parse(LAUNCHER.read_text(), feature_version=(3, minor))


def test_it_uses_no_formatted_strings_or_annotations_that_old_pythons_lack() -> None:
    tree = ast.parse(LAUNCHER.read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.AnnAssign)]


def test_it_imports_the_standard_library_only() -> None:
    tree = ast.parse(LAUNCHER.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import)
             for alias in node.names}  # fmt: skip
    assert names <= sys.stdlib_module_names
    taken = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert taken == {"pathlib", "infra.local"}  # and of ours only what keeps to the same rule:
    own = ast.parse((ROOT / "infra" / "local" / "bytecode.py").read_text())
    names = {alias.name for node in ast.walk(own) if isinstance(node, ast.Import)
             for alias in node.names}  # fmt: skip
    taken = {node.module for node in ast.walk(own) if isinstance(node, ast.ImportFrom)}
    assert names | taken <= sys.stdlib_module_names | {"collections.abc"}


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 10), (3, 14), (4, 0)])
def test_other_pythons_are_refused_with_the_reason(
    launcher: ModuleType, version: tuple[int, int]
) -> None:
    text = launcher.refusal(version, "linux")
    assert "3.11, 3.12 or 3.13" in text
    assert f"{version[0]}.{version[1]}" in text


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_fitting_pythons_are_not_refused(launcher: ModuleType, version: tuple[int, int]) -> None:
    assert launcher.refusal(version, "linux") == ""
    assert "WSL" in launcher.refusal(version, "win32")


def test_the_block_of_one_package_has_its_version_and_all_hashes(
    launcher: ModuleType, tmp_path: Path
) -> None:
    lock = tmp_path / "lock"
    lock.write_text(
        "uvloop==1 \\\n    --hash=sha256:aa\n"
        "uv==2 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n    # via meguri\n"
        "werkzeug==3 \\\n    --hash=sha256:dd\n"
    )
    block = launcher.block_of("uv", str(lock))
    assert block.splitlines()[:3] == [
        "uv==2 \\", "    --hash=sha256:bb \\", "    --hash=sha256:cc",
    ]  # fmt: skip
    assert "uvloop" not in block
    assert "werkzeug" not in block


def test_a_set_counts_as_installed_only_for_the_lock_file_as_it_is(
    launcher: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python, stamp = tmp_path / "python", tmp_path / "stamp.json"
    python.touch()
    for name, lock in launcher.LOCKS.items():
        (tmp_path / lock).write_text(name)
    monkeypatch.setattr(launcher, "ROOT", str(tmp_path))
    monkeypatch.setattr(launcher, "PYTHON", str(python))
    monkeypatch.setattr(launcher, "STAMP", str(stamp))
    assert not launcher.is_installed(("run",))
    stamp.write_text(json.dumps({"run": launcher.fingerprint("run")}))
    assert launcher.is_installed(("run",))
    assert not launcher.is_installed(("run", "test"))
    (tmp_path / launcher.LOCKS["run"]).write_text("changed")
    assert not launcher.is_installed(("run",))


def test_every_command_that_needs_more_than_running_says_so(launcher: ModuleType) -> None:
    assert launcher.NEEDS["test"] == ("run", "test")
    assert "test" in launcher.NEEDS["check"]
    assert "load" in launcher.NEEDS["load"]


def test_the_lock_files_name_no_address(launcher: ModuleType) -> None:
    for lock in launcher.LOCKS.values():
        text = (ROOT / lock).read_text()
        assert "://" not in text
        assert "--index" not in text
        assert "--hash=sha256:" in text


@pytest.mark.parametrize(
    ("environment", "japanese"),
    [
        ({}, False),
        ({"LANG": "ja_JP.UTF-8"}, True),
        ({"LANG": "ja"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, False),
        ({"LC_MESSAGES": "ja_JP", "LANG": "C"}, True),
        ({"LANGUAGE": "en:ja", "LANG": "ja_JP.UTF-8"}, False),
    ],
)
def test_it_speaks_the_language_of_the_terminal(
    launcher: ModuleType,
    environment: dict[str, str],
    japanese: bool,  # noqa: FBT001 - a cell of a table
) -> None:
    assert launcher.speaks_japanese(environment) is japanese


def test_what_it_says_is_known_in_japanese(launcher: ModuleType) -> None:
    tree = ast.parse(LAUNCHER.read_text())
    said = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
        if isinstance(node.args[0], ast.Constant)
    }
    assert said
    assert said <= set(launcher.JAPANESE)


# The folder each command runs; peers live in an environment of their own (`bench.itinerary`).
RUN_BY = {
    "up": ("cli", "infra", "kit", "services", "simulators"),
    "demo": ("demo",),
    "chaos": ("chaos",),
    "bench": ("bench",),
    "load": ("loadtests",),
    "simulate": ("simulation",),
    "sbom": ("cli",),
}
ALONE = {"cli/sbom.py": "sbom"}  # files that one command alone runs, where more is installed
PEERS = {"ortools", "pyvrp"}
IMPORT = re.compile(
    r"^ *(?:from (\w+)[\w.]* import |import (\w+)[\w.]*(?: as \w+)?(?:  #.*)?$)", re.MULTILINE
)
# Only looked at by the checker of types.
NOT_PINNED = {"_typeshed"}
OURS = {"bench", "chaos", "cli", "demo", "infra", "kit", "loadtests", "meguri", "services",
        "simulation", "simulators"}  # fmt: skip


@pytest.mark.parametrize("command", RUN_BY)
def test_what_a_command_imports_is_installed_for_it(launcher: ModuleType, command: str) -> None:
    pinned = set()
    for name in launcher.NEEDS.get(command, ("run",)):
        for line in (ROOT / launcher.LOCKS[name]).read_text().splitlines():
            if "==" in line and not line.startswith((" ", "#")):
                pinned.add(line.split("==")[0].split("[")[0])
    distributions = importlib.metadata.packages_distributions()
    missing = {
        f"{path.relative_to(ROOT)}: {module}"
        for folder in RUN_BY[command]
        for path in (ROOT / folder).rglob("*.py")
        if ALONE.get(str(path.relative_to(ROOT)), command) == command
        for module in imported(path) - OURS - PEERS - NOT_PINNED - sys.stdlib_module_names
        if not {_as_pinned(name) for name in distributions.get(module, [module])} & pinned
    }
    assert not missing


def imported(path: Path) -> set[str]:
    """Returns the first words of all modules that a file imports; read as lines, for speed."""
    return {first or second for first, second in IMPORT.findall(path.read_text())}


def _as_pinned(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
