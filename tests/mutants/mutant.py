"""What a mutant is, and what must notice it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One mistake: in a file, a text that stands there once and what replaces it.

    command: what must notice, after the interpreter's name.
    """

    file: str
    right: str
    wrong: str
    command: tuple[str, ...]


def pytest(*words: str) -> tuple[str, ...]:
    """Returns the command that runs tests until the first one fails."""
    return ("-m", "pytest", "-x", "-p", "no:cacheprovider", *words)


def chaos(scenario: str) -> tuple[str, ...]:
    """Returns the command that runs a short fault test."""
    return ("-m", "cli", "chaos", "--scenario", scenario, "--payments", "120")
