"""What every story has: it lives through a day beside the visitors and says what it found."""

from typing import Protocol

from loadtests.hand import Send


class Story(Protocol):
    """checks: (name, passed, text) of all that must have been seen. marks: (seconds since the run
    began, text) of what happened once."""

    checks: list[tuple[str, bool, str]]
    marks: list[tuple[float, str]]

    def tell(self, send: Send) -> None:
        """Lives through the day, to its end."""
        ...
