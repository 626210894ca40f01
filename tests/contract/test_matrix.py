"""docs/access.csv says who may open what: it is written from the code, and refuses by default."""

import csv
import io

from cli import evidence
from kit.auth import Role
from tests.pages.edge.doors import OPEN, ROLES, SIGNED, STAFF
from tests.unit.kit.test_who_may import TABLES

TEXT = evidence.MATRIX.read_text(encoding="utf-8")
ROWS = list(csv.DictReader(io.StringIO(TEXT)))


def may(row: dict[str, str]) -> set[str]:
    return {role.value for role in Role if row[role.value] == "yes"}


def test_the_written_matrix_is_that_of_the_code() -> None:
    assert evidence.matrix() == TEXT


def test_it_has_every_door_once() -> None:
    doors = [(row["by"], row["door"]) for row in ROWS]
    assert len(set(doors)) == len(doors)
    assert {door for by, door in doors if by == "http"} == set(STAFF) | SIGNED | OPEN
    assert {door.partition("/")[2] for by, door in doors if by == "grpc"} == {
        method for allowed in TABLES.values() for method in allowed
    }


def test_pages_are_as_they_were_written_out_by_hand() -> None:
    for row in ROWS:
        if row["by"] == "http" and row["door"] in STAFF:
            assert may(row) & set(ROLES) == STAFF[row["door"]], row["door"]
            assert may(row) - set(ROLES) <= {"service"}, row["door"]  # no person has that one
        elif row["by"] == "http" and row["door"] in SIGNED:
            assert not may(row) & set(ROLES), row["door"]


def test_a_visitor_is_named_nowhere_where_not_everybody_is() -> None:
    for row in ROWS:
        if "visitor" in may(row):
            assert may(row) == {role.value for role in Role}, row["door"]


def test_one_door_alone_leads_beyond_an_area() -> None:
    beyond = [row for row in ROWS if row["of area"] == "all"]
    assert [(row["door"], may(row)) for row in beyond] == [
        ("directory/ListAreas", {"admin", "service"})
    ]
