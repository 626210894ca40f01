"""Sets of roles have names in kit.roles, and are written out nowhere else."""

import ast
from collections.abc import Iterator

import pytest

from infra.local.home import ROOT
from kit import roles
from kit.auth import EVERYBODY, Role

OWN = ("kit/roles.py", "kit/auth.py")


def written_out(source: str) -> Iterator[int]:
    """Gives the lines where two roles or more stand together in a tuple, a set or a list."""
    if source.count("Role.") < 2:  # most files: nothing to be read closely
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Tuple | ast.Set | ast.List):
            parts: list[ast.expr] = node.elts
        elif isinstance(node, ast.Call):
            parts = node.args
        else:
            continue
        if sum(_is_role(part) for part in parts) >= 2:
            yield node.lineno


def _is_role(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Role"
    )


def test_no_set_of_roles_is_written_out_elsewhere() -> None:
    found = []
    for folder in ("kit", "services", "cli", "infra", "demo"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            shown = str(path.relative_to(ROOT))
            if shown not in OWN:
                lines = written_out(path.read_text(encoding="utf-8"))
                found += [f"{shown}:{line}: name it in kit/roles.py" for line in lines]
    assert found == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("x = {Role.ADMIN, Role.CLERK}", 1),
        ("@requires(Role.ADMIN, Role.CLERK)\ndef f(): ...", 1),
        ("x = (Role.ADMIN, Role.CLERK)", 1),
        ("x = SELLERS | {Role.DEVICE}", 0),
        ("x = ((Role.ADMIN, '/admin'),)", 0),
    ],
)
def test_what_is_written_out(source: str, count: int) -> None:
    assert len(list(written_out(source))) == count


def test_no_two_names_mean_one_set() -> None:
    named: dict[frozenset[Role], list[str]] = {}
    for name in roles.__all__:
        named.setdefault(getattr(roles, name), []).append(name)
    assert [names for names in named.values() if len(names) > 1] == []


def test_whoever_does_more_may_do_the_less() -> None:
    assert roles.DOOR_KEEPERS < roles.SELLERS < roles.SALES_READERS < EVERYBODY
    assert roles.SELLERS < roles.TILLS
    assert roles.GATES < roles.TILLS
    assert roles.SHOP_OWNERS < roles.OFFICE < roles.SALES_READERS
    assert roles.ANALYSTS < roles.FEEDBACK_READERS
    # What an owner consents to an admin consents to for nobody.
    assert roles.OWNERS_ALONE == roles.SHOP_OWNERS - roles.ADMINS
    for name in set(roles.__all__) - {"PROGRAMS", "OWNERS_ALONE"}:
        assert Role.ADMIN in getattr(roles, name), name
    people = set(roles.__all__) - {"EVERYBODY"}
    assert all(Role.VISITOR not in getattr(roles, name) for name in people)
