"""What every story has: it lives through a day beside the visitors and says what it found."""

from typing import Protocol

from loadtests.hand import Send


class Story(Protocol):
    """checks: (name, passed, text) of all that must have been seen."""

    checks: list[tuple[str, bool, str]]

    def tell(self, send: Send) -> None:
        """Lives through the day, to its end."""
        ...
