"""How many examples a property is tried with.

Three Hypothesis profiles, all without a deadline per example (a busy machine is no mistake):
quick while you write, whole in a run of everything (each the same examples on every machine), and
deep, with other examples every time: `./meguri test tests/unit --hypothesis-profile=deep`.
"""

from hypothesis import settings

WHOLE = 40


def register() -> None:
    """Makes the profiles known and takes the quick one unless pytest is told otherwise."""
    usual = settings(deadline=None, derandomize=True, database=None)
    settings.register_profile("quick", usual, max_examples=20)
    settings.register_profile("whole", usual, max_examples=WHOLE)
    settings.register_profile("deep", usual, derandomize=False, max_examples=1_000, print_blob=True)
    settings.load_profile("quick")


def share(of_whole: int) -> settings:
    """Settings of a property whose examples are dear or cheap: how many a whole run tries.

    Other profiles try as many times more or less as they do of any other property.
    """
    return settings(max_examples=-(-of_whole * settings().max_examples // WHOLE))
