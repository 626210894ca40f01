"""The runbook's table of F1 to F15 is the one that the program plays."""

from chaos.faults import FAULTS, Fault
from infra.local.home import ROOT

RUNBOOK = (ROOT / "docs" / "runbooks" / "chaos.md").read_text(encoding="utf-8")


def row(fault: Fault) -> str:
    """Returns how the runbook tells of a fault."""
    plays, also = (
        ", ".join(f"`{name}`" for name in names) for names in (fault.scenarios, fault.also)
    )
    if fault.apart:
        plays += f" (apart: {fault.apart})"
    return f"| {fault.name} {fault.says} | {fault.passes} | {plays} | {also} |"


def test_the_runbook_has_the_table_of_the_program() -> None:
    missing = [row(each) for each in FAULTS if row(each) not in RUNBOOK.splitlines()]
    assert not missing, "\n".join(missing)


def test_the_runbook_tells_of_no_other_fault() -> None:
    told = [line for line in RUNBOOK.splitlines() if line.startswith("| F")]
    assert len(told) == len(FAULTS)
