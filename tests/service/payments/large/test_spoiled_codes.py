"""A sample of the million spoiled codes; see mutations.py for the whole run."""

from tests.unit.payments.emvqr.mutations import run


def test_twenty_thousand_spoiled_codes_are_answered() -> None:
    tally = run(20_000, seed=7)
    assert tally.read == 20_000
    assert 100 < tally.valid < 15_000  # both ways are walked
